"""Where a transfer stands in the journal, by its id or by the partner's own reference, refused ones included."""

from uuid import UUID

import sqlalchemy as sa

from ledger.book.tables import REFUSED_TRANSFERS, TRANSFERS
from ledger.kernel.ids import BookId, TransferId
from ledger.kernel.work import Reader


def positions_of(reader: Reader, book_id: BookId, name: TransferId | str) -> list[int]:
    """The positions of every transfer with this id or, as text, this reference; a reference may be used again."""
    assert reader.partner_id is None, "it finds the transfers of every partner"
    found: list[int] = []
    for table in (TRANSFERS, REFUSED_TRANSFERS):
        named = table.c.transfer_id if isinstance(name, UUID) else table.c.external_ref
        query = sa.select(table.c.seq).where(table.c.book_id == book_id, named == name)
        found += reader.connection.execute(query).scalars()
    return sorted(found)
