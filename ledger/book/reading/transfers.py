"""Reads transfers, newest first, with the ids for the numbers that the journal stores."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

import sqlalchemy as sa

from ledger.book.reading.entries import ENTRIES
from ledger.book.reading.transfer_views import RecordedTransfer, TransferView
from ledger.book.records.accounts import Account, AccountId
from ledger.book.records.transfers import Kind, Transfer, TransferId
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice, position_bounds
from ledger.kernel.sql import table
from ledger.kernel.waiting import give_way
from ledger.kernel.work import Reader

_ACCOUNTS: Final = table(Account)
_TRANSFERS: Final = table(Transfer)

_PARTNERS: Final = sa.table(
    "partners",
    sa.column("book_id"),
    sa.column("partner_id", _ACCOUNTS.c.partner_id.type),
    sa.column("partner_no", sa.Integer()),
)
_COLUMNS: Final = [column.name for column in fields(RecordedTransfer)]
_SHOWN: Final = len(_COLUMNS)
_WHOLE: Final[Slice[int]] = Slice()


def transfers(reader: Reader, book_id: BookId, ids: Sequence[TransferId]) -> dict[TransferId, TransferView]:
    """Return the transfers with these ids in the reader's scope."""
    views = _read(reader, _BY_ID, book_id, ids=list(ids))
    return {view.transfer.transfer_id: view for view in views}


def transfers_at(reader: Reader, book_id: BookId, positions: Sequence[int]) -> list[TransferView]:
    """Return the transfers of all partners at these positions, newest first."""
    return _read(reader, _AT_POSITIONS, book_id, positions=list(positions)) if positions else []


def transfers_found(
    reader: Reader, book_id: BookId, query: sa.Select[tuple[object, ...]], asked: Mapping[str, object]
) -> list[TransferView]:
    """Return the transfers that a query of `at_found` finds with the values `asked`."""
    return _read(reader, query, book_id, **asked)


def at_found(positions: sa.Select[tuple[int]], *, is_descending: bool) -> sa.Select[tuple[object, ...]]:
    """Select the transfers at the positions that a query finds; build it once for all that ask the same."""
    # As an array they are looked up one by one by the key, whatever the planner believes of the table's size.
    found = sa.func.array(positions.correlate(None).scalar_subquery())
    return _VIEWS.where(_TABLE.seq == sa.any_(found)).order_by(_ordered(_TABLE.seq, is_descending=is_descending))


def transfers_page(
    reader: Reader,
    book_id: BookId,
    wanted: Slice[int] = _WHOLE,
    *,
    account_id: AccountId | None = None,
    oldest_first: bool = False,
) -> list[TransferView]:
    """Return a slice of the transfers by position, newest first unless asked otherwise; of one account, if given."""
    span = wanted.bounds(is_descending=not oldest_first)
    asked = position_bounds(span)
    if account_id is not None:
        query, asked = _OF_ACCOUNT[span.is_descending], asked | {"account": account_id}
    else:
        query = (_OF_ALL if reader.partner_id is None else _OF_PARTNER)[span.is_descending]
    return wanted.in_order(_read(reader, query, book_id, **asked))


def transfers_of_each(
    reader: Reader,
    book_id: BookId,
    account_ids: Sequence[AccountId],
    wanted: Slice[int],
    *,
    oldest_first: bool = False,
) -> dict[AccountId, list[TransferView]]:
    """Return the same slice of the transfers of several accounts, by account, in two statements."""
    span = wanted.bounds(is_descending=not oldest_first)
    asked = {"book": book_id, "accounts": list(account_ids), "partner": reader.partner_id, **position_bounds(span)}
    rows = reader.connection.execute(_OF_EACH[span.is_descending], asked).all()
    views = {view.transfer.seq: view for view in transfers_at(reader, book_id, [row.seq for row in rows])}
    found: dict[AccountId, list[TransferView]] = {account_id: [] for account_id in account_ids}
    for row in rows:
        found[row.account_id].append(views[row.seq])
    return {account_id: wanted.in_order(each) for account_id, each in found.items()}


def _read(reader: Reader, query: sa.Executable, book_id: BookId, **asked: object) -> list[TransferView]:
    """Run one of the statements below, and return its views."""
    views = []
    for row in reader.connection.execute(query, {"book": book_id, "partner": reader.partner_id, **asked}):
        partner, debit, credit, hold, reverses, ended_by = row[_SHOWN:]
        kind = None if ended_by is None else Kind(ended_by)
        views.append(TransferView(RecordedTransfer(*row[:_SHOWN]), partner, debit, credit, hold, reverses, kind))
        give_way()
    return views


def _found(source: sa.FromClause, wanted: str, **key: sa.ColumnElement[int]) -> sa.ScalarSelect[Any]:
    """Select a column of the one row that a transfer refers to by a key: one index lookup per transfer returned.

    It is not a join, because without statistics PostgreSQL would join by reading the whole book.
    """
    named = [source.c[name] == value for name, value in key.items()]
    query = sa.select(source.c[wanted]).where(source.c.book_id == _TRANSFERS.c.book_id, *named)
    return query.correlate(_TRANSFERS).scalar_subquery()


def _if(condition: sa.ColumnElement[bool], found: sa.ScalarSelect[Any]) -> sa.Case[Any]:
    """Look up only where there is something to find."""
    return sa.case((condition, found))


# Statements are built once: SQLAlchemy takes longer to build one than PostgreSQL to answer it.
_TABLE: Final = _TRANSFERS.c
_BOOK: Final = sa.bindparam("book", type_=sa.Integer())
_ABOVE: Final = sa.bindparam("above", type_=sa.BigInteger())
_BELOW: Final = sa.bindparam("below", type_=sa.BigInteger())
_LIMIT: Final = sa.bindparam("limit", type_=sa.BigInteger())

ENDED_BY: Final[sa.ScalarSelect[str]] = _found(_TRANSFERS.alias("ended"), "kind", hold_seq=_TABLE.seq)
"""The kind of transfer that ended a hold; null while the hold is open."""

_VIEWS: Final = sa.select(
    *(_TABLE[name] for name in _COLUMNS),
    _found(_PARTNERS, "partner_id", partner_no=_TABLE.partner_no).label("partner_id"),
    _found(_ACCOUNTS.alias("debit"), "account_id", account_no=_TABLE.debit_account_no).label("debit_account_id"),
    _found(_ACCOUNTS.alias("credit"), "account_id", account_no=_TABLE.credit_account_no).label("credit_account_id"),
    _if(_TABLE.hold_seq.is_not(None), _found(_TRANSFERS.alias("hold"), "transfer_id", seq=_TABLE.hold_seq)),
    _if(_TABLE.reverses_seq.is_not(None), _found(_TRANSFERS.alias("was"), "transfer_id", seq=_TABLE.reverses_seq)),
    _if(_TABLE.kind == Kind.HOLD, ENDED_BY),
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
_PARTNER: Final = sa.bindparam("partner", type_=_ACCOUNTS.c.partner_id.type)
_BY_ID: Final = _VIEWS.where(
    _TABLE.transfer_id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(_TABLE.transfer_id.type))), _SEEN
)
_AT_POSITIONS: Final = _NEWEST_FIRST.where(
    _TABLE.seq == sa.any_(sa.bindparam("positions", type_=sa.ARRAY(sa.BigInteger())))
)


def _between(seq: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return sa.and_(seq > _ABOVE, seq < _BELOW)


def _ordered(seq: sa.ColumnElement[int], *, is_descending: bool) -> sa.UnaryExpression[int]:
    return seq.desc() if is_descending else seq.asc()


def _of_all(*, is_descending: bool) -> sa.Select[tuple[object, ...]]:
    order = _ordered(_TABLE.seq, is_descending=is_descending)
    return _VIEWS.where(_between(_TABLE.seq)).order_by(order).limit(_LIMIT)


def _of_account(*, is_descending: bool) -> sa.Select[tuple[object, ...]]:
    """Select the positions of an account from its entries: one index lookup for each side."""
    order = _ordered(ENTRIES.c.seq, is_descending=is_descending)
    own = (ENTRIES.c.book_id == _BOOK, ENTRIES.c.account_no == _ACCOUNT_NO, _between(ENTRIES.c.seq))
    positions = sa.select(ENTRIES.c.seq).where(*own).order_by(order).limit(_LIMIT).scalar_subquery()
    found = _VIEWS.where(_TABLE.seq == sa.any_(sa.func.array(positions)), _SEEN)
    return found.order_by(_ordered(_TABLE.seq, is_descending=is_descending)).limit(_LIMIT)


def _of_each(*, is_descending: bool) -> sa.TextClause:
    direction = "DESC" if is_descending else "ASC"
    return sa.text(f"""
        SELECT a.account_id, e.seq
        FROM accounts a
        JOIN partners p ON p.book_id = a.book_id AND p.partner_id = a.partner_id
        CROSS JOIN LATERAL (
            ({_side("debit", direction)}) UNION ALL ({_side("credit", direction)})
            ORDER BY seq {direction} LIMIT :limit
        ) e
        WHERE a.book_id = :book AND a.account_id = ANY(:accounts) AND (a.partner_id = :partner) IS NOT FALSE
        ORDER BY e.seq {direction}
    """).bindparams(_PARTNER, _ABOVE, _BELOW, _LIMIT, _ACCOUNT_IDS)  # noqa: S608  # one of two words


def _side(side: str, direction: str) -> str:
    """Select the first positions of one side of an account `a` of a partner `p`, which one index has in order."""
    return f"""
        SELECT t.seq FROM transfers t
        WHERE t.book_id = a.book_id AND t.{side}_account_no = a.account_no AND t.partner_no = p.partner_no
          AND t.seq > :above AND t.seq < :below
        ORDER BY t.seq {direction} LIMIT :limit
    """  # noqa: S608  # one of two words each


_ACCOUNT_IDS: Final = sa.bindparam("accounts", type_=sa.ARRAY(_ACCOUNTS.c.account_id.type))
_DIRECTIONS: Final = (True, False)
_OF_ALL: Final = {each: _of_all(is_descending=each) for each in _DIRECTIONS}
_OF_PARTNER: Final = {each: query.where(_TABLE.partner_no == _PARTNER_NO) for each, query in _OF_ALL.items()}
_OF_ACCOUNT: Final = {each: _of_account(is_descending=each) for each in _DIRECTIONS}
_OF_EACH: Final = {each: _of_each(is_descending=each) for each in _DIRECTIONS}
