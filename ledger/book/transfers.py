"""Reading transfers, newest first."""

from collections.abc import Sequence

import sqlalchemy as sa

from ledger.book.tables import ENTRIES, TRANSFERS
from ledger.kernel.ids import AccountId, BookId, TransferId
from ledger.kernel.work import Reader
from ledger.records.transfers import Transfer


def transfers(reader: Reader, book_id: BookId, ids: Sequence[TransferId]) -> dict[TransferId, Transfer]:
    """The transfers with these ids that the reader may see."""
    wanted = sa.literal(list(ids), sa.ARRAY(TRANSFERS.c.transfer_id.type))
    query = _of_book(book_id).where(TRANSFERS.c.transfer_id == sa.any_(wanted), _seen_by(reader))
    return {row.transfer_id: Transfer(**row._asdict()) for row in reader.connection.execute(query)}


def transfers_page(
    reader: Reader,
    book_id: BookId,
    *,
    account_id: AccountId | None = None,
    before: int | None = None,
    limit: int = 20,
) -> list[Transfer]:
    """Up to `limit` transfers, the newest first, from positions below `before`; of one account where it is named."""
    query = _of_book(book_id).order_by(TRANSFERS.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(TRANSFERS.c.seq < before)
    if account_id is not None:
        query = query.where(TRANSFERS.c.seq.in_(_positions_of(book_id, account_id, before, limit)), _seen_by(reader))
    elif reader.partner_id is not None:
        query = query.where(TRANSFERS.c.partner_id == reader.partner_id)
    return [Transfer(**row._asdict()) for row in reader.connection.execute(query)]


def _positions_of(book_id: BookId, account_id: AccountId, before: int | None, limit: int) -> sa.Select[tuple[int]]:
    """The newest positions of an account, from its entries: one descent of their key."""
    entries = ENTRIES.c
    query = sa.select(entries.seq).where(entries.book_id == book_id, entries.account_id == account_id)
    if before is not None:
        query = query.where(entries.seq < before)
    return query.order_by(entries.seq.desc()).limit(limit)


def _of_book(book_id: BookId) -> sa.Select[tuple[object, ...]]:
    return sa.select(*TRANSFERS.c).where(TRANSFERS.c.book_id == book_id)


def _seen_by(reader: Reader) -> sa.ColumnElement[bool]:
    """The reader's scope, written so that no index serves it: what is asked for by key is found by that key."""
    partner = sa.literal(reader.partner_id, TRANSFERS.c.partner_id.type)
    return (TRANSFERS.c.partner_id == partner).is_not(sa.false())
