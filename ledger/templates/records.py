"""Records of posting templates, one fact per published version."""

from typing import Annotated, NewType
from uuid import UUID

from ledger.kernel.constraints import Check, Refers, Unique
from ledger.kernel.ids import PartnerId
from ledger.kernel.record import Col, Fact, record

TemplateId = NewType("TemplateId", UUID)


@record
class PostingTemplate(Fact):
    """A version of a partner's posting template; it is kept for ever, as are the transfers that name it."""

    TABLE = "posting_templates"
    PUBLIC_IDS = (("template", "tpl"),)
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Unique(("book_id", "template_id")),
        Unique(("book_id", "partner_id", "name", "version")),
        Unique(("book_id", "partner_id", "name", "declared_hash")),
        Check("version", "version > 0"),
    )
    template_id: Annotated[TemplateId, Col("Id of this version.")]
    partner_id: Annotated[PartnerId, Col("The partner who published it and calls it.")]
    name: Annotated[str, Col("Its name among the partner's templates.")]
    version: Annotated[int, Col("1, 2, 3 and so on, per name.")]
    declaration: Annotated[str, Col("The declaration in its canonical form, as JSON.")]
    declared_hash: Annotated[bytes, Col("SHA-256 of the declaration.")]
    actor: Annotated[str, Col("The actor that published it.")]
