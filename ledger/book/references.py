"""Where a transfer stands in the journal, by its id or by the partner's own reference, refused ones included."""

from typing import Final
from uuid import UUID

import sqlalchemy as sa

from ledger.book.tables import REFUSED_TRANSFERS, TRANSFERS
from ledger.kernel.ids import BookId, TransferId
from ledger.kernel.work import Reader, Work


def positions_of(reader: Reader, book_id: BookId, name: TransferId | str) -> list[int]:
    """The positions of every transfer with this id or, as text, this reference; a reference may be used again."""
    assert reader.partner_id is None, "it finds the transfers of every partner"
    found: list[int] = []
    for table in (TRANSFERS, REFUSED_TRANSFERS):
        named = table.c.transfer_id if isinstance(name, UUID) else table.c.external_ref
        query = sa.select(table.c.seq).where(table.c.book_id == book_id, named == name)
        found += reader.connection.execute(query).scalars()
    return sorted(found)


def is_taken(work: Work, book_id: BookId, transfer_id: TransferId) -> bool:
    """Whether a transfer with this id was accepted, or refused for good."""
    asked = {"book": book_id, "transfer": transfer_id}
    return work.connection.execute(_TAKEN, asked).one_or_none() is not None


_TAKEN: Final = sa.union_all(
    *(
        sa.select(table.c.seq).where(
            table.c.book_id == sa.bindparam("book", type_=sa.Integer()),
            table.c.transfer_id == sa.bindparam("transfer", type_=TRANSFERS.c.transfer_id.type),
        )
        for table in (TRANSFERS, REFUSED_TRANSFERS)
    )
)
