"""The journal's only writer: gives facts their positions, stores them, and seals each batch into the hash chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
import sqlalchemy as sa

from ledger.events.merkle import batch_hash, leaf_hash, merkle_root
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId
from ledger.kernel.record import Record, columns
from ledger.kernel.tuples import HEADER, TRAILER, encoder
from ledger.kernel.work import Work
from ledger.records.books import JournalBatch
from ledger.records.facts import Fact

Draft = tuple[type[Fact], tuple[object, ...]]
"""A fact before it has its position: the record, and its values after `book_id, seq, recorded_at`."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest position of a book and the chain's newest link."""

    last_seq: int
    last_hash: bytes
    last_recorded_at: datetime


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that holds the head's lock: its facts get positions from `first_seq` on, recorded at `recorded_at`."""

    book_id: BookId
    first_seq: int
    recorded_at: datetime
    previous_hash: bytes


def draft(record: type[Fact], **values: object) -> Draft:
    """A fact from named values; all columns after the position must be named, and nothing else."""
    names = [column.name for column in columns(record)[3:]]
    assert set(values) == set(names), f"{record.TABLE} takes {names}, not {sorted(values)}"
    return record, tuple(values[name] for name in names)


def head(connection: sa.Connection, book_id: BookId) -> Head:
    """The head of a book, unlocked. Raises `NotFound`."""
    return _head(driver(connection), book_id, lock=False)


def open_batch(work: Work, book_id: BookId) -> OpenBatch:
    """Lock the head until the unit of work ends, and say what positions and instant come next.

    Take it after the locks on accounts, never before: every writer locks accounts, then the head. Raises `NotFound`.
    """
    newest = _head(driver(work.connection), book_id, lock=True)
    recorded_at = max(work.now, newest.last_recorded_at + timedelta(microseconds=1))
    return OpenBatch(book_id, newest.last_seq + 1, recorded_at, newest.last_hash)


def seal(work: Work, batch: OpenBatch, drafts: Sequence[Draft]) -> int:
    """Store the facts at consecutive positions, chain the batch, move the head; the last position."""
    last_seq = batch.first_seq + len(drafts) - 1
    leaves: list[bytes] = []
    tuples: dict[type[Record], list[bytes]] = {}
    for seq, (record, values) in enumerate(drafts, batch.first_seq):
        row = encoder(record)((batch.book_id, seq, batch.recorded_at, *values))
        leaves.append(leaf_hash(record, row))
        tuples.setdefault(record, []).append(row)
    root = merkle_root(leaves)
    digest = batch_hash(batch.previous_hash, (batch.book_id, batch.first_seq, last_seq), batch.recorded_at, root)
    link = (batch.book_id, last_seq, batch.recorded_at, batch.first_seq, root, batch.previous_hash, digest)
    tuples[JournalBatch] = [encoder(JournalBatch)(link)]
    connection = driver(work.connection)
    for stored, rows in tuples.items():
        copy_tuples(connection, stored, rows)
    connection.execute(
        "UPDATE book_heads SET last_seq = %s, last_hash = %s, last_recorded_at = %s WHERE book_id = %s",
        (last_seq, digest, batch.recorded_at, batch.book_id),
    )
    return last_seq


def copy_tuples(
    connection: psycopg.Connection[tuple[object, ...]], record: type[Record], rows: Sequence[bytes]
) -> None:
    """Bring row tuples into the record's table with one COPY."""
    names = ", ".join(column.name for column in columns(record))
    with connection.cursor().copy(f"COPY {record.TABLE} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(HEADER + b"".join(rows) + TRAILER)


def driver(connection: sa.Connection) -> psycopg.Connection[tuple[object, ...]]:
    """The psycopg connection under an SQLAlchemy one, in the same transaction: for COPY and the posting path."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def _head(connection: psycopg.Connection[tuple[object, ...]], book_id: BookId, *, lock: bool) -> Head:
    query = "SELECT last_seq, last_hash, last_recorded_at FROM book_heads WHERE book_id = %s"
    row = connection.execute(query + " FOR UPDATE" if lock else query, (book_id,), binary=True).fetchone()
    if row is None:
        raise NotFound(f"there is no book {book_id}")
    last_seq, last_hash, last_recorded_at = row
    assert isinstance(last_seq, int)
    assert isinstance(last_hash, bytes)
    assert isinstance(last_recorded_at, datetime)
    return Head(last_seq, last_hash, last_recorded_at)
