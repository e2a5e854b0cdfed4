"""Cuts: the position at which a report reads its book, and the bronze rows up to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import duckdb

from lake.bronze.read import watermark
from lake.delta.damage import naming_damage
from lake.duckdb_sessions import opened_memory
from lake.tables import Lake
from ledger.journal.batches import batch_end_from, chain_hash_at, recorded_at
from ledger.journal.journal import head
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.records import STREAMED
from ledger.tenancy.directory import BookLocation
from pipelines.exports.manifest import Cut
from pipelines.marts.sources import PinnedBook, pin_sources
from pipelines.stream.worker import stream_once


def cut_at(place: BookLocation, lake: Lake, as_of: int | None) -> Cut:
    """Return the cut at a position, or at the newest one, after streaming what the lake lacks of it.

    Raises `InvalidInput` for a position that the book has not reached, or that is within a batch.
    """
    with place.engine.connect() as connection:
        newest = head(connection, place.book_id).last_seq
        seq = newest if as_of is None else as_of
        if not 1 <= seq <= newest:
            raise InvalidInput(f"book {place.book.name} has not reached position {seq}; its newest is {newest}")
        chain_hash = chain_hash_at(connection, place.book_id, seq)
        if chain_hash is None:
            raise InvalidInput(
                f"position {seq} is within a batch; take {batch_end_from(connection, place.book_id, seq)}, its end"
            )
        at = recorded_at(connection, place.book_id, seq)
    assert at is not None, "a position of the journal is in a batch"
    mark = watermark(lake, place.book.name)
    if mark is None or mark.seq < seq:
        stream_once(place.engine, lake, place.book)
    return Cut(seq, chain_hash, at.isoformat())


@contextmanager
def opened_facts(place: BookLocation, lake: Lake, cut: Cut) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the bronze rows of a book with `seq` up to the cut, as views in the schema `lake`.

    They are read from the newest version of each table: a position stays, when files of older versions are swept.
    Raises `Unavailable` if the lake does not reach the cut.
    """
    mark = watermark(lake, place.book.name)
    if mark is None or mark.seq < cut.seq:
        raise Unavailable(f"the lake has book {place.book.name} up to {mark.seq if mark else 0}, not {cut.seq} yet")
    pinned = PinnedBook(place.book_id, place.book.name, replace(mark, seq=cut.seq))
    named = [(place.book.name, record) for record in STREAMED]
    with naming_damage(lake, named), opened_memory() as memory:
        memory.execute("SET TimeZone = 'UTC'")
        pin_sources(memory, lake, [pinned])
        yield memory
