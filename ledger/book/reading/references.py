"""Finds transfers, including refused ones, by id or by the partner's reference."""

from typing import Final
from uuid import UUID

import sqlalchemy as sa

from ledger.book.records.transfers import RefusedTransfer, Transfer, TransferId
from ledger.kernel.ids import BookId
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


def is_taken(work: Work, book_id: BookId, transfer_id: UUID) -> bool:
    """Return whether a transfer with this id was accepted, or refused for good."""
    asked = {"book": book_id, "transfer": transfer_id}
    return work.connection.execute(_TAKEN, asked).one_or_none() is not None


_TAKEN: Final = sa.union_all(
    *(
        sa.select(each.c.seq).where(
            each.c.book_id == sa.bindparam("book", type_=sa.Integer()),
            each.c.transfer_id == sa.bindparam("transfer", type_=_TRANSFERS.c.transfer_id.type),
        )
        for each in (_TRANSFERS, _REFUSED_TRANSFERS)
    )
)
