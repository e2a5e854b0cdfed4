"""Every table of the lake: its address, its partitions, its retention, and its personal columns."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, ClassVar, Final, Self

from lake.residence import EVERYBODY, Residents, zones_of
from ledger.kernel.ids import BookId
from ledger.kernel.record import Col, Column, Record, columns, record
from ledger.kernel.retention import Retention
from ledger.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Lake:
    """The location of the lake: a folder or an object store's URL, its credentials, and a cache for remote files."""

    url: str
    storage_options: dict[str, str]
    cache: Path
    residents: Residents = EVERYBODY
    """The books that may be written here."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the lake of the settings' zone; a relative folder is made absolute."""
        root = settings.root
        url = root.url.removeprefix("file://").rstrip("/")
        here = url if "://" in url else str(Path(url).absolute())
        closer = (name for name in settings.roots if settings.zone is None or settings.zone in zones_of(name)[1:])
        return cls(here, dict(root.storage_options), settings.cache, Residents(settings.zone, frozenset(closer)))

    @property
    def is_local(self) -> bool:
        """True if the files can be opened by path."""
        return "://" not in self.url


_KEPT: Final = {
    "delta.deletedFileRetentionDuration": "interval 3 hours",
    "delta.logRetentionDuration": "interval 6 hours",
}
"""The time for which a table keeps replaced files, by Delta's names.

A commit each tick leaves hundreds of thousands of small files and log entries a day: they are kept for hours, not for
the usual week and month. Readers use the newest version and a position.
"""


@dataclass(frozen=True, slots=True)
class BronzeTable:
    """A record's bronze table. It is in its book's folder, and so under its book's jurisdiction."""

    record: type[Record]
    retention: Retention
    measured: tuple[str, ...]
    """Columns with minima and maxima in the Delta log, by which readers skip files.

    They are positions, days, numbers of accounts, amounts; never text, which may identify a person.
    """
    sealed: tuple[str, ...]
    """Personal columns: stored as sealed text, as in the journal."""
    withheld: tuple[str, ...]
    """Columns that stay in the ledger's database, because they may identify a person."""
    partition: str | None = None
    """The partition column, for tables with many rows: the UTC day of `recorded_at`, which only the lake has.

    Never the partner: that would multiply the files of every small commit. Small tables have none.
    """

    def options(self) -> dict[str, str]:
        """Return the table's properties, by Delta's names."""
        return {"delta.appendOnly": "true", "delta.dataSkippingStatsColumns": ",".join(self.measured), **_KEPT}


@record
class PublishedWatermark(Record):
    """The position up to which every table of a book is complete, and the Delta version of each table."""

    TABLE = "watermarks"
    PLACE: ClassVar[str] = "watermarks"
    book_id: Annotated[BookId, Col("The book.", key=True)]
    book_name: Annotated[str, Col("Name of the book, also its folder in the lake.")]
    seq: Annotated[int, Col("All facts up to this journal position are in the lake.", key=True)]
    chain_hash: Annotated[bytes, Col("Hash of the batch that ends at this position: the head of the chain.")]
    versions: Annotated[str, Col("JSON object: Delta version of each bronze table, by its name.")]


class Silver(Record):
    """A row that follows from rows of bronze and is updated: it is replaced, whereas facts are only added."""

    __slots__ = ()
    PARTITIONS: ClassVar[tuple[str, ...]] = ()


_MEASURABLE: Final = (int, date, datetime)
_SUMS: Final = ("_debits_minor", "_credits_minor")  # nobody searches for rows by their sums


def bronze_table(record: type[Record]) -> BronzeTable:
    """Return the declaration of a record's bronze table."""
    shown = [column for column in columns(record) if not column.col.withheld]
    return BronzeTable(
        record=record,
        retention=record.RETENTION,
        measured=tuple(column.name for column in shown if column.storage in _MEASURABLE and not _is_sum(column)),
        sealed=tuple(column.name for column in columns(record) if column.col.pii),
        withheld=tuple(column.name for column in columns(record) if column.col.withheld),
        partition=record.DAILY,
    )


def partitions_of(record: type[Record]) -> tuple[str, ...]:
    """Return the partition columns of a table: for bronze a column that only the lake has, for silver its own."""
    if issubclass(record, Silver):
        return record.PARTITIONS
    partition = bronze_table(record).partition
    return () if partition is None else (partition,)


def table_url(lake_url: str, book_name: str, record: type[Record]) -> str:
    """Return the address of a record's table: `<lake>/<book>/bronze/<table>`, or `silver/`; watermarks beside."""
    layer = "silver" if issubclass(record, Silver) else "bronze"
    return f"{lake_url}/{book_name}/{getattr(record, 'PLACE', f'{layer}/{record.TABLE}')}"


def _is_sum(column: Column) -> bool:
    return column.name.endswith(_SUMS)
