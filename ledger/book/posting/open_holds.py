"""Open holds: a projection of the holds that nothing has ended yet, written with each batch, read by account."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from ledger.book.judging.judge import Verdict
from ledger.book.judging.state import HoldState
from ledger.book.posting.facts import Numbers, partner_no_of
from ledger.book.posting.queries import Driver
from ledger.book.reading.transfer_views import TransferView
from ledger.book.reading.transfers import transfers_at
from ledger.book.records.accounts import Account, AccountId, AccountNo, Side
from ledger.book.records.transfers import Kind, OpenHold, TransferId
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice, position_bounds
from ledger.kernel.sql import table
from ledger.kernel.work import Reader
from ledger.timers.timers import Timer

_ACCOUNTS: Final = table(Account)
_WHOLE: Final[Slice[int]] = Slice()

HOLD_TIMER: Final = Timer("hold", OpenHold, "expires_at")
"""A hold expires at its deadline: the next batch of its book begins with the expiries that are due."""


def project_holds(
    connection: Driver, book_id: BookId, written: Sequence[Verdict], positions: Sequence[int], *, numbers: Numbers
) -> bool:
    """Update the projection after a batch, and return whether the batch began or ended any hold."""
    begun, ended = [], []
    for verdict, seq in zip(written, positions, strict=True):
        effect = verdict.effect
        if effect is None or effect.hold is None:
            continue
        hold, debit_no, credit_no = effect.hold, effect.debit.account_no, effect.credit.account_no
        if verdict.order.terms.kind is not Kind.HOLD:
            ended.append(hold.seq)
        elif hold.ended_by is None:
            partner_no = partner_no_of(verdict.order, effect, numbers)
            closed = _closed(hold, debit_no, credit_no)
            begun.append((book_id, seq, partner_no, hold.expires_at, debit_no, credit_no, closed))
    earlier = [seq for seq in ended if seq is not None]
    with connection.cursor() as cursor:
        if begun:
            cursor.executemany(_BEGIN, begun)
        if earlier:
            cursor.execute(_END, (book_id, earlier))
    return bool(begun or ended)


def open_holds_of(
    reader: Reader, book_id: BookId, account_ids: Sequence[AccountId], wanted: Slice[int] = _WHOLE
) -> dict[AccountId, list[TransferView]]:
    """Return the same slice of the open holds of each account, newest first.

    Only holds ordered by the account's partner count; two statements, however many accounts there are.
    """
    span = wanted.bounds(is_descending=True)
    asked = {"book": book_id, "partner": reader.partner_id, "accounts": list(account_ids), **position_bounds(span)}
    rows = reader.connection.execute(_OPEN[span.is_descending], asked).all()
    views = {view.transfer.seq: view for view in transfers_at(reader, book_id, [row.seq for row in rows])}
    found: dict[AccountId, list[TransferView]] = {account_id: [] for account_id in account_ids}
    for row in rows:
        found[row.account_id].append(views[row.seq])
    return {account_id: wanted.in_order(each) for account_id, each in found.items()}


def closing_hold(reader: Reader, book_id: BookId, account_id: AccountId) -> TransferId | None:
    """Return the hold by which its partner closed an account, or None."""
    asked = {"book": book_id, "partner": reader.partner_id, "account": account_id}
    found: TransferId | None = reader.connection.execute(_CLOSING, asked).scalar_one_or_none()
    return found


def _closed(hold: HoldState, debit_no: AccountNo, credit_no: AccountNo) -> AccountNo | None:
    if hold.order.terms.closes is None:
        return None
    return debit_no if hold.order.terms.closes is Side.DEBIT else credit_no


_BEGIN: Final = """
    INSERT INTO open_holds
        (book_id, seq, partner_no, expires_at, debit_account_no, credit_account_no, closed_account_no)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_END: Final = "DELETE FROM open_holds WHERE book_id = %s AND seq = ANY(%s)"
_PARTNER: Final = sa.bindparam("partner", type_=_ACCOUNTS.c.partner_id.type)
_ACCOUNT: Final = _ACCOUNTS.c.account_id.type
# "IS NOT FALSE" also holds for a null partner, which sees everything.


def _open(direction: str) -> sa.TextClause:
    return sa.text(f"""
        SELECT a.account_id, o.seq
        FROM accounts a
        JOIN partners p ON p.book_id = a.book_id AND p.partner_id = a.partner_id
        CROSS JOIN LATERAL (
            SELECT h.seq FROM (
                SELECT * FROM open_holds WHERE book_id = a.book_id AND debit_account_no = a.account_no
                UNION ALL
                SELECT * FROM open_holds WHERE book_id = a.book_id AND credit_account_no = a.account_no
            ) h
            WHERE h.partner_no = p.partner_no AND h.seq > :above AND h.seq < :below
            ORDER BY h.seq {direction} LIMIT :limit
        ) o
        WHERE a.book_id = :book AND a.account_id = ANY(:accounts) AND (a.partner_id = :partner) IS NOT FALSE
        ORDER BY o.seq {direction}
    """).bindparams(_PARTNER, sa.bindparam("accounts", type_=sa.ARRAY(_ACCOUNT)))  # noqa: S608  # one of two words


_OPEN: Final = {True: _open("DESC"), False: _open("ASC")}
_CLOSING: Final = sa.text("""
    SELECT t.transfer_id
    FROM accounts a
    JOIN partners p ON p.book_id = a.book_id AND p.partner_id = a.partner_id
    JOIN open_holds o ON o.book_id = a.book_id AND o.closed_account_no = a.account_no AND o.partner_no = p.partner_no
    JOIN transfers t ON t.book_id = o.book_id AND t.seq = o.seq
    WHERE a.book_id = :book AND a.account_id = :account AND (a.partner_id = :partner) IS NOT FALSE
    ORDER BY o.seq DESC LIMIT 1
""").bindparams(_PARTNER, sa.bindparam("account", type_=_ACCOUNT))
