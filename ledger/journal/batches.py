"""Reads the batches of the journal: their last positions, the chain's hashes there, and their instants."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from ledger.journal.records import JournalBatch
from ledger.kernel.ids import BookId
from ledger.kernel.sql import table

_BATCHES: Final = table(JournalBatch)


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """A position that ends a batch, with the chain's hash there (hex)."""

    seq: int
    chain_hash: str


def next_batch_end(
    connection: sa.Connection, book_id: BookId, *, after: int, positions_max: int, at_least: int = 0
) -> BatchEnd | None:
    """Return the last batch end within `positions_max` after a position and not before `at_least`, or None.

    A visible batch is committed, and so are all before it, because they were written in turn under the lock of the
    head. A single batch that is larger is taken whole. After a stop between two tables, `at_least` is the end that the
    first table reached: the same end is returned first.
    """
    batches = _BATCHES.c
    of_book = sa.select(batches.seq, batches.hash).where(batches.book_id == book_id)
    within = of_book.where(batches.seq.between(max(after + 1, at_least), after + positions_max))
    beyond = of_book.where(batches.seq >= max(after + positions_max + 1, at_least))
    chosen = within.order_by(batches.seq) if at_least > after else within.order_by(batches.seq.desc())
    row = (
        connection.execute(chosen.limit(1)).first() or connection.execute(beyond.order_by(batches.seq).limit(1)).first()
    )
    return None if row is None else BatchEnd(row.seq, row.hash.hex())


def chain_hash_at(connection: sa.Connection, book_id: BookId, seq: int) -> str | None:
    """Return the chain's hash (hex) at the end of the batch that ends at `seq`, or None if no batch ends there."""
    query = sa.select(_BATCHES.c.hash).where(_BATCHES.c.book_id == book_id, _BATCHES.c.seq == seq)
    found = connection.execute(query).scalar()
    return None if found is None else bytes(found).hex()


def batch_end_from(connection: sa.Connection, book_id: BookId, seq: int) -> int | None:
    """Return the last position of the batch that holds a position, or None after the journal's end."""
    query = sa.select(sa.func.min(_BATCHES.c.seq)).where(_BATCHES.c.book_id == book_id, _BATCHES.c.seq >= seq)
    found: int | None = connection.execute(query).scalar_one()
    return found


def recorded_at(connection: sa.Connection, book_id: BookId, seq: int) -> datetime | None:
    """Return the instant at which the batch of a position was recorded, or None after the journal's end."""
    query = sa.select(sa.func.min(_BATCHES.c.recorded_at)).where(_BATCHES.c.book_id == book_id, _BATCHES.c.seq >= seq)
    found: datetime | None = connection.execute(query).scalar_one()
    return found
