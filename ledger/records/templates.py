"""Posting templates, one fact per published version."""

from typing import Annotated

from ledger.kernel.ids import PartnerId, TemplateId
from ledger.kernel.record import Col, record
from ledger.records.facts import Fact


@record
class PostingTemplate(Fact):
    """A version of a partner's posting template; it stands for ever, and so do the transfers that name it."""

    TABLE = "posting_templates"
    template_id: Annotated[TemplateId, Col("Id of this version.")]
    partner_id: Annotated[PartnerId, Col("The partner who published it and calls it.")]
    name: Annotated[str, Col("Its name among the partner's templates.")]
    version: Annotated[int, Col("1, 2, 3 and so on, per name.")]
    declaration: Annotated[str, Col("The declaration in its canonical form, as JSON.")]
    declared_hash: Annotated[bytes, Col("SHA-256 of the declaration.")]
    actor: Annotated[str, Col("Who published it.")]
