"""Finds transfers, including refused ones, by id or by the partner's reference."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from ledger.book.records.transfers import RefusedTransfer, Transfer, TransferId
from ledger.kernel.ids import BookId
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work

_REFUSED_TRANSFERS: Final = table(RefusedTransfer)
_TRANSFERS: Final = table(Transfer)


def positions_of(reader: Reader, book_id: BookId, name: TransferId | str) -> list[int]:
    """Return the positions of all transfers with this id or reference; a reference may be used more than once."""
    assert reader.partner_id is None, "it finds the transfers of every partner"
    found: list[int] = []
    for each in (_TRANSFERS, _REFUSED_TRANSFERS):
        named = each.c.transfer_id if isinstance(name, UUID) else each.c.external_ref
        query = sa.select(each.c.seq).where(each.c.book_id == book_id, named == name)
        found += reader.connection.execute(query).scalars()
    return sorted(found)


def position_of_id(work: Work, book_id: BookId, transfer_id: UUID) -> int | None:
    """Return the position at which a transfer with this id was accepted, or refused for good; None if it is unknown."""
    asked = {"book": book_id, "transfer": transfer_id}
    return work.connection.execute(_TAKEN, asked).scalar_one_or_none()


def refused_transfers(reader: Reader, book_id: BookId, ids: Sequence[TransferId]) -> list[RefusedTransfer]:
    """Return the refusals for good of transfers with these ids in the reader's scope."""
    named = _REFUSED_TRANSFERS.c.transfer_id.in_(ids)
    query = sa.select(_REFUSED_TRANSFERS).where(_REFUSED_TRANSFERS.c.book_id == book_id, named)
    rows = reader.connection.execute(query)
    return [as_record(RefusedTransfer, row) for row in rows if reader.partner_id in (None, row.partner_id)]


_TAKEN: Final = sa.union_all(
    *(
        sa.select(each.c.seq).where(
            each.c.book_id == sa.bindparam("book", type_=sa.Integer()),
            each.c.transfer_id == sa.bindparam("transfer", type_=_TRANSFERS.c.transfer_id.type),
        )
        for each in (_TRANSFERS, _REFUSED_TRANSFERS)
    )
)
