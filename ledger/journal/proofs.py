"""Proofs of inclusion: prove that one fact is at its position, under a hash that anybody may have kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from ledger.journal.feed import row_tuples
from ledger.journal.journal import head
from ledger.journal.merkle import Step, batch_hash, inclusion_path, leaf_hash, merkle_root, root_from_path
from ledger.journal.records import JournalBatch
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId
from ledger.kernel.record import Record
from ledger.kernel.sql import table
from ledger.kernel.tuples import proved
from ledger.kernel.work import Reader
from ledger.records import FACTS

_JOURNAL_BATCHES: Final = table(JournalBatch)


@dataclass(frozen=True, slots=True)
class Proof:
    """The proved part of a fact's row, the path to its batch's root, and at least one link, from that batch on."""

    record: type[Record]
    seq: int
    proved: bytes
    path: tuple[Step, ...]
    links: tuple[JournalBatch, ...]


def proof_of(reader: Reader, book_id: BookId, seq: int, *, upto: int | None = None) -> Proof:
    """Prove the fact at position `seq`, with the links up to the batch that holds `upto` (None: its own).

    A proof contains the whole fact, personal columns too, so that only a reader of all partners may make one. Raises
    `NotFound` for a position that the journal does not have, or whose batch no longer matches its hash, and
    `InvalidInput` for an end that is not between the position and the head.
    """
    assert reader.partner_id is None, "a proof shows a fact whole: it is the operator's to make"
    last_seq = head(reader.connection, book_id).last_seq
    if not 1 <= seq <= last_seq:
        raise NotFound(f"there is no position {seq}: the journal of book {book_id} has 1 to {last_seq}")
    end = seq if upto is None else upto
    if not seq <= end <= last_seq:
        raise InvalidInput(f"a proof of position {seq} ends at a position from {seq} to {last_seq}, not to {end}")
    links = _links(reader.connection, book_id, seq, end)
    return prove(_facts(reader.connection, links[0]), seq, links)


def prove(facts: Sequence[tuple[type[Record], bytes]], seq: int, links: Sequence[JournalBatch]) -> Proof:
    """Prove the fact at `seq`, from all facts of its batch in order, and the links from that batch on.

    Raises `NotFound` if they do not give the sealed hashes, because such a proof would be invalid.
    """
    own = links[0]
    assert own.first_seq <= seq <= own.seq, "the first link is that of the fact's own batch"
    parts = [proved(row) for _, row in facts]
    leaves = [leaf_hash(record, part) for (record, _), part in zip(facts, parts, strict=True)]
    whole = len(leaves) == own.seq - own.first_seq + 1 and merkle_root(leaves) == own.merkle_root
    if not whole or not _follow(links):
        span = f"positions {own.first_seq} to {links[-1].seq}"
        raise NotFound(f"there is no proof: {span} no longer match their hash; `cofferdam verify` names what differs")
    index = seq - own.first_seq
    path = inclusion_path(leaves, index)
    assert root_from_path(leaves[index], path) == own.merkle_root, "a path leads to the root that was sealed"
    return Proof(facts[index][0], seq, parts[index], path, tuple(links))


def _links(connection: sa.Connection, book_id: BookId, seq: int, upto: int) -> list[JournalBatch]:
    """Read the link of the batch that holds `seq`, and those after it up to the one that holds `upto`."""
    batches = _JOURNAL_BATCHES.c
    end = sa.select(sa.func.min(batches.seq)).where(batches.book_id == book_id, batches.seq >= upto).scalar_subquery()
    query = sa.select(_JOURNAL_BATCHES).where(batches.book_id == book_id, batches.seq >= seq, batches.seq <= end)
    links = [JournalBatch(**row._asdict()) for row in connection.execute(query.order_by(batches.seq))]
    if not links or links[0].first_seq > seq:
        raise NotFound(f"there is no proof: no batch holds position {seq}; `cofferdam verify` names what differs")
    return links


def _facts(connection: sa.Connection, batch: JournalBatch) -> list[tuple[type[Record], bytes]]:
    """Read every fact of a batch, in order of position."""
    found = [
        (seq, record, row)
        for record in FACTS
        for seq, row in row_tuples(connection, record, batch.book_id, after=batch.first_seq - 1, upto=batch.seq)
    ]
    return [(record, row) for _, record, row in sorted(found, key=lambda fact: fact[0])]


def _follow(links: Sequence[JournalBatch]) -> bool:
    """Return whether each link has the hash of its own content, and names the hash of the link before it."""
    previous = links[0].previous_hash
    for link in links:
        digest = batch_hash(previous, (link.book_id, link.first_seq, link.seq), link.recorded_at, link.merkle_root)
        if (link.previous_hash, link.hash) != (previous, digest):
            return False
        previous = link.hash
    return True
