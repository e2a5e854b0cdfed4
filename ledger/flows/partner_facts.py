"""Reads the facts that a partner sees, by position, and finds the partners that see any fact of a range."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ledger.book.records.accounts import Account, AccountId
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.sql import table
from ledger.kernel.work import Reader


class FactKind(StrEnum):
    """The kinds of facts that a partner sees; `BALANCE` is a change of what one of its accounts has or may use."""

    TRANSFER = "transfer"
    REFUSED_TRANSFER = "refused_transfer"
    ACCOUNT = "account"
    TERMS = "terms"
    CUSTOMER = "customer"
    MONITOR = "monitor"
    MONITOR_EVENT = "monitor_event"
    TEMPLATE = "template"
    METADATA = "metadata"
    BALANCE = "balance"


class FactFilter(NamedTuple):
    """The facts of some kinds; of `BALANCE`, only those of the accounts."""

    kinds: Collection[FactKind]
    accounts: Collection[AccountId]


class PartnerFact(NamedTuple):
    """A fact that a partner sees: the object that it made or changed, and the partner's accounts that it touches.

    `noun` is that of the object in public ids; `cause_id` is the transfer that caused the event of a monitor.
    """

    seq: int
    recorded_at: datetime
    kind: FactKind
    noun: str
    object_id: UUID
    account_ids: tuple[AccountId, ...]
    cause_id: UUID | None


class OwnFact(NamedTuple):
    """A fact of a partner, by its position and kind."""

    seq: int
    recorded_at: datetime
    kind: FactKind
    partner_id: PartnerId


def partner_facts(reader: Reader, book_id: BookId, wanted: FactFilter, *, after: int, limit: int) -> list[PartnerFact]:
    """Return the first facts after a position, in order, for the reader of a partner.

    Facts of one position are returned together, so that there may be a few more than `limit`.
    """
    asked: dict[str, object] = {"book": book_id, "partner": reader.partner_id, "after": after, "limit": limit}
    asked |= {"kinds": [each.value for each in wanted.kinds], "accounts": list(wanted.accounts)}
    return [_fact(row) for row in reader.connection.execute(_FACTS, asked)]


def partners_seeing(reader: Reader, book_id: BookId, *, after: int, upto: int) -> set[PartnerId]:
    """Return the partners that see any fact with after < seq <= upto, in one statement; the reader sees everything."""
    asked = {"book": book_id, "after": after, "upto": upto}
    return {row.partner_id for row in reader.connection.execute(_PARTNERS, asked)}


def facts_of_partners(
    reader: Reader, book_id: BookId, partner_ids: Collection[PartnerId], *, after: int, upto: int
) -> list[OwnFact]:
    """Return the facts of these partners with after < seq <= upto, in order, in one statement; no balances."""
    asked = {"book": book_id, "partners": list(partner_ids), "after": after, "upto": upto}
    rows = reader.connection.execute(_OF_PARTNERS, asked)
    return [OwnFact(row.seq, row.recorded_at, FactKind(row.kind), row.partner_id) for row in rows]


def _fact(row: sa.Row[tuple[object, ...]]) -> PartnerFact:
    values = row._asdict()
    touched = tuple(each for each in values.pop("account_ids") if each is not None)
    return PartnerFact(**values | {"kind": FactKind(values["kind"]), "account_ids": touched})


_ID: Final = table(Account).c.account_id.type
_NO_CAUSE: Final = "NULL::uuid"


def _touched(number: str) -> str:
    return f"(SELECT own.account_id FROM accounts own WHERE own.book_id = f.book_id AND own.account_no = f.{number})"  # noqa: S608  # a column of ours


_BOTH_SIDES: Final = f"ARRAY[{_touched('debit_account_no')}, {_touched('credit_account_no')}]"
_CAUSE: Final = "(SELECT t.transfer_id FROM transfers t WHERE t.book_id = f.book_id AND t.seq = f.transfer_seq)"
_NONE: Final = "ARRAY[]::uuid[]"


class _Source(NamedTuple):
    """The table of a kind of facts, with the SQL of the columns of `PartnerFact`."""

    table: str
    noun: str
    object_id: str
    account_ids: str = _NONE
    cause_id: str = _NO_CAUSE


_SOURCES: Final = {
    FactKind.TRANSFER: _Source("transfers", "'transfer'", "f.transfer_id", _BOTH_SIDES),
    FactKind.REFUSED_TRANSFER: _Source("refused_transfers", "'transfer'", "f.transfer_id"),
    FactKind.ACCOUNT: _Source("accounts", "'account'", "f.account_id"),
    FactKind.TERMS: _Source("account_terms", "'account'", "f.account_id"),
    FactKind.CUSTOMER: _Source("customers", "'customer'", "f.customer_id"),
    FactKind.MONITOR: _Source("monitors", "'monitor'", "f.monitor_id"),
    FactKind.MONITOR_EVENT: _Source("monitor_events", "'monitor_event'", "f.monitor_id", cause_id=_CAUSE),
    FactKind.TEMPLATE: _Source("posting_templates", "'template'", "f.template_id"),
    FactKind.METADATA: _Source("object_metadata", "f.noun", "f.object_id"),
}
_OF_TRANSFERS: Final = (
    "f.partner_no = (SELECT partner_no FROM partners WHERE book_id = :book AND partner_id = :partner)"
)
_OF_OTHERS: Final = "f.partner_id = :partner"


def _branch(kind: FactKind, source: _Source) -> str:
    """Select the facts of a kind, which costs nothing unless it is asked for: the condition on it is tested once."""
    own = _OF_TRANSFERS if kind is FactKind.TRANSFER else _OF_OTHERS
    return f"""(
        SELECT f.seq, f.recorded_at, '{kind}' AS kind, {source.noun} AS noun, {source.object_id} AS object_id,
               {source.account_ids} AS account_ids, {source.cause_id} AS cause_id
        FROM {source.table} f
        WHERE '{kind}' = ANY(:kinds) AND f.book_id = :book AND {own} AND f.seq > :after
        ORDER BY f.seq LIMIT :limit
    )"""  # noqa: S608  # constants above


# A transfer of another partner changes a balance too, and terms change what is available.
_BALANCES: Final = """(
    SELECT f.seq, f.recorded_at, 'balance' AS kind, 'account' AS noun, a.account_id AS object_id,
           ARRAY[a.account_id] AS account_ids, NULL::uuid AS cause_id
    FROM accounts a CROSS JOIN LATERAL (
        (SELECT e.seq, e.recorded_at FROM entries e
         WHERE e.book_id = a.book_id AND e.account_no = a.account_no AND e.seq > :after
         ORDER BY e.seq LIMIT :limit)
        UNION ALL
        (SELECT t.seq, t.recorded_at FROM account_terms t
         WHERE t.book_id = a.book_id AND t.account_id = a.account_id AND t.seq > :after
         ORDER BY t.seq LIMIT :limit)
    ) f
    WHERE a.book_id = :book AND a.partner_id = :partner AND a.account_id = ANY(:accounts)
    ORDER BY f.seq FETCH FIRST (:limit) ROWS WITH TIES
)"""
_FACTS: Final = sa.text(
    f"""
    SELECT * FROM ({" UNION ALL ".join([*(_branch(*each) for each in _SOURCES.items()), _BALANCES])}) found
    ORDER BY seq FETCH FIRST (:limit) ROWS WITH TIES
"""  # noqa: S608  # constants above
).bindparams(
    sa.bindparam("partner", type_=_ID),
    sa.bindparam("accounts", type_=sa.ARRAY(_ID)),
    sa.bindparam("kinds", type_=sa.ARRAY(sa.Text())),
    *(sa.bindparam(name, type_=sa.BigInteger()) for name in ("after", "limit")),
)
_RANGE: Final = "WHERE f.book_id = :book AND f.seq > :after AND f.seq <= :upto"
_OWNED: Final = sorted({each.table for each in _SOURCES.values()} - {"transfers"})
_PARTNERS: Final = sa.text(
    " UNION ".join(
        [
            f"""
            SELECT p.partner_id FROM transfers f
            JOIN partners p ON p.book_id = f.book_id AND p.partner_no = f.partner_no {_RANGE}
            UNION
            SELECT a.partner_id FROM transfers f JOIN accounts a
            ON a.book_id = f.book_id AND a.account_no IN (f.debit_account_no, f.credit_account_no) {_RANGE}
            """,  # noqa: S608  # a constant above
            *(f"SELECT f.partner_id FROM {each} f {_RANGE}" for each in _OWNED),  # noqa: S608  # constants above
        ]
    )
).columns(partner_id=_ID)


def _own(kind: FactKind, source: _Source) -> str:
    """Select the facts of a kind that are partners' own."""
    found = f"SELECT f.seq, f.recorded_at, '{kind}' AS kind"  # constants above
    if kind is FactKind.TRANSFER:
        join = "JOIN partners p ON p.book_id = f.book_id AND p.partner_no = f.partner_no"
        return f"{found}, p.partner_id FROM {source.table} f {join} {_RANGE} AND p.partner_id = ANY(:partners)"
    return f"{found}, f.partner_id FROM {source.table} f {_RANGE} AND f.partner_id = ANY(:partners)"


_OF_PARTNERS: Final = sa.text(
    f"SELECT * FROM ({' UNION ALL '.join(_own(*each) for each in _SOURCES.items())}) found ORDER BY seq"  # noqa: S608  # constants above
).bindparams(
    sa.bindparam("partners", type_=sa.ARRAY(_ID)),
    *(sa.bindparam(name, type_=sa.BigInteger()) for name in ("after", "upto")),
)
