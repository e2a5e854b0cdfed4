"""The journal's only writer: assigns positions to facts, stores them, and seals each batch into the hash chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

import psycopg
import sqlalchemy as sa

from ledger.journal.encoded_facts import EncodedFacts
from ledger.journal.merkle import batch_hash, leaf_hash, merkle_root
from ledger.journal.partner_runs import PartnerHeads, Runs, runs_of
from ledger.kernel.copies import copy_tuples
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId
from ledger.kernel.record import Fact, columns
from ledger.kernel.tuples import encoder
from ledger.kernel.work import Work

Draft = tuple[type[Fact], tuple[object, ...]]
"""A fact before it has its position: the record, and its values after `book_id, seq, recorded_at`."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest position and chain hash of a book, its last closed day, and the end of its strict history.

    `clock_ahead_us` is the time by which the clock of a sandbox is ahead, in microseconds; None in a live book.
    """

    last_seq: int
    last_hash: bytes
    last_recorded_at: datetime
    closed_until_on: date | None
    imported_until_at: datetime | None
    clock_ahead_us: int | None = None

    @property
    def is_sandbox(self) -> bool:
        """Return whether the book is a sandbox, which alone has a clock of its own."""
        return self.clock_ahead_us is not None

    def by_clock(self, instant: datetime) -> datetime:
        """Return what the book's clock shows at a real instant; in a live book, the same."""
        return instant + timedelta(microseconds=self.clock_ahead_us or 0)


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that holds the head's lock: its facts get positions from `first_seq` on, recorded at `recorded_at`."""

    book_id: BookId
    recorded_at: datetime
    head: Head

    @property
    def first_seq(self) -> int:
        """The position of the batch's first fact."""
        return self.head.last_seq + 1


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch that was written: its last position, the chain's newest hash, and the heads of its partners."""

    last_seq: int
    hash: bytes
    heads: PartnerHeads


_HEAD: Final = """
    SELECT last_seq, last_hash, last_recorded_at, closed_until_on, imported_until_at, clock_ahead_us
    FROM book_heads WHERE book_id = %s
"""
# Writers look rows up by their keys. A cached plan from when a table was small would scan all of it.
_LOCKED_HEAD: Final = """
    SELECT last_seq, last_hash, last_recorded_at, closed_until_on, imported_until_at, clock_ahead_us
    FROM book_heads, set_config('enable_seqscan', 'off', true) WHERE book_id = %s FOR UPDATE OF book_heads
"""
_LINK: Final = """
    WITH link AS (
        INSERT INTO journal_batches (book_id, seq, recorded_at, first_seq, merkle_root, previous_hash, hash)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
    ), head AS (
        UPDATE book_heads
        SET last_seq = %s, last_hash = %s, last_recorded_at = %s, closed_until_on = %s, imported_until_at = %s
        WHERE book_id = %s
    ), run AS (
        SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS run (partner_id, seq, size)
    ), counted AS (
        SELECT touched.partner_id, coalesce((
            SELECT own.ordinal FROM partner_heads own
            WHERE own.book_id = %s AND own.partner_id = touched.partner_id ORDER BY own.seq DESC LIMIT 1
        ), 0) AS ordinal
        FROM (SELECT DISTINCT partner_id FROM run) touched
    )
    INSERT INTO partner_heads (book_id, partner_id, seq, ordinal)
    SELECT %s, partner_id, run.seq, counted.ordinal + sum(run.size) OVER (PARTITION BY partner_id ORDER BY run.seq)
    FROM run JOIN counted USING (partner_id)
    RETURNING partner_id, seq, ordinal
"""


def draft(record: type[Fact], **values: object) -> Draft:
    """Draft a fact from named values; all columns after the position must be named, and nothing else."""
    names = [column.name for column in columns(record)[3:]]
    assert set(values) == set(names), f"{record.TABLE} takes {names}, not {sorted(values)}"
    return record, tuple(values[name] for name in names)


def head(connection: sa.Connection, book_id: BookId) -> Head:
    """Return the head of a book, unlocked. Raises `NotFound`."""
    return _head_of(connection.exec_driver_sql(_HEAD, (book_id,)).one_or_none(), book_id)


def open_batch(work: Work, book_id: BookId) -> OpenBatch:
    """Lock the head until the unit of work ends, and return the batch with its first position and its instant.

    It is the only lock of a book, and every writer takes it first: what is read after it still holds when the batch is
    written. The instant is read from the clock of the book, which in a sandbox may be ahead. Raises `NotFound`.
    """
    locked = driver(work.connection).execute(_LOCKED_HEAD, (book_id,), binary=True).fetchone()
    newest = _head_of(locked, book_id)
    return OpenBatch(book_id, _instant(work.now, newest), newest)


def seal(  # noqa: PLR0913  # all that moves with a batch
    work: Work,
    batch: OpenBatch,
    facts: Sequence[Draft] | EncodedFacts,
    *,
    imported_until_at: datetime | None = None,
    closed_until_on: date | None = None,
    runs: Runs | None = None,
) -> Sealed:
    """Store the facts at consecutive positions, chain the batch, move the head and those of the partners.

    `runs` are those of the facts of partners; without them they follow from the facts' own partners. Encoded facts
    already have the positions of the batch. `imported_until_at` also moves the end of strict history,
    `closed_until_on` the last closed day.
    """
    if runs is None:
        assert not isinstance(facts, EncodedFacts), "encoded facts come with their runs"
        runs = runs_of(facts, batch.first_seq, {})
    tuples, leaves = facts if isinstance(facts, EncodedFacts) else _encoded(batch, facts)
    assert leaves, "an empty batch is never sealed"
    assert len(leaves) == sum(map(len, tuples.values())), "every fact is a leaf"
    book_id, recorded_at, first_seq = batch.book_id, batch.recorded_at, batch.first_seq
    last_seq = first_seq + len(leaves) - 1
    root = merkle_root(leaves)
    digest = batch_hash(batch.head.last_hash, (book_id, first_seq, last_seq), recorded_at, root)
    connection = driver(work.connection)
    for stored, rows in tuples.items():
        copy_tuples(connection, stored, rows)
    marks = (closed_until_on or batch.head.closed_until_on, imported_until_at or batch.head.imported_until_at)
    link = (book_id, last_seq, recorded_at, first_seq, root, batch.head.last_hash, digest)
    moved = (last_seq, digest, recorded_at, *marks, book_id)
    ends = connection.execute(_LINK, (*link, *moved, *map(list, runs), book_id, book_id), binary=True).fetchall()
    return Sealed(last_seq, digest, PartnerHeads(cast("list[tuple[UUID, int, int]]", ends)))


def driver(connection: sa.Connection) -> psycopg.Connection[tuple[object, ...]]:
    """Return the psycopg connection under an SQLAlchemy one, in the same transaction: for COPY and the posting path."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def _instant(now: datetime, newest: Head) -> datetime:
    """Return the instant of the next batch: no two batches of a book have the same, and none an earlier one."""
    return max(newest.by_clock(now), newest.last_recorded_at + timedelta(microseconds=1))


def _head_of(row: Sequence[Any] | None, book_id: BookId) -> Head:
    if row is None:
        raise NotFound(f"there is no book {book_id}")
    return Head(*row)


def _encoded(batch: OpenBatch, drafts: Sequence[Draft]) -> EncodedFacts:
    leaves: list[bytes] = []
    tuples: dict[type[Fact], list[bytes]] = {}
    encoders = {record: encoder(record) for record in {record for record, _ in drafts}}
    for seq, (record, values) in enumerate(drafts, batch.first_seq):
        row, proved = encoders[record]((batch.book_id, seq, batch.recorded_at, *values))
        leaves.append(leaf_hash(record, proved))
        tuples.setdefault(record, []).append(row)
    return EncodedFacts(tuples, leaves)
