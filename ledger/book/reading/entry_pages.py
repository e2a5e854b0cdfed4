"""Reads entries: the sides of transfers by account, each with the sums of its account after it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.book.judging.sums import Sums
from ledger.book.records.accounts import Account, AccountId, Side
from ledger.book.records.transfers import Kind, TransferId
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice, position_bounds
from ledger.kernel.sql import table
from ledger.kernel.waiting import give_way
from ledger.kernel.work import Reader

_ACCOUNTS: Final = table(Account)


class EntryView(NamedTuple):
    """One side of a transfer on an account, with the sums of the account after it."""

    account_id: AccountId
    normal_side: Side
    currency: str
    transfer_id: TransferId
    seq: int
    side: Side
    kind: Kind
    amount_minor: int
    sums: Sums
    effective_at: datetime
    booked_on: date
    recorded_at: datetime


def entries_of_each(
    reader: Reader,
    book_id: BookId,
    account_ids: Sequence[AccountId],
    wanted: Slice[int],
    *,
    oldest_first: bool = False,
) -> dict[AccountId, list[EntryView]]:
    """Return the same slice of the entries of several accounts by position, by account, in one statement."""
    span = wanted.bounds(is_descending=not oldest_first)
    asked = {"book": book_id, "partner": reader.partner_id, "accounts": list(account_ids), **position_bounds(span)}
    found: dict[AccountId, list[EntryView]] = {account_id: [] for account_id in account_ids}
    for row in reader.connection.execute(_OF_EACH[span.is_descending], asked):
        found[row.account_id].append(entry_view(row))
        give_way()
    return {account_id: wanted.in_order(each) for account_id, each in found.items()}


def entries_named(reader: Reader, book_id: BookId, named: Sequence[tuple[TransferId, AccountId]]) -> list[EntryView]:
    """Return the entries of these transfers on these accounts of the reader's scope, in one statement."""
    asked: dict[str, object] = {"book": book_id, "partner": reader.partner_id}
    asked |= {"transfers": [each for each, _ in named], "accounts": [each for _, each in named]}
    return [entry_view(row) for row in reader.connection.execute(_NAMED, asked)]


def entry_view(row: sa.Row[tuple[object, ...]]) -> EntryView:
    """Return the entry of a row of `ENTRY_COLUMNS`."""
    values = row._asdict()
    sums = Sums(*(values.pop(f"{name}_minor") for name in ("debits", "credits", "pending_debits", "pending_credits")))
    sides = {name: Side(values.pop(name)) for name in ("side", "normal_side")}
    return EntryView(**values | sides | {"kind": Kind(values["kind"]), "sums": sums})


ENTRY_COLUMNS: Final = """
    a.account_id, a.normal_side, a.currency,
    (SELECT t.transfer_id FROM transfers t WHERE t.book_id = a.book_id AND t.seq = e.seq) AS transfer_id,
    e.seq, e.side, e.kind, e.amount_minor, e.debits_minor, e.credits_minor, e.pending_debits_minor,
    e.pending_credits_minor, e.effective_at, e.booked_on, e.recorded_at
"""
"""The columns of an `EntryView`, of accounts `a` and entries `e`."""

_ID: Final = _ACCOUNTS.c.account_id.type
_PARTNER: Final = sa.bindparam("partner", type_=_ID)
_IDS: Final = sa.bindparam("accounts", type_=sa.ARRAY(_ID))


def _of_each(direction: str) -> sa.TextClause:
    return sa.text(f"""
        SELECT {ENTRY_COLUMNS} FROM accounts a
        CROSS JOIN LATERAL (
            SELECT * FROM entries e
            WHERE e.book_id = a.book_id AND e.account_no = a.account_no AND e.seq > :above AND e.seq < :below
            ORDER BY e.seq {direction} LIMIT :limit
        ) e
        WHERE a.book_id = :book AND a.account_id = ANY(:accounts) AND (a.partner_id = :partner) IS NOT FALSE
        ORDER BY e.seq {direction}
    """).bindparams(_PARTNER, _IDS)  # noqa: S608  # names of ours, and one of two words


_OF_EACH: Final = {True: _of_each("DESC"), False: _of_each("ASC")}
_NAMED: Final = sa.text(f"""
    SELECT {ENTRY_COLUMNS} FROM unnest(:transfers, :accounts) AS n (transfer_id, account_id)
    JOIN accounts a ON a.book_id = :book AND a.account_id = n.account_id AND (a.partner_id = :partner) IS NOT FALSE
    JOIN transfers m ON m.book_id = :book AND m.transfer_id = n.transfer_id
    CROSS JOIN LATERAL (
        SELECT * FROM entries e WHERE e.book_id = :book AND e.account_no = a.account_no AND e.seq = m.seq
    ) e
""").bindparams(_PARTNER, _IDS, sa.bindparam("transfers", type_=sa.ARRAY(_ID)))  # noqa: S608  # names of ours
