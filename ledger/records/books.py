"""Books and their journals: the directory, the head, the chain of batches."""

from datetime import datetime
from typing import Annotated

from ledger.kernel.ids import BookId
from ledger.kernel.record import Col, Record, record
from ledger.records.facts import Fact


@record
class Book(Record):
    """A self-contained set of accounts: one programme in one jurisdiction."""

    TABLE = "books"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("Small number of the book.", key=True)]
    name: Annotated[str, Col("Unique short name, also the folder of the book in the lake.")]
    jurisdiction: Annotated[str, Col("ISO 3166-1 alpha-2 country whose law the book is under.")]
    currency: Annotated[str, Col("ISO 4217 code of the currency that the programme reports in.")]
    created_at: Annotated[datetime, Col("When the book was opened.")]


@record
class BookHead(Record):
    """The newest position of a book; locked last in every batch, so that positions are dense in commit order."""

    TABLE = "book_heads"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True)]
    last_seq: Annotated[int, Col("Position of the newest record; 0 in an empty journal.")]
    last_hash: Annotated[bytes, Col("Hash of the newest batch; 32 zero bytes in an empty journal.")]
    last_recorded_at: Annotated[datetime, Col("Instant of the newest batch.")]


@record
class UnfinishedImport(Record):
    """An import that has begun on a book and not come to its end: until it does, the book's past is not complete."""

    TABLE = "unfinished_imports"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True)]
    mapping: Annotated[str, Col("Name of the import's mapping.", key=True)]
    files: Annotated[str, Col("Names of its files, separated by commas.", key=True)]
    began_at: Annotated[datetime, Col("When it began first.")]


@record
class JournalBatch(Fact):
    """Facts that were recorded in one transaction, sealed by a link of the hash chain; `seq` is its last position."""

    TABLE = "journal_batches"
    first_seq: Annotated[int, Col("Position of its first fact.")]
    merkle_root: Annotated[bytes, Col("Root of the RFC 9162 Merkle tree over its facts, in order.")]
    previous_hash: Annotated[bytes, Col("Hash of the batch before it.")]
    hash: Annotated[bytes, Col("SHA-256 of previous hash, header and Merkle root.")]
