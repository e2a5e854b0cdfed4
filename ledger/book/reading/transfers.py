"""Reads transfers, newest first, with the ids for the numbers that the journal stores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ledger.book.reading.entries import ENTRIES
from ledger.book.records.accounts import Account, AccountId
from ledger.book.records.transfers import Kind, Transfer, TransferId
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.money import MINOR_MAX
from ledger.kernel.sql import table
from ledger.kernel.work import Reader

_ACCOUNTS: Final = table(Account)
_TRANSFERS: Final = table(Transfer)

_PARTNERS: Final = sa.table(
    "partners",
    sa.column("book_id"),
    sa.column("partner_id", _ACCOUNTS.c.partner_id.type),
    sa.column("partner_no", sa.Integer()),
)
_COLUMNS: Final = [column.name for column in _TRANSFERS.c]


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer with the ids of its partner and accounts, of the hold that it ended, and of the transfer it reverses.

    `ended_by` is the kind of transfer that ended a hold; None while it is open.
    """

    transfer: Transfer
    partner_id: PartnerId
    debit_account_id: AccountId
    credit_account_id: AccountId
    hold_id: TransferId | None
    reverses_id: TransferId | None
    ended_by: Kind | None


def transfers(reader: Reader, book_id: BookId, ids: Sequence[TransferId]) -> dict[TransferId, TransferView]:
    """Return the transfers with these ids in the reader's scope."""
    views = _read(reader, _BY_ID, book_id, ids=list(ids))
    return {view.transfer.transfer_id: view for view in views}


def transfers_at(reader: Reader, book_id: BookId, positions: Sequence[int]) -> list[TransferView]:
    """Return the transfers of all partners at these positions, newest first."""
    return _read(reader, _AT_POSITIONS, book_id, positions=list(positions)) if positions else []


def transfers_page(
    reader: Reader,
    book_id: BookId,
    *,
    account_id: AccountId | None = None,
    before: int | None = None,
    limit: int = 20,
) -> list[TransferView]:
    """Return up to `limit` transfers at positions below `before`, newest first; of one account, if it is given."""
    span = {"before": MINOR_MAX if before is None else before, "limit": limit}
    if account_id is not None:
        return _read(reader, _OF_ACCOUNT, book_id, account=account_id, **span)
    return _read(reader, _OF_ALL if reader.partner_id is None else _OF_PARTNER, book_id, **span)


def _read(reader: Reader, query: sa.Executable, book_id: BookId, **asked: object) -> list[TransferView]:
    """Run one of the statements below, and return its views."""
    views = []
    for row in reader.connection.execute(query, {"book": book_id, "partner": reader.partner_id, **asked}):
        values = row._asdict()
        transfer = Transfer(**{name: values.pop(name) for name in _COLUMNS})
        ended_by = values.pop("ended_by")
        views.append(TransferView(transfer=transfer, ended_by=None if ended_by is None else Kind(ended_by), **values))
    return views


def _found(source: sa.FromClause, wanted: str, **key: sa.ColumnElement[int]) -> sa.ScalarSelect[Any]:
    """Select a column of the one row that a transfer refers to by a key: one index lookup per transfer returned.

    It is not a join, because without statistics PostgreSQL would join by reading the whole book.
    """
    named = [source.c[name] == value for name, value in key.items()]
    query = sa.select(source.c[wanted]).where(source.c.book_id == _TRANSFERS.c.book_id, *named)
    return query.correlate(_TRANSFERS).scalar_subquery()


# Statements are built once: SQLAlchemy takes longer to build one than PostgreSQL to answer it.
_TABLE: Final = _TRANSFERS.c
_BOOK: Final = sa.bindparam("book", type_=sa.Integer())
_BEFORE: Final = sa.bindparam("before", type_=sa.BigInteger())
_LIMIT: Final = sa.bindparam("limit", type_=sa.BigInteger())

ENDED_BY: Final[sa.ScalarSelect[str]] = _found(_TRANSFERS.alias("ended"), "kind", hold_seq=_TABLE.seq)
"""The kind of transfer that ended a hold; null while the hold is open."""

_VIEWS: Final = sa.select(
    *_TABLE,
    _found(_PARTNERS, "partner_id", partner_no=_TABLE.partner_no).label("partner_id"),
    _found(_ACCOUNTS.alias("debit"), "account_id", account_no=_TABLE.debit_account_no).label("debit_account_id"),
    _found(_ACCOUNTS.alias("credit"), "account_id", account_no=_TABLE.credit_account_no).label("credit_account_id"),
    _found(_TRANSFERS.alias("hold"), "transfer_id", seq=_TABLE.hold_seq).label("hold_id"),
    _found(_TRANSFERS.alias("reversed"), "transfer_id", seq=_TABLE.reverses_seq).label("reverses_id"),
    ENDED_BY.label("ended_by"),
).where(_TABLE.book_id == _BOOK)
_NEWEST_FIRST: Final = _VIEWS.order_by(_TABLE.seq.desc())
_PARTNER_NO: Final = (
    sa.select(_PARTNERS.c.partner_no)
    .where(
        _PARTNERS.c.book_id == _BOOK,
        _PARTNERS.c.partner_id == sa.bindparam("partner", type_=_ACCOUNTS.c.partner_id.type),
    )
    .scalar_subquery()
)
# The reader's scope, written so that no index serves it: a query by key uses the index of that key.
_SEEN: Final = (_TABLE.partner_no == _PARTNER_NO).is_not(sa.false())
_ACCOUNT_NO: Final = (
    sa.select(_ACCOUNTS.c.account_no)
    .where(
        _ACCOUNTS.c.book_id == _BOOK,
        _ACCOUNTS.c.account_id == sa.bindparam("account", type_=_ACCOUNTS.c.account_id.type),
    )
    .scalar_subquery()
)
# The newest positions of an account from its entries: one index lookup for each side.
_POSITIONS: Final = (
    sa.select(ENTRIES.c.seq)
    .where(ENTRIES.c.book_id == _BOOK, ENTRIES.c.account_no == _ACCOUNT_NO, ENTRIES.c.seq < _BEFORE)
    .order_by(ENTRIES.c.seq.desc())
    .limit(_LIMIT)
    .scalar_subquery()
)
_BY_ID: Final = _VIEWS.where(
    _TABLE.transfer_id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(_TABLE.transfer_id.type))), _SEEN
)
_AT_POSITIONS: Final = _NEWEST_FIRST.where(
    _TABLE.seq == sa.any_(sa.bindparam("positions", type_=sa.ARRAY(sa.BigInteger())))
)
_OF_ALL: Final = _NEWEST_FIRST.where(_TABLE.seq < _BEFORE).limit(_LIMIT)
_OF_PARTNER: Final = _OF_ALL.where(_TABLE.partner_no == _PARTNER_NO)
# As an array they are looked up one by one by the key, whatever the planner believes of the table's size.
_OF_ACCOUNT: Final = _NEWEST_FIRST.where(_TABLE.seq == sa.any_(sa.func.array(_POSITIONS)), _SEEN).limit(_LIMIT)
