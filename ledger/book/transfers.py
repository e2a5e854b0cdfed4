"""Reading transfers, newest first, with the ids behind the numbers that the journal keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from ledger.book.tables import ACCOUNTS, ENTRIES, TRANSFERS
from ledger.kernel.ids import AccountId, BookId, TransferId
from ledger.kernel.work import Reader
from ledger.records.transfers import Kind, Transfer

_DEBIT: Final = ACCOUNTS.alias("debit")
_CREDIT: Final = ACCOUNTS.alias("credit")
_HOLD: Final = TRANSFERS.alias("hold")
_END: Final = TRANSFERS.alias("ended")
_REVERSED: Final = TRANSFERS.alias("reversed")
_PARTNERS: Final = sa.table(
    "partners", sa.column("book_id"), sa.column("partner_id"), sa.column("partner_no", sa.Integer())
)
_COLUMNS: Final = [column.name for column in TRANSFERS.c]


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer with the ids of its accounts, of the hold that it ended, and of the transfer that it reverses.

    An account of another partner has no id for the reader. `ended_by` says of a hold what ended it; None while it
    stands.
    """

    transfer: Transfer
    debit_account_id: AccountId | None
    credit_account_id: AccountId | None
    hold_id: TransferId | None
    reverses_id: TransferId | None
    ended_by: Kind | None


def transfers(reader: Reader, book_id: BookId, ids: Sequence[TransferId]) -> dict[TransferId, TransferView]:
    """The transfers with these ids that the reader may see."""
    wanted = sa.literal(list(ids), sa.ARRAY(TRANSFERS.c.transfer_id.type))
    query = _of_book(book_id).where(TRANSFERS.c.transfer_id == sa.any_(wanted), _seen_by(reader, book_id))
    return {view.transfer.transfer_id: view for view in _views(reader, query)}


def transfers_page(
    reader: Reader,
    book_id: BookId,
    *,
    account_id: AccountId | None = None,
    before: int | None = None,
    limit: int = 20,
) -> list[TransferView]:
    """Up to `limit` transfers, the newest first, from positions below `before`; of one account where it is named."""
    query = _of_book(book_id).order_by(TRANSFERS.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(TRANSFERS.c.seq < before)
    if account_id is not None:
        query = query.where(
            TRANSFERS.c.seq.in_(_positions_of(book_id, account_id, before, limit)), _seen_by(reader, book_id)
        )
    elif reader.partner_id is not None:
        query = query.where(TRANSFERS.c.partner_no == _partner_no(reader, book_id))
    return _views(reader, query)


def _views(reader: Reader, query: sa.Select[tuple[object, ...]]) -> list[TransferView]:
    views = []
    for row in reader.connection.execute(query):
        values = row._asdict()
        transfer = Transfer(**{name: values.pop(name) for name in _COLUMNS})
        ended_by = values.pop("ended_by")
        views.append(TransferView(transfer=transfer, ended_by=None if ended_by is None else Kind(ended_by), **values))
    return views


def _positions_of(book_id: BookId, account_id: AccountId, before: int | None, limit: int) -> sa.Select[tuple[int]]:
    """The newest positions of an account, from its entries: a descent of each side's index."""
    entries = ENTRIES.c
    number = sa.select(ACCOUNTS.c.account_no).where(ACCOUNTS.c.book_id == book_id, ACCOUNTS.c.account_id == account_id)
    query = sa.select(entries.seq).where(entries.book_id == book_id, entries.account_no == number.scalar_subquery())
    if before is not None:
        query = query.where(entries.seq < before)
    return query.order_by(entries.seq.desc()).limit(limit)


def _of_book(book_id: BookId) -> sa.Select[tuple[object, ...]]:
    table, debit, credit = TRANSFERS.c, _DEBIT.c, _CREDIT.c
    joined = (
        TRANSFERS.outerjoin(
            _DEBIT, sa.and_(_DEBIT.c.book_id == table.book_id, _DEBIT.c.account_no == table.debit_account_no)
        )
        .outerjoin(
            _CREDIT, sa.and_(_CREDIT.c.book_id == table.book_id, _CREDIT.c.account_no == table.credit_account_no)
        )
        .outerjoin(_HOLD, sa.and_(_HOLD.c.book_id == table.book_id, _HOLD.c.seq == table.hold_seq))
        .outerjoin(_END, sa.and_(_END.c.book_id == table.book_id, _END.c.hold_seq == table.seq))
        .outerjoin(_REVERSED, sa.and_(_REVERSED.c.book_id == table.book_id, _REVERSED.c.seq == table.reverses_seq))
    )
    return (
        sa.select(
            *table,
            debit.account_id.label("debit_account_id"),
            credit.account_id.label("credit_account_id"),
            _HOLD.c.transfer_id.label("hold_id"),
            _REVERSED.c.transfer_id.label("reverses_id"),
            _END.c.kind.label("ended_by"),
        )
        .select_from(joined)
        .where(table.book_id == book_id)
    )


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
