"""Sets the metadata of an object, whichever context has the object, and reads it."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.journal import journal
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.metadata.entries import read_entries
from ledger.metadata.records import MetadataNoun, ObjectMetadata
from ledger.public_ids import public

_METADATA: Final = table(ObjectMetadata)

_Id = TypeVar("_Id", bound=UUID)


class MetadataOrder(NamedTuple):
    """An order to replace all metadata of a partner's object; `entries` is their stored form."""

    noun: MetadataNoun
    object_id: UUID
    partner_id: PartnerId
    entries: str


def set_metadata(work: Work, book_id: BookId, order: MetadataOrder) -> int:
    """Replace the metadata of an object, and return the position. Raises `NotFound`, also for another partner's."""
    batch = journal.open_batch(work, book_id)
    asked = {"book": book_id, "object": order.object_id, "partner": order.partner_id}
    if work.connection.execute(_EXISTS[order.noun], asked).one_or_none() is None:
        raise NotFound(f"there is no {order.noun} {public(order.noun, order.object_id)}")
    fact = journal.draft(ObjectMetadata, **order._asdict(), actor=work.actor)
    return journal.seal(work, batch, [fact]).last_seq


def describe_new(work: Work, book_id: BookId, noun: MetadataNoun, object_id: UUID, *, entries: str | None) -> None:
    """Set the metadata that a partner creates an object with, if any."""
    if entries is not None:
        assert work.partner_id is not None, "metadata is the partner's own"
        set_metadata(work, book_id, MetadataOrder(noun, object_id, work.partner_id, entries))


def metadata_of_each(reader: Reader, book_id: BookId, ids: Sequence[_Id]) -> dict[_Id, Mapping[str, str]]:
    """Return the metadata of several objects in the reader's scope, in one statement; of objects without any, none."""
    asked = {"book": book_id, "ids": list(ids), "partner": reader.partner_id}
    rows = reader.connection.execute(_NEWEST, asked)
    return {each: {} for each in ids} | {row.object_id: read_entries(row.entries) for row in rows}


def metadata_at(reader: Reader, book_id: BookId, position: int) -> ObjectMetadata:
    """Return the fact at a position that set metadata in the reader's scope."""
    asked = {"book": book_id, "position": position, "partner": reader.partner_id}
    return as_record(ObjectMetadata, reader.connection.execute(_AT, asked).one())


_UUID: Final = _METADATA.c.object_id.type
_PARTNER: Final = sa.bindparam("partner", type_=_UUID)
_EXISTS: Final = {
    noun: sa.text(text).bindparams(sa.bindparam("object", type_=_UUID), _PARTNER)
    for noun, text in {
        MetadataNoun.ACCOUNT: "SELECT 1 FROM accounts WHERE book_id = :book AND account_id = :object "
        "AND partner_id = :partner",
        MetadataNoun.TRANSFER: "SELECT 1 FROM transfers t JOIN partners p USING (book_id, partner_no) "
        "WHERE t.book_id = :book AND t.transfer_id = :object AND p.partner_id = :partner",
        MetadataNoun.MONITOR: "SELECT 1 FROM monitors WHERE book_id = :book AND monitor_id = :object "
        "AND partner_id = :partner LIMIT 1",
        MetadataNoun.TEMPLATE: "SELECT 1 FROM posting_templates WHERE book_id = :book AND template_id = :object "
        "AND partner_id = :partner",
    }.items()
}
_OWN: Final = sa.select(_METADATA).where(
    _METADATA.c.book_id == sa.bindparam("book", type_=sa.Integer()),
    (_METADATA.c.partner_id == _PARTNER).is_not(sa.false()),
)
_AT: Final = _OWN.where(_METADATA.c.seq == sa.bindparam("position", type_=sa.BigInteger()))
_NEWEST: Final = (
    _OWN.where(_METADATA.c.object_id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(_UUID))))
    .ext(distinct_on(_METADATA.c.object_id))
    .order_by(_METADATA.c.object_id, _METADATA.c.seq.desc())
)
