"""Readings of personal data: who read what of whom, and why."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from ledger.kernel.ids import PartnerId
from ledger.kernel.record import Col, record
from ledger.records.facts import Fact


class Subject(StrEnum):
    """The nouns whose records hold personal data that is read by a person."""

    CUSTOMER = "customer"
    ACCOUNT = "account"
    TRANSFER = "transfer"
    QUARANTINED_ROW = "quarantined_row"


@record
class PersonalReading(Fact):
    """Somebody was shown personal data; recorded in the transaction that read it, so that none goes without."""

    TABLE = "personal_readings"
    partner_id: Annotated[PartnerId, Col("The partner that the subject belongs to; zero for a foreign row.")]
    subject: Annotated[Subject, Col("What was read: the noun.")]
    subject_id: Annotated[UUID, Col("Id of the one who was read about.")]
    fields: Annotated[str, Col("Names of the personal columns that were read, separated by blanks.")]
    actor: Annotated[str, Col("Who read them.")]
    reason: Annotated[str, Col("Why, in the actor's words; it names no person.")]
