"""Reading transfers, newest first, with the ids behind the numbers that the journal keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ledger.book.entries import ENTRIES
from ledger.book.tables import ACCOUNTS, TRANSFERS
from ledger.kernel.ids import AccountId, BookId, PartnerId, TransferId
from ledger.kernel.work import Reader
from ledger.records.transfers import Kind, Transfer

_PARTNERS: Final = sa.table(
    "partners",
    sa.column("book_id"),
    sa.column("partner_id", ACCOUNTS.c.partner_id.type),
    sa.column("partner_no", sa.Integer()),
)
_COLUMNS: Final = [column.name for column in TRANSFERS.c]


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer with the ids of its partner and accounts, of the hold that it ended, of what it reverses.

    `ended_by` says of a hold what ended it; None while it stands.
    """

    transfer: Transfer
    partner_id: PartnerId
    debit_account_id: AccountId
    credit_account_id: AccountId
    hold_id: TransferId | None
    reverses_id: TransferId | None
    ended_by: Kind | None


def transfers(reader: Reader, book_id: BookId, ids: Sequence[TransferId]) -> dict[TransferId, TransferView]:
    """The transfers with these ids that the reader may see."""
    wanted = sa.literal(list(ids), sa.ARRAY(TRANSFERS.c.transfer_id.type))
    query = transfers_of_book(book_id).where(TRANSFERS.c.transfer_id == sa.any_(wanted), _seen_by(reader, book_id))
    return {view.transfer.transfer_id: view for view in views_of(reader, query)}


def transfers_page(
    reader: Reader,
    book_id: BookId,
    *,
    account_id: AccountId | None = None,
    before: int | None = None,
    limit: int = 20,
) -> list[TransferView]:
    """Up to `limit` transfers, the newest first, from positions below `before`; of one account where it is named."""
    query = transfers_of_book(book_id).order_by(TRANSFERS.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(TRANSFERS.c.seq < before)
    if account_id is not None:
        positions = _positions_of(book_id, account_id, before, limit).scalar_subquery()
        # As an array they are found one by one by the key, whatever the planner believes of the table's size.
        query = query.where(TRANSFERS.c.seq == sa.any_(sa.func.array(positions)), _seen_by(reader, book_id))
    elif reader.partner_id is not None:
        query = query.where(TRANSFERS.c.partner_no == _partner_no(reader, book_id))
    return views_of(reader, query)


def transfers_of_book(book_id: BookId) -> sa.Select[tuple[object, ...]]:
    """Every transfer of a book with what a view of it has; to be narrowed, ordered and read by `views_of`."""
    table = TRANSFERS.c
    return sa.select(
        *table,
        _found(_PARTNERS, "partner_id", partner_no=table.partner_no).label("partner_id"),
        _found(ACCOUNTS.alias("debit"), "account_id", account_no=table.debit_account_no).label("debit_account_id"),
        _found(ACCOUNTS.alias("credit"), "account_id", account_no=table.credit_account_no).label("credit_account_id"),
        _found(TRANSFERS.alias("hold"), "transfer_id", seq=table.hold_seq).label("hold_id"),
        _found(TRANSFERS.alias("reversed"), "transfer_id", seq=table.reverses_seq).label("reverses_id"),
        ended_by().label("ended_by"),
    ).where(table.book_id == book_id)


def ended_by() -> sa.ScalarSelect[str]:
    """The kind of what ended a transfer that is a hold; null while it stands."""
    return _found(TRANSFERS.alias("ended"), "kind", hold_seq=TRANSFERS.c.seq)


def views_of(reader: Reader, query: sa.Select[tuple[object, ...]]) -> list[TransferView]:
    """The views of a query that narrows `transfers_of_book`."""
    views = []
    for row in reader.connection.execute(query):
        values = row._asdict()
        transfer = Transfer(**{name: values.pop(name) for name in _COLUMNS})
        ended_by = values.pop("ended_by")
        views.append(TransferView(transfer=transfer, ended_by=None if ended_by is None else Kind(ended_by), **values))
    return views


def _found(source: sa.FromClause, wanted: str, **key: sa.ColumnElement[int]) -> sa.ScalarSelect[Any]:
    """A column of the one row that a transfer names by a key: a descent of its index for each transfer shown.

    It is no join, which PostgreSQL without statistics makes by reading all of the book.
    """
    named = [source.c[name] == value for name, value in key.items()]
    query = sa.select(source.c[wanted]).where(source.c.book_id == TRANSFERS.c.book_id, *named)
    return query.correlate(TRANSFERS).scalar_subquery()


def _positions_of(book_id: BookId, account_id: AccountId, before: int | None, limit: int) -> sa.Select[tuple[int]]:
    """The newest positions of an account, from its entries: a descent of each side's index."""
    entries = ENTRIES.c
    number = sa.select(ACCOUNTS.c.account_no).where(ACCOUNTS.c.book_id == book_id, ACCOUNTS.c.account_id == account_id)
    query = sa.select(entries.seq).where(entries.book_id == book_id, entries.account_no == number.scalar_subquery())
    if before is not None:
        query = query.where(entries.seq < before)
    return query.order_by(entries.seq.desc()).limit(limit)


def _seen_by(reader: Reader, book_id: BookId) -> sa.ColumnElement[bool]:
    """The reader's scope, written so that no index serves it: what is asked for by key is found by that key."""
    return (TRANSFERS.c.partner_no == _partner_no(reader, book_id)).is_not(sa.false())


def _partner_no(reader: Reader, book_id: BookId) -> sa.ScalarSelect[int]:
    """The number of the reader's partner; null for a reader who sees every partner."""
    partner_id = sa.literal(reader.partner_id, ACCOUNTS.c.partner_id.type)
    query = sa.select(_PARTNERS.c.partner_no).where(
        _PARTNERS.c.book_id == book_id, _PARTNERS.c.partner_id == partner_id
    )
    return query.scalar_subquery()
