"""The audit: re-derives everything the book stores from its transfers and its chain, and names what differs."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from typing import Final

import sqlalchemy as sa

from ledger.book.derivations import DERIVATIONS
from ledger.events.feed import FACTS, row_tuples
from ledger.events.merkle import GENESIS, batch_hash, leaf_hash, merkle_root
from ledger.events.tables import BOOK_HEADS, JOURNAL_BATCHES
from ledger.kernel.ids import BookId
from ledger.kernel.record import Record
from ledger.kernel.tuples import proved
from ledger.kernel.work import Reader

_SHOWN: Final = 5
"""How many offenders a finding names."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `detail` names the offenders, or says what was compared."""

    check: str
    ok: bool
    detail: str


def audit(reader: Reader, book_id: BookId) -> list[Finding]:
    """Every check of one book, in one snapshot: the chain with its positions, then what follows from the transfers."""
    return [
        _chain(reader.connection, book_id),
        *(_finding(check, _offenders(reader.connection, book_id, query), say) for check, query, say in DERIVATIONS),
    ]


def _chain(connection: sa.Connection, book_id: BookId) -> Finding:
    """Hash every fact again, batch by batch, up to the head."""
    leaves = _leaves(connection, book_id)
    previous, expected, faults = GENESIS, 1, []
    pending = next(leaves, None)
    for link in _links(connection, book_id):
        hashes, positions = [], []
        while pending is not None and pending[0] <= link.seq:
            positions.append(pending[0])
            hashes.append(pending[1])
            pending = next(leaves, None)
        span = f"positions {link.first_seq} to {link.seq}"
        if positions != list(range(expected, link.seq + 1)) or link.first_seq != expected:
            faults.append(f"{span}: facts are missing, surplus or out of order")
        elif merkle_root(hashes) != link.merkle_root:
            faults.append(f"{span}: a fact was changed since it was sealed")
        digest = batch_hash(previous, (book_id, link.first_seq, link.seq), link.recorded_at, link.merkle_root)
        if (link.previous_hash, link.hash) != (previous, digest):
            faults.append(f"{span}: the link does not follow from the one before")
        previous, expected = link.hash, link.seq + 1
    head = connection.execute(sa.select(BOOK_HEADS).where(BOOK_HEADS.c.book_id == book_id)).one()
    if pending is not None or (head.last_seq, head.last_hash) != (expected - 1, previous):
        faults.append(f"the head says position {head.last_seq}, the chain ends at {expected - 1}")
    return _finding("hash_chain", faults, f"{expected - 1} positions re-hashed up to {previous.hex()[:16]}…")


def _links(connection: sa.Connection, book_id: BookId) -> Iterator[sa.Row[tuple[object, ...]]]:
    query = sa.select(JOURNAL_BATCHES).where(JOURNAL_BATCHES.c.book_id == book_id).order_by(JOURNAL_BATCHES.c.seq)
    with connection.execute(query, execution_options={"yield_per": 1000}) as links:
        yield from links


def _leaves(connection: sa.Connection, book_id: BookId) -> Iterator[tuple[int, bytes]]:
    """Position and leaf hash of every fact of the book, in order of position."""
    return merge(*(_record_leaves(connection, record, book_id) for record in FACTS))


def _record_leaves(connection: sa.Connection, record: type[Record], book_id: BookId) -> Iterator[tuple[int, bytes]]:
    return ((seq, leaf_hash(record, proved(row))) for seq, row in row_tuples(connection, record, book_id))


def _offenders(connection: sa.Connection, book_id: BookId, query: str) -> list[str]:
    found = connection.execute(sa.text(f"SELECT * FROM ({query}) o LIMIT {_SHOWN + 1}"), {"book": book_id})  # noqa: S608  # the constants below
    return [", ".join(f"{name} {value}" for name, value in row._asdict().items()) for row in found]


def _finding(check: str, faults: list[str], say: str) -> Finding:
    if not faults:
        return Finding(check, ok=True, detail=say)
    more = " and more" if len(faults) > _SHOWN else ""
    return Finding(check, ok=False, detail="; ".join(faults[:_SHOWN]) + more)
