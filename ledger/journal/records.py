"""Records of the journal: its head, its batches, its actors, and the positions of its readers."""

from datetime import date, datetime
from typing import Annotated, NewType

from ledger.kernel.constraints import Check, Refers, Unique
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Col, Fact, Record, record
from ledger.kernel.rights import Changes, Readers

ActorNo = NewType("ActorNo", int)


@record
class BookHead(Record):
    """The newest position of a book; locked first in every batch, so that positions are dense in commit order."""

    TABLE = "book_heads"
    IN_LAKE = False
    CONSTRAINTS = (Refers(("book_id",), "books"),)
    CHANGES = Changes(
        ("last_seq", "last_hash", "last_recorded_at", "closed_until_on", "imported_until_at", "clock_ahead_us")
    )
    FILL_FACTOR = 10
    READERS = Readers.ALL
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    last_seq: Annotated[int, Col("Position of the newest record; 0 in an empty journal.")]
    last_hash: Annotated[bytes, Col("Hash of the newest batch; 32 zero bytes in an empty journal.")]
    last_recorded_at: Annotated[datetime, Col("Instant of the newest batch.")]
    closed_until_on: Annotated[date | None, Col("The last day of the newest closed period; null if there is none.")]
    imported_until_at: Annotated[datetime | None, Col("Effective time of the newest strict import; null before one.")]
    clock_ahead_us: Annotated[
        int | None, Col("Of a sandbox: microseconds by which its clock is ahead of real time; null in a live book.")
    ]


@record
class Actor(Fact):
    """A person or program that orders transfers: a partner's key, an import, the system."""

    TABLE = "actors"
    CONSTRAINTS = (
        Refers(("book_id",), "books"),
        Unique(("book_id", "actor_no")),
        Unique(("book_id", "name")),
    )
    actor_no: Annotated[ActorNo, Col("Its number in the book, from 1, by which transfers refer to it.", bits=32)]
    name: Annotated[str, Col("Name of the actor, such as key_018f…, import:cards or system.")]


@record
class JournalBatch(Fact):
    """The facts of one transaction, sealed by a link of the hash chain; `seq` is its last position."""

    TABLE = "journal_batches"
    CONSTRAINTS = (
        Refers(("book_id",), "books"),
        Check("order", "first_seq <= seq"),
        Unique(("book_id", "recorded_at")),
    )
    READERS = Readers.ALL
    IS_LEAF = False
    first_seq: Annotated[int, Col("Position of its first fact.")]
    merkle_root: Annotated[bytes, Col("Root of the RFC 9162 Merkle tree over its facts, in order.")]
    previous_hash: Annotated[bytes, Col("Hash of the batch before it.")]
    hash: Annotated[bytes, Col("SHA-256 of previous hash, header and Merkle root.")]


@record
class PartnerHead(Record):
    """The end of a run of a partner's own facts, written in their transaction: what a partner's tokens count by."""

    TABLE = "partner_heads"
    IN_LAKE = False
    CONSTRAINTS = (
        Refers(("book_id",), "books"),
        Unique(("book_id", "partner_id", "ordinal")),
        Check("ordinal", "ordinal > 0"),
    )
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    partner_id: Annotated[PartnerId, Col("The partner whose facts are counted.", key=True)]
    seq: Annotated[int, Col("Position of the last fact of the run.", key=True)]
    ordinal: Annotated[int, Col("The number of the partner's own facts up to there.")]


@record
class AcknowledgedWatermark(Record):
    """The newest acknowledged watermark of a book, by which a lost or restored lake is noticed."""

    TABLE = "acknowledged_watermarks"
    IN_LAKE = False
    CONSTRAINTS = (Refers(("book_id",), "books"),)
    CHANGES = Changes(("seq", "chain_hash", "versions", "acknowledged_at"))
    FILL_FACTOR = 10
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    seq: Annotated[int, Col("All facts up to this position were in the lake.")]
    chain_hash: Annotated[bytes, Col("Hash of the batch that ends there.")]
    versions: Annotated[str, Col("JSON object: the Delta version that each table had, by its name.")]
    acknowledged_at: Annotated[datetime, Col("The instant of the acknowledgement.")]


@record
class ConsumerPosition(Record):
    """The position of a consumer in the journal of a book; it moves in the transaction of the consumer's effect."""

    TABLE = "consumer_positions"
    IN_LAKE = False
    CONSTRAINTS = (Refers(("book_id",), "books"), Check("seq", "seq >= 0"))
    CHANGES = Changes(("seq", "moved_at"))
    FILL_FACTOR = 10
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    name: Annotated[str, Col("Name of the consumer.", key=True)]
    seq: Annotated[int, Col("All facts up to this position are done.")]
    moved_at: Annotated[datetime, Col("The instant at which it last moved.")]
