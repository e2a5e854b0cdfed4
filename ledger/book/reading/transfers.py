"""Reads transfers, newest first, with the ids for the numbers that the journal stores."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from ledger.book.reading.transfer_views import RecordedTransfer, RelatedIds, TransferView
from ledger.book.records.accounts import Account, AccountId
from ledger.book.records.transfers import Kind, Transfer, TransferId
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Bounds, Slice, position_bounds
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
_COLUMNS: Final = RecordedTransfer._fields
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
    oldest_first: bool = False,
    related: bool = True,
) -> list[TransferView]:
    """Return a slice of the transfers by position, newest first unless asked otherwise.

    Without `related`, nothing is looked up of what they are related to.
    """
    span = wanted.bounds(is_descending=not oldest_first)
    query = (_OF_ALL if reader.partner_id is None else _OF_PARTNER)[related, span.is_descending]
    return wanted.in_order(_read(reader, query, book_id, **position_bounds(span)))


def transfers_of_each(
    reader: Reader, book_id: BookId, account_ids: Sequence[AccountId], wanted: Slice[int], *, oldest_first: bool = False
) -> dict[AccountId, list[TransferView]]:
    """Return the same slice of the transfers of several accounts, by account, in two statements."""
    span = wanted.bounds(is_descending=not oldest_first)
    rows = _rows_of_each(reader, _POSITIONS_OF_EACH, book_id, account_ids, span=span)
    views = {view.transfer.seq: view for view in transfers_at(reader, book_id, [row.seq for row in rows])}
    return _by_account(account_ids, wanted, [(row.account_id, views[row.seq]) for row in rows])


def recorded_of_each(
    reader: Reader, book_id: BookId, account_ids: Sequence[AccountId], wanted: Slice[int], *, oldest_first: bool = False
) -> dict[AccountId, list[TransferView]]:
    """Return the same slice of the transfers of several accounts without what they are related to, in one statement."""
    span = wanted.bounds(is_descending=not oldest_first)
    rows = _rows_of_each(reader, _RECORDED_OF_EACH, book_id, account_ids, span=span)
    views = [(row.account_id, TransferView(RecordedTransfer._make(row[1:]), None)) for row in rows]
    return _by_account(account_ids, wanted, views)


def _rows_of_each(
    reader: Reader,
    queries: Mapping[bool, sa.Executable],
    book_id: BookId,
    account_ids: Sequence[AccountId],
    *,
    span: Bounds[int],
) -> Sequence[sa.Row[Any]]:
    asked = {"book": book_id, "accounts": list(account_ids), "partner": reader.partner_id, **position_bounds(span)}
    return reader.connection.execute(queries[span.is_descending], asked).all()


def _by_account(
    account_ids: Sequence[AccountId], wanted: Slice[int], views: Sequence[tuple[AccountId, TransferView]]
) -> dict[AccountId, list[TransferView]]:
    found: dict[AccountId, list[TransferView]] = {account_id: [] for account_id in account_ids}
    for account_id, view in views:
        found[account_id].append(view)
        give_way()
    return {account_id: wanted.in_order(each) for account_id, each in found.items()}


def _read(reader: Reader, query: sa.Executable, book_id: BookId, **asked: object) -> list[TransferView]:
    """Run one of the statements below, and return its views."""
    views = []
    for row in reader.connection.execute(query, {"book": book_id, "partner": reader.partner_id, **asked}):
        views.append(TransferView(RecordedTransfer._make(row[:_SHOWN]), _related(row[_SHOWN:])))
        give_way()
    return views


def _related(columns: Sequence[Any]) -> RelatedIds | None:
    if not columns:
        return None
    ids = RelatedIds._make(columns)
    return ids if ids.ended_by is None else ids._replace(ended_by=Kind(ids.ended_by))


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

_RECORDED: Final = sa.select(*(_TABLE[name] for name in _COLUMNS)).where(_TABLE.book_id == _BOOK)
_VIEWS: Final = _RECORDED.add_columns(
    _found(_PARTNERS, "partner_id", partner_no=_TABLE.partner_no).label("partner_id"),
    _found(_ACCOUNTS.alias("debit"), "account_id", account_no=_TABLE.debit_account_no).label("debit_account_id"),
    _found(_ACCOUNTS.alias("credit"), "account_id", account_no=_TABLE.credit_account_no).label("credit_account_id"),
    _if(_TABLE.hold_seq.is_not(None), _found(_TRANSFERS.alias("hold"), "transfer_id", seq=_TABLE.hold_seq)),
    _if(_TABLE.reverses_seq.is_not(None), _found(_TRANSFERS.alias("was"), "transfer_id", seq=_TABLE.reverses_seq)),
    _if(_TABLE.kind == Kind.HOLD, ENDED_BY),
)
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


def _of_all(*, related: bool, is_descending: bool) -> sa.Select[tuple[object, ...]]:
    order = _ordered(_TABLE.seq, is_descending=is_descending)
    return _views(related=related).where(_between(_TABLE.seq)).order_by(order).limit(_LIMIT)


def _views(*, related: bool) -> sa.Select[tuple[object, ...]]:
    return _VIEWS if related else _RECORDED


def _of_each(columns: Sequence[str], *, is_descending: bool) -> sa.TextualSelect:
    direction = "DESC" if is_descending else "ASC"
    shown, read = (", ".join(f"{table}.{name}" for name in columns) for table in ("e", "t"))
    return (
        sa.text(f"""
        SELECT a.account_id, {shown}
        FROM accounts a
        JOIN partners p ON p.book_id = a.book_id AND p.partner_id = a.partner_id
        CROSS JOIN LATERAL (
            ({_side("debit", read, direction)}) UNION ALL ({_side("credit", read, direction)})
            ORDER BY seq {direction} LIMIT :limit
        ) e
        WHERE a.book_id = :book AND a.account_id = ANY(:accounts) AND (a.partner_id = :partner) IS NOT FALSE
        ORDER BY e.seq {direction}
    """)  # noqa: S608  # names of ours
        .bindparams(_PARTNER, _ABOVE, _BELOW, _LIMIT, _ACCOUNT_IDS)
        .columns(_ACCOUNTS.c.account_id, *(_TABLE[name] for name in columns))
    )


def _side(side: str, columns: str, direction: str) -> str:
    """Select the first transfers of one side of an account `a` of a partner `p`, which one index has in order."""
    return f"""
        SELECT {columns} FROM transfers t
        WHERE t.book_id = a.book_id AND t.{side}_account_no = a.account_no AND t.partner_no = p.partner_no
          AND t.seq > :above AND t.seq < :below
        ORDER BY t.seq {direction} LIMIT :limit
    """  # noqa: S608  # names of ours


_ACCOUNT_IDS: Final = sa.bindparam("accounts", type_=sa.ARRAY(_ACCOUNTS.c.account_id.type))
_DIRECTIONS: Final = (True, False)
_OF_ALL: Final = {
    (related, each): _of_all(related=related, is_descending=each) for related in (True, False) for each in _DIRECTIONS
}
"""The statements for a page: with what transfers are related to or without, and the newest first or the oldest."""
_OF_PARTNER: Final = {form: query.where(_TABLE.partner_no == _PARTNER_NO) for form, query in _OF_ALL.items()}
_POSITIONS_OF_EACH: Final = {each: _of_each(("seq",), is_descending=each) for each in _DIRECTIONS}
_RECORDED_OF_EACH: Final = {each: _of_each(_COLUMNS, is_descending=each) for each in _DIRECTIONS}
