"""The rebuild: makes a book's bronze tables anew from the ledger, and exchanges them for the current ones.

    1. complete an interrupted exchange
    2. make the tables anew under `_rebuild`, and compare them with the ledger row by row, while the book streams on
    3. wait for the book's lock, which its worker releases; stream the rows since then
    4. write down the plan; exchange the tables; publish the watermark with their versions, and acknowledge it

A rebuild killed before step 4 leaves the current tables unchanged. From step 4 on, nobody writes to the book until the
same command completes the exchange.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

import sqlalchemy as sa
from deltalake.exceptions import DeltaError

from lake.bronze.publish import WatermarkWriter
from lake.bronze.read import Watermark, watermark
from lake.bronze.replacement import Exchange, clear_stage, exchange_tables, plan_exchange, planned_exchange, stage_of
from lake.delta.checkpoints import checkpoint_when_due
from lake.delta.logs import opened_table
from lake.delta.opening import owner_of
from lake.errors import DamagedLake, Fenced, ForeignLake
from lake.tables import Lake, PublishedWatermark
from ledger.book.audits.audit import Finding
from ledger.journal.acknowledgements import Acknowledgement, acknowledge
from ledger.journal.feed import cluster_id
from ledger.journal.journal import head
from ledger.kernel.errors import InvalidInput, Unavailable, one_line
from ledger.kernel.record import Record
from ledger.records import STREAMED
from ledger.tenancy.records import Book
from pipelines.stream.audit import compare_apart
from pipelines.stream.book_stream import BookStream
from pipelines.stream.locks import Lock, alone, lock_within
from pipelines.stream.worker import Progress, feed_connection, refusing

_PATIENCE_SECONDS: Final = 10
"""The time that a rebuild waits for the lock of one that was killed."""

Records = Sequence[type[Record]]


class Rebuild(NamedTuple):
    """A running rebuild of a book: its table locations, and the connection that holds its lock."""

    connection: sa.Connection
    lake: Lake
    book: Book


def rebuild(engine: sa.Engine, lake: Lake, book: Book, records: Records, *, progress: Progress) -> None:
    """Rebuild tables of bronze, or all of them, and exchange them for the current ones.

    Completes an interrupted exchange of the same tables instead. Raises `Fenced` while another rebuild of the book
    runs, or if its worker does not release the lock; `DamagedLake` if one table is rebuilt and the watermark is damaged
    as well; `ForeignLake` if the lake is another ledger's; `Unavailable` if the lake fails. The current tables are then
    unchanged.
    """
    with rebuilding(engine, lake, book) as (rebuilt, ended):
        if ended == {record.TABLE for record in _exchanged(records)}:
            return
        _require_ours(rebuilt)
        if not _is_whole(records):
            _standing_watermark(rebuilt, records)
        with _cleared(rebuilt):
            stream = BookStream.apart(rebuilt.connection, stage_of(lake), book, records)
            _fill(rebuilt, stream, progress)
            require_sound(_differences(rebuilt, records))
            with alone(rebuilt.connection, book):
                after = stream.seq
                _fill(rebuilt, stream, progress)
                require_sound(_differences(rebuilt, records, after=after))
                for record, table in stream.tables.items():
                    if table.commits:
                        checkpoint_when_due(stage_of(lake), book.name, record)
                exchange(rebuilt, Exchange.of(book.name, _exchanged(records), _watermark(rebuilt, stream, records)))


def bronze_named(name: str | None) -> Records:
    """Return the tables to rebuild for a table's name: all of them for None or the watermark, which covers all.

    Raises `InvalidInput` if bronze has no table of that name.
    """
    if name in (None, PublishedWatermark.TABLE):
        return STREAMED
    found = [record for record in STREAMED if name == record.TABLE]
    if not found:
        raise InvalidInput(f"there is no table {name!r}; there are: {', '.join(each.TABLE for each in STREAMED)}")
    return found


@contextmanager
def rebuilding(engine: sa.Engine, lake: Lake, book: Book) -> Iterator[tuple[Rebuild, set[str]]]:
    """Begin the only rebuild of a book; yields it with the names of tables whose interrupted exchange it completed."""
    with refusing(lake), feed_connection(engine) as connection:
        if not lock_within(connection, Lock.REBUILD, book, _PATIENCE_SECONDS):
            raise Fenced(f"book {book.name!r} is being made anew by another command; wait for its end")
        rebuilt, ended = Rebuild(connection, lake, book), set()
        if (planned := planned_exchange(lake, book.name)) is not None:
            with alone(connection, book):
                _end_exchange(rebuilt, planned)
            ended = set(planned.places)
        yield rebuilt, ended


def exchange(rebuilt: Rebuild, planned: Exchange) -> None:
    """Exchange tables that are made and verified, while nobody else writes to the book."""
    plan_exchange(rebuilt.lake, rebuilt.book.name, planned)
    _end_exchange(rebuilt, planned)


def require_sound(findings: Iterator[Finding]) -> None:
    """Check that the rebuilt tables equal the ledger. Raises `Unavailable`."""
    if wrong := [f"{finding.check}: {finding.detail}" for finding in findings if not finding.ok]:
        raise Unavailable(
            f"what was made anew does not equal the ledger, and what stands was left as it is: {'; '.join(wrong)}"
        )


@contextmanager
def _cleared(rebuilt: Rebuild) -> Iterator[None]:
    """Provide an empty place for new tables; deletes the tables that were not exchanged."""
    clear_stage(rebuilt.lake, rebuilt.book.name)
    try:
        yield
    except BaseException:
        with suppress(OSError):
            if planned_exchange(rebuilt.lake, rebuilt.book.name) is None:
                clear_stage(rebuilt.lake, rebuilt.book.name)
        raise


def _end_exchange(rebuilt: Rebuild, planned: Exchange) -> None:
    lake, book = rebuilt.lake, rebuilt.book
    exchange_tables(lake, planned)
    if (cut := planned.watermark) is not None:
        WatermarkWriter.open(lake, book, cluster_id=cluster_id(rebuilt.connection)).publish(cut)
        acknowledge(rebuilt.connection, book.book_id, Acknowledgement(cut.seq, cut.chain_hash, cut.versions))
    clear_stage(lake, book.name)


def _fill(rebuilt: Rebuild, stream: BookStream, progress: Progress) -> None:
    target = head(rebuilt.connection, rebuilt.book.book_id).last_seq
    progress(stream.seq, target)
    while stream.seq < target and (step := stream.advance(rebuilt.connection)):  # later facts are streamed in step 3
        progress(min(step.seq, target), target)


def _differences(rebuilt: Rebuild, records: Records, *, after: int = 0) -> Iterator[Finding]:
    return compare_apart(rebuilt.connection, stage_of(rebuilt.lake), rebuilt.book, records, after=after)


def _watermark(rebuilt: Rebuild, stream: BookStream, records: Records) -> Watermark | None:
    """Return the watermark after the exchange: for one table, the current one with the table's new version."""
    made = stream.watermarks.newest
    if _is_whole(records):
        return made
    standing = _standing_watermark(rebuilt, records)
    versions = {record.TABLE: stream.tables[record].version for record in records}
    return Watermark(standing.seq, standing.chain_hash, {**standing.versions, **versions})


def _standing_watermark(rebuilt: Rebuild, records: Records) -> Watermark:
    whole = f"make the whole book anew: cofferdam stream --rebuild {rebuilt.book.name}"
    tables = ", ".join(record.TABLE for record in records)
    try:
        found = watermark(rebuilt.lake, rebuilt.book.name)
    except (DamagedLake, DeltaError) as fault:
        raise DamagedLake(
            f"{tables} cannot be made anew alone, for the watermark is damaged: {one_line(fault)}; {whole}"
        ) from fault
    if found is None:
        raise DamagedLake(f"{tables} cannot be made anew alone, for no watermark stands in {rebuilt.lake.url}; {whole}")
    return found


def _require_ours(rebuilt: Rebuild) -> None:
    """Check that the current tables are this ledger's, as far as they can be read. Raises `ForeignLake`."""
    ours = cluster_id(rebuilt.connection)
    owners = {_owner(rebuilt, record) for record in _exchanged(STREAMED)} - {None}
    if owners and ours not in owners:
        raise ForeignLake(
            f"the tables of book {rebuilt.book.name!r} in {rebuilt.lake.url} belong to another ledger (PostgreSQL "
            f"cluster {', '.join(sorted(map(str, owners)))}, not {ours}); point COFFERDAM_LAKE_URL at this ledger's "
            "own lake, or at an empty place"
        )


def _owner(rebuilt: Rebuild, record: type[Record]) -> str | None:
    try:
        return owner_of(opened_table(rebuilt.lake, rebuilt.book.name, record))
    except (DamagedLake, DeltaError):
        return None


def _is_whole(records: Records) -> bool:
    return len(records) == len(STREAMED)


def _exchanged(records: Records) -> tuple[type[Record], ...]:
    return (*records, PublishedWatermark) if _is_whole(records) else tuple(records)
