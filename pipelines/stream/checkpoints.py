"""Cuts: up to which position a book's tables are brought next, always the end of a batch."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from ledger.journal.records import JournalBatch
from ledger.kernel.ids import BookId
from ledger.kernel.sql import table

_JOURNAL_BATCHES: Final = table(JournalBatch)

POSITIONS_MAX: Final = 100_000
"""Positions in one commit: some 100 MB of memory with all that passes through it."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A position that ends a batch, with the chain's hash there (hex)."""

    seq: int
    chain_hash: str


def next_cut(connection: sa.Connection, book_id: BookId, *, after: int, at_least: int = 0) -> Cut | None:
    """The next cut after a position, and not before `at_least`; None where the journal ends.

    A batch that can be seen is committed, and so are all before it, for they were written one after another under the
    lock of the book's head. A single batch larger than a commit is one cut all the same.
    """
    batches = _JOURNAL_BATCHES.c
    of_book = sa.select(batches.seq, batches.hash).where(batches.book_id == book_id)
    within = of_book.where(batches.seq.between(max(after + 1, at_least), after + POSITIONS_MAX))
    beyond = of_book.where(batches.seq >= max(after + POSITIONS_MAX + 1, at_least))
    # After a stop between two tables, `at_least` names the end that the first one reached: the same cut is ended first.
    chosen = within.order_by(batches.seq) if at_least > after else within.order_by(batches.seq.desc())
    row = (
        connection.execute(chosen.limit(1)).first() or connection.execute(beyond.order_by(batches.seq).limit(1)).first()
    )
    return None if row is None else Cut(row.seq, row.hash.hex())


def chain_hash_at(connection: sa.Connection, book_id: BookId, seq: int) -> str | None:
    """The chain's hash (hex) at the end of the batch that ends at `seq`; None where no batch ends there."""
    batches = _JOURNAL_BATCHES.c
    query = sa.select(batches.hash).where(batches.book_id == book_id, batches.seq == seq)
    found = connection.execute(query).scalar()
    return None if found is None else bytes(found).hex()
