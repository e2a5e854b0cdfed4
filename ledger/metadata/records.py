"""Records of metadata: the words that a partner keeps with an object of its own."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from ledger.kernel.constraints import Index, Refers
from ledger.kernel.ids import PartnerId
from ledger.kernel.record import Col, Fact, record


class MetadataNoun(StrEnum):
    """The kinds of objects that have metadata, as public ids name them."""

    ACCOUNT = "account"
    TRANSFER = "transfer"
    MONITOR = "monitor"
    TEMPLATE = "template"


@record
class ObjectMetadata(Fact):
    """All metadata of an object from this position on; the newest fact of an object applies."""

    TABLE = "object_metadata"
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Index(("book_id", "object_id", "seq")),
    )
    noun: Annotated[MetadataNoun, Col("The kind of the object.")]
    object_id: Annotated[UUID, Col("Id of the object.")]
    partner_id: Annotated[PartnerId, Col("The partner that the object belongs to.")]
    entries: Annotated[str, Col("Its names and values: a JSON object of words, sorted by name; never personal.")]
    actor: Annotated[str, Col("The actor that set it.")]
