"""The audit of acknowledgements: the lake of a book is at or beyond the state that was acknowledged to the ledger."""

from collections.abc import Iterator
from typing import Final

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from lake.bronze.publish import WATERMARK_OPTIONS
from lake.bronze.read import Watermark
from lake.delta.foreign_commits import Harm, protocol_beyond_ours
from lake.delta.logs import opened_table
from lake.delta.opening import foreign_properties, open_log, owner_of
from lake.errors import DamagedLake, TableName
from lake.tables import Lake, PublishedWatermark, bronze_table
from ledger.book.audits.audit import Finding
from ledger.journal.acknowledgements import Acknowledgement
from ledger.kernel.record import Record
from ledger.records import STREAMED
from ledger.tenancy.records import Book

_CHECK: Final = "lake_acknowledged"


def acknowledged(lake: Lake, book: Book, told: Acknowledgement | None, cut: Watermark | None) -> Finding:
    """Compare the watermark and the version of each table with the acknowledged ones, which were read before."""
    if told is None:
        return Finding(_CHECK, ok=True, detail="nothing was acknowledged yet")
    remedy = f"bring back what is missing, or make it anew: cofferdam stream --rebuild {book.name}"
    if cut is None:
        detail = f"no watermark stands in {lake.url}, position {told.seq} was acknowledged; {remedy}"
        return Finding(_CHECK, ok=False, detail=detail)
    wrong = list(_behind(lake, book, told, cut))
    detail = f"position {told.seq} and the version of every table" if not wrong else f"{'; '.join(wrong)}; {remedy}"
    return Finding(_CHECK, ok=not wrong, detail=detail)


def strange_in(
    table: DeltaTable, lake: Lake, book: Book, record: type[Record], *, told: Acknowledgement | None
) -> Iterator[str]:
    """Yield the properties, protocol features and commits of an open lake table that Cofferdam did not write.

    Raises `DamagedLake`, `DeltaError`, `OSError`.
    """
    if more := protocol_beyond_ours(table):
        yield f"it asks for {more}, which Cofferdam does not write"
    options = WATERMARK_OPTIONS if record is PublishedWatermark else bronze_table(record).options()
    yield from foreign_properties(table, record, options)
    log = open_log(lake, book.name, record, table, cluster_id=owner_of(table) or "")
    known = told.versions.get(record.TABLE, log.version) if told else log.version
    yield from (str(stranger) for stranger in log.strangers(known) if stranger.harm is not Harm.NONE)


def strange_watermarks(lake: Lake, book: Book) -> list[str]:
    """Return the same for the table of watermarks. Raises as `strange_in`, and `TableNotFoundError`."""
    table = opened_table(lake, book.name, PublishedWatermark)
    return list(strange_in(table, lake, book, PublishedWatermark, told=None))


def _behind(lake: Lake, book: Book, told: Acknowledgement, cut: Watermark) -> Iterator[str]:
    if cut.seq < told.seq:
        yield f"the watermark stands at position {cut.seq}, {told.seq} was acknowledged"
    elif cut.seq == told.seq and cut.chain_hash != told.chain_hash:
        yield f"at position {cut.seq} the lake names another chain head than was acknowledged"
    for record in STREAMED:
        expected = told.versions.get(record.TABLE)
        found = _version(lake, book, record)
        if expected is not None and found is not None and found < expected:
            yield f"{TableName(book.name, record.TABLE)} stands at version {found}, {expected} was acknowledged"


def _version(lake: Lake, book: Book, record: type[Record]) -> int | None:
    """Return the newest version of a table, -1 if it is gone; None if it is unreadable, which its own check reports."""
    try:
        return opened_table(lake, book.name, record).version()
    except TableNotFoundError:
        return -1
    except (DamagedLake, DeltaError, OSError):
        return None
