"""Records of exports: duties to report, the runs of reports, their destinations and deliveries, their signing keys."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

from ledger.kernel.constraints import Check, Index, Unique
from ledger.kernel.record import Col, Fact, record
from ledger.kernel.rights import Readers

ExportId = NewType("ExportId", UUID)
DestinationId = NewType("DestinationId", UUID)
DeliveryId = NewType("DeliveryId", UUID)
SigningKeyId = NewType("SigningKeyId", UUID)


class ExportState(StrEnum):
    """The state of an export in its life cycle."""

    WITHHELD = "withheld"
    MADE = "made"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class DeliveryState(StrEnum):
    """The state of a delivery in its life cycle."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@record
class ReportingObligation(Fact):
    """A duty of a book to make a report from a date on, with the report's parameters; the newest one applies.

    No export has a partner's id: a partner counts its own facts, and would learn from the count that a report exists.
    """

    TABLE = "reporting_obligations"
    CONSTRAINTS = (Index(("book_id", "report", "seq")),)
    READERS = Readers.NONE
    report: Annotated[str, Col("The report, by its name in the code.")]
    from_on: Annotated[date, Col("The first accounting date that is reported.")]
    until_on: Annotated[date | None, Col("The last accounting date that is reported; null while the duty continues.")]
    parameters: Annotated[str, Col("The report's parameters as a JSON object of texts, with sorted names.")]
    actor: Annotated[str, Col("The actor that declared it.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]


@record
class Export(Fact):
    """A run of a report for a period at a position, and at later positions of the same id what became of it."""

    TABLE = "exports"
    PUBLIC_IDS = (("export", "exp"),)
    CONSTRAINTS = (
        Index(("book_id", "export_id", "seq")),
        Index(("book_id", "report", "from_on", "seq")),
        Check("period", "until_on >= from_on"),
        Check("manifest", "(state = 'withheld') = (manifest_hash IS NULL)"),
    )
    READERS = Readers.NONE
    export_id: Annotated[ExportId, Col("Id of the export.")]
    report: Annotated[str, Col("The report, by its name in the code.")]
    partner_ref: Annotated[str | None, Col("The partner that it is about; null if it is about the whole book.")]
    from_on: Annotated[date, Col("The first accounting date of its period.")]
    until_on: Annotated[date, Col("The last accounting date of its period.")]
    as_of_seq: Annotated[int, Col("The journal position at which it read the book.")]
    state: Annotated[ExportState, Col("The state of the export from here on.")]
    chain_hash: Annotated[bytes, Col("The hash of the journal's chain at that position.")]
    content_hash: Annotated[bytes | None, Col("SHA-256 over the digests of its files; null if it was withheld.")]
    manifest_hash: Annotated[bytes | None, Col("SHA-256 of its manifest; null if it was withheld.")]
    key_id: Annotated[SigningKeyId | None, Col("The key that signed the manifest; null if it was withheld.")]
    supersedes_id: Annotated[ExportId | None, Col("The export that it amends; null if it is the first of its period.")]
    receipt: Annotated[str | None, Col("The recipient's identifier in its acknowledgement; null without one.")]
    actor: Annotated[str, Col("The actor that recorded it.")]
    reason: Annotated[str, Col("The reason why it was recorded; of a withheld export the checks that failed.")]


@record
class ExportSigningKey(Fact):
    """An Ed25519 key that signs manifests from this position on; the newest one signs."""

    TABLE = "export_signing_keys"
    CONSTRAINTS = (Unique(("book_id", "key_id")),)
    READERS = Readers.NONE
    key_id: Annotated[SigningKeyId, Col("Id of the key, derived from its public half.")]
    public_key: Annotated[bytes, Col("The public half, 32 bytes (RFC 8032).")]
    private_key: Annotated[str, Col("The private half, sealed under a key of its own.", pii=True, withheld=True)]
    actor: Annotated[str, Col("The actor that made it.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]


@record
class ExportDestination(Fact):
    """A place where the exports of a report are delivered, with its settings from this position on."""

    TABLE = "export_destinations"
    CONSTRAINTS = (Index(("book_id", "destination_id", "seq")),)
    READERS = Readers.NONE
    destination_id: Annotated[DestinationId, Col("Id of the destination.")]
    report: Annotated[str, Col("The report that is delivered there.")]
    partner_ref: Annotated[str | None, Col("Only exports about this partner; null: those about the whole book.")]
    address: Annotated[
        str, Col("Its URL: file:///…, s3://bucket/prefix or sftp://user@host:port/folder.", withheld=True)
    ]
    host_key: Annotated[str | None, Col("Of SFTP: the server's public key, in OpenSSH's format.")]
    credential: Annotated[
        str | None, Col("The secret of the account there, sealed under a key of its own.", pii=True, withheld=True)
    ]
    is_active: Annotated[bool, Col("False if nothing is delivered there any more.")]
    actor: Annotated[str, Col("The actor that recorded it.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]


@record
class ExportDelivery(Fact):
    """A delivery of an export to a destination: the intent, and at later positions of the same id each attempt."""

    TABLE = "export_deliveries"
    CONSTRAINTS = (
        Index(("book_id", "delivery_id", "seq")),
        Index(("book_id", "export_id", "seq")),
        Check("due", "(state = 'waiting') = (due_at IS NOT NULL)"),
    )
    READERS = Readers.NONE
    delivery_id: Annotated[DeliveryId, Col("Id of the delivery.")]
    export_id: Annotated[ExportId, Col("The export.")]
    destination_id: Annotated[DestinationId, Col("The destination.")]
    state: Annotated[DeliveryState, Col("The state of the delivery from here on.")]
    attempt: Annotated[int, Col("The number of attempts since the intent or the newest order to send again.", bits=32)]
    begun_at: Annotated[datetime, Col("Instant of the intent, or of the newest order to send again.")]
    due_at: Annotated[datetime | None, Col("The instant of the next attempt; null if there is none.")]
    receipt: Annotated[str | None, Col("What the destination holds, as it was read back; null before.")]
    actor: Annotated[str, Col("The actor that recorded it.")]
    reason: Annotated[str, Col("The reason why it was recorded; of a failed attempt its fault.")]


@record
class BankBalance(Fact):
    """The closing balance of an account at a bank on a date, as the bank stated it; the newest statement applies."""

    TABLE = "bank_balances"
    CONSTRAINTS = (Index(("book_id", "balance_on", "bank_account", "seq")),)
    READERS = Readers.NONE
    bank_account: Annotated[str, Col("The operator's name of the account at the bank; not its number.")]
    partner_ref: Annotated[str, Col("The partner whose customers' money lies there.")]
    currency: Annotated[str, Col("ISO 4217 code of the account's currency.")]
    balance_on: Annotated[date, Col("The date of the closing balance.")]
    balance_minor: Annotated[int, Col("The closing booked balance, in minor units; negative if overdrawn.")]
    source_hash: Annotated[bytes | None, Col("SHA-256 of the bank's file that states it; null if an operator did.")]
    actor: Annotated[str, Col("The actor that recorded it.")]
    reason: Annotated[str, Col("The reason, or the name of the file.")]
