"""Records of personal data: accesses with their reasons, erasures, and legal holds."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from ledger.kernel.constraints import Index, Unique
from ledger.kernel.ids import PartnerId
from ledger.kernel.record import Col, Fact, record
from ledger.kernel.retention import Retention
from ledger.kernel.rights import Readers
from ledger.tenancy.records import CustomerId
from ledger.vault.records import SubjectId


class Subject(StrEnum):
    """The nouns with personal data that people may read."""

    CUSTOMER = "customer"
    ACCOUNT = "account"
    TRANSFER = "transfer"
    QUARANTINED_ROW = "quarantined_row"
    VAULT_TOKEN = "vault_token"  # noqa: S105  # the name of a noun


@record
class PersonalDataAccess(Fact):
    """An access to personal data; recorded in the transaction that reads it, so that no access goes unrecorded."""

    TABLE = "personal_readings"
    CONSTRAINTS = (Index(("book_id", "subject_id", "seq")),)
    RETENTION = Retention.CUSTOMER
    partner_id: Annotated[PartnerId, Col("The partner that the subject belongs to; zero for a foreign row.")]
    subject: Annotated[Subject, Col("The noun whose personal data was read.")]
    subject_id: Annotated[UUID, Col("Id of the subject of the personal data.")]
    fields: Annotated[str, Col("Names of the personal columns that were read, separated by blanks.")]
    actor: Annotated[str, Col("The actor that read them.")]
    reason: Annotated[str, Col("The reason, in the actor's words; it names no person.")]


class SubjectKind(StrEnum):
    """The relation of a subject to its partner."""

    CUSTOMER = "customer"
    COUNTERPARTY = "counterparty"


@record
class Erasure(Fact):
    """The erasure of a subject: its key is destroyed, and no copy of its personal values can be read again."""

    TABLE = "forgettings"
    CONSTRAINTS = (Unique(("book_id", "subject_id")),)
    RETENTION = Retention.CUSTOMER
    partner_id: Annotated[PartnerId, Col("The partner whose customer or counterparty it was.")]
    subject_id: Annotated[SubjectId, Col("Id of the subject; of a customer it is the customer's id.")]
    kind: Annotated[SubjectKind, Col("The relation of the subject to its partner.")]
    actor: Annotated[str, Col("The actor that ordered it.")]
    reason: Annotated[str, Col("The reason, in the actor's words; it names no person.")]


class LegalHoldState(StrEnum):
    """The state of a subject's legal hold in its life cycle."""

    PLACED = "placed"
    LIFTED = "lifted"


@record
class LegalHold(Fact):
    """A duty to keep the personal data of a subject, placed or lifted; while in force, the subject is not forgotten."""

    TABLE = "legal_holds"
    CONSTRAINTS = (Index(("book_id", "subject_id", "seq")),)
    RETENTION = Retention.CUSTOMER
    partner_id: Annotated[PartnerId, Col("The partner whose customer or counterparty it is.")]
    subject_id: Annotated[SubjectId, Col("Id of the subject; of a customer it is the customer's id.")]
    kind: Annotated[SubjectKind, Col("The relation of the subject to its partner.")]
    is_standing: Annotated[bool, Col("True if it was placed, false if it was lifted.")]
    actor: Annotated[str, Col("The actor that placed or lifted it.")]
    reason: Annotated[str, Col("The reason, in the actor's words; it names no person.")]


@record
class CustomerParticulars(Fact):
    """The particulars of a customer in reports: name, address, tax id, date of birth; the newest ones apply.

    They are opened by export runs only, each with a recorded access.
    """

    TABLE = "customer_particulars"
    CONSTRAINTS = (Index(("book_id", "customer_id", "seq")),)
    ACCESS_IS_RECORDED = True
    READERS = Readers.NONE
    RETENTION = Retention.CUSTOMER
    partner_id: Annotated[PartnerId, Col("The partner whose customer it is.")]
    customer_id: Annotated[CustomerId, Col("The customer.")]
    particulars: Annotated[
        str, Col("A JSON object with the particulars, sealed under the customer's key.", pii=True, withheld=True)
    ]
    actor: Annotated[str, Col("The actor that stated them.")]
