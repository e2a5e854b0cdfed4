"""Books and their journals: the directory, the head, the chain of batches, calendars and periods, actors."""

from datetime import date, datetime
from typing import Annotated

from ledger.kernel.ids import ActorNo, BookId
from ledger.kernel.record import Col, Record, record
from ledger.records.facts import Fact


@record
class Book(Record):
    """A self-contained set of accounts: one programme in one jurisdiction."""

    TABLE = "books"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("Small number of the book.", key=True, bits=32)]
    name: Annotated[str, Col("Unique short name, also the folder of the book in the lake.")]
    jurisdiction: Annotated[str, Col("ISO 3166-1 alpha-2 country whose law the book is under.")]
    currency: Annotated[str, Col("ISO 4217 code of the currency that the programme reports in.")]
    created_at: Annotated[datetime, Col("When the book was opened.")]


@record
class BookOpening(Fact):
    """A book was opened; or it stood before openings were recorded, and this states it as it was found."""

    TABLE = "book_openings"
    name: Annotated[str, Col("Unique short name, also the folder of the book in the lake.")]
    jurisdiction: Annotated[str, Col("ISO 3166-1 alpha-2 country whose law the book is under.")]
    currency: Annotated[str, Col("ISO 4217 code of the currency that the programme reports in.")]
    opened_at: Annotated[datetime, Col("When the book was opened.")]
    actor: Annotated[str, Col("Who opened it.")]
    reason: Annotated[str, Col("Why, in the actor's words.")]
    imported_until_at: Annotated[
        datetime | None, Col("Of a book that stood before: effective time of its newest strict import; null otherwise.")
    ]


@record
class BookHead(Record):
    """The newest position of a book; locked last in every batch, so that positions are dense in commit order."""

    TABLE = "book_heads"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    last_seq: Annotated[int, Col("Position of the newest record; 0 in an empty journal.")]
    last_hash: Annotated[bytes, Col("Hash of the newest batch; 32 zero bytes in an empty journal.")]
    last_recorded_at: Annotated[datetime, Col("Instant of the newest batch.")]
    closed_until_on: Annotated[date | None, Col("The last day of the newest closed period; null where none is.")]
    imported_until_at: Annotated[datetime | None, Col("Effective time of the newest strict import; null before one.")]


@record
class AcknowledgedWatermark(Record):
    """The newest watermark of a book as the ledger was told of it: a lake that is lost or put back is noticed by it."""

    TABLE = "acknowledged_watermarks"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    seq: Annotated[int, Col("All facts up to this position were in the lake.")]
    chain_hash: Annotated[bytes, Col("Hash of the batch that ends there.")]
    versions: Annotated[str, Col("JSON object: the Delta version that each table had, by its name.")]
    acknowledged_at: Annotated[datetime, Col("When the stream said so.")]


@record
class PeriodClosing(Fact):
    """All accounting dates up to a day are closed: nothing can be posted into them any more."""

    TABLE = "period_closings"
    closed_until_on: Annotated[date, Col("The last day of the closed period.")]
    accounts: Annotated[int, Col("How many accounts had anything on them by then.")]
    seal: Annotated[bytes, Col("SHA-256 over the trial balance of every account by that day, as the guide states it.")]
    actor: Annotated[str, Col("Who closed it.")]
    reason: Annotated[str, Col("Why, in the actor's words.")]


@record
class BookResidency(Fact):
    """The book's rows lie in the root of a zone, and in no other: the journal says so, whatever settings say."""

    TABLE = "book_residencies"
    zone: Annotated[str, Col("The zone: a jurisdiction with a root of its own, in capitals, such as EU.")]
    actor: Annotated[str, Col("Who put the book there: the process that streamed it first.")]


@record
class BookCalendar(Fact):
    """How a book counts its accounting dates from a date on: by the clock of a time zone, each up to a cut-off."""

    TABLE = "book_calendars"
    from_on: Annotated[date, Col("The first accounting date that is counted so; year 1: all from the beginning.")]
    cut_off_minutes: Annotated[
        int, Col("Wall time at which a date is over, in minutes after its midnight: 1440 is the next midnight.")
    ]
    time_zone: Annotated[str, Col("IANA name of the time zone, such as Europe/Prague.")]
    actor: Annotated[str, Col("Who set it.")]
    reason: Annotated[str, Col("Why, in the actor's words.")]


@record
class OperatingPeriod(Fact):
    """From when to when a book operates, as its operator declares it: the public bounds of what is released of it."""

    TABLE = "operating_periods"
    from_on: Annotated[date, Col("The first accounting date of the operation.")]
    actor: Annotated[str, Col("Who declared it.")]
    reason: Annotated[str, Col("Why, in the actor's words.")]
    until_on: Annotated[date | None, Col("The last accounting date of the operation; null while it goes on.")]


@record
class Actor(Fact):
    """Somebody or something that orders transfers: a partner's key, an import, the system."""

    TABLE = "actors"
    actor_no: Annotated[ActorNo, Col("Its number in the book, from 1: what transfers name it by.", bits=32)]
    name: Annotated[str, Col("Who it is, such as key_018f…, import:cards or system.")]


@record
class JournalBatch(Fact):
    """Facts that were recorded in one transaction, sealed by a link of the hash chain; `seq` is its last position."""

    TABLE = "journal_batches"
    first_seq: Annotated[int, Col("Position of its first fact.")]
    merkle_root: Annotated[bytes, Col("Root of the RFC 9162 Merkle tree over its facts, in order.")]
    previous_hash: Annotated[bytes, Col("Hash of the batch before it.")]
    hash: Annotated[bytes, Col("SHA-256 of previous hash, header and Merkle root.")]
