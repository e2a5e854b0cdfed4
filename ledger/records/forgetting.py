"""Forgetting and what holds it up: that a subject was forgotten, and that a legal hold kept it."""

from enum import StrEnum
from typing import Annotated

from ledger.kernel.ids import PartnerId, SubjectId
from ledger.kernel.record import Col, record
from ledger.records.facts import Fact


class SubjectKind(StrEnum):
    """What a subject is to its partner."""

    CUSTOMER = "customer"
    COUNTERPARTY = "counterparty"


@record
class Forgetting(Fact):
    """A subject is forgotten: its key is destroyed, and no copy of its personal values can be read again."""

    TABLE = "forgettings"
    partner_id: Annotated[PartnerId, Col("The partner whose customer or counterparty it was.")]
    subject_id: Annotated[SubjectId, Col("Id of the subject; of a customer it is the customer's id.")]
    kind: Annotated[SubjectKind, Col("What the subject was to its partner.")]
    actor: Annotated[str, Col("Who ordered it.")]
    reason: Annotated[str, Col("Why, in the actor's words; it names no person.")]


@record
class LegalHold(Fact):
    """A duty to keep what is personal of a subject, placed or lifted; while it stands, the subject is not forgotten."""

    TABLE = "legal_holds"
    partner_id: Annotated[PartnerId, Col("The partner whose customer or counterparty it is.")]
    subject_id: Annotated[SubjectId, Col("Id of the subject; of a customer it is the customer's id.")]
    kind: Annotated[SubjectKind, Col("What the subject is to its partner.")]
    is_standing: Annotated[bool, Col("True where it was placed, false where it was lifted.")]
    actor: Annotated[str, Col("Who placed or lifted it.")]
    reason: Annotated[str, Col("Why, in the actor's words; it names no person.")]
