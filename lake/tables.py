"""Every table of the lake: where it lies, how it is cut, how long it is kept, what of it is personal."""

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
    """Where the lake lies: a folder or an object store's URL, how to reach it, and where remote files are kept."""

    url: str
    storage_options: dict[str, str]
    cache: Path
    residents: Residents = EVERYBODY
    """Whose books may be written here."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The lake of the zone that settings are narrowed to; a relative folder is made absolute."""
        root = settings.root
        url = root.url.removeprefix("file://").rstrip("/")
        here = url if "://" in url else str(Path(url).absolute())
        closer = (name for name in settings.roots if settings.zone is None or settings.zone in zones_of(name)[1:])
        return cls(here, dict(root.storage_options), settings.cache, Residents(settings.zone, frozenset(closer)))

    @property
    def is_local(self) -> bool:
        """The files can be opened by path."""
        return "://" not in self.url


_KEPT: Final = {
    "delta.deletedFileRetentionDuration": "interval 3 hours",
    "delta.logRetentionDuration": "interval 6 hours",
}
"""How long a table keeps what was replaced in it, in Delta's own words.

A commit each tick leaves small files and log entries by the hundred thousand a day: they are kept for hours, not for
the usual week and month. Readers take the newest version and a position.
"""


@dataclass(frozen=True, slots=True)
class BronzeTable:
    """One record's table. It lies in its book's folder, and a book is under one jurisdiction: so is the table."""

    record: type[Record]
    retention: Retention
    measured: tuple[str, ...]
    """Columns whose least and greatest value the Delta log states, so that readers skip files: positions, days, numbers
    of accounts, amounts; never text, which may say who somebody is."""
    sealed: tuple[str, ...]
    """Personal columns: the lake has them as sealed text, as the journal does."""
    withheld: tuple[str, ...]
    """Columns that stay in the ledger's database, because they may say who somebody is."""
    partition: str | None = None
    """A column of the table alone, by which its files lie apart where rows are many: the UTC day of `recorded_at`.

    Never the partner: that would multiply the files of every small commit. Small tables have none.
    """

    def options(self) -> dict[str, str]:
        """The table's properties in Delta's own words."""
        return {"delta.appendOnly": "true", "delta.dataSkippingStatsColumns": ",".join(self.measured), **_KEPT}


@record
class PublishedWatermark(Record):
    """Up to which position every table of a book is complete, and at which Delta version each of them says so."""

    TABLE = "watermarks"
    PLACE: ClassVar[str] = "watermarks"
    book_id: Annotated[BookId, Col("The book.", key=True)]
    book_name: Annotated[str, Col("Name of the book, also its folder in the lake.")]
    seq: Annotated[int, Col("All facts up to this journal position are in the lake.", key=True)]
    chain_hash: Annotated[bytes, Col("Hash of the batch that ends at this position: the head of the chain.")]
    versions: Annotated[str, Col("JSON object: Delta version of each bronze table, by its name.")]


class Silver(Record):
    """A row that follows from rows of bronze and is kept current: it is replaced, where a fact is only ever added."""

    __slots__ = ()
    PARTITIONS: ClassVar[tuple[str, ...]] = ()


_MEASURABLE: Final = (int, date, datetime)
_SUMS: Final = ("_debits_minor", "_credits_minor")  # nobody looks for the rows with a certain sum


def bronze_table(record: type[Record]) -> BronzeTable:
    """The declaration of a record's bronze table."""
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
    """The columns by which a table's files lie apart: of bronze a column of the table alone, of silver its own."""
    if issubclass(record, Silver):
        return record.PARTITIONS
    partition = bronze_table(record).partition
    return () if partition is None else (partition,)


def table_url(lake_url: str, book_name: str, record: type[Record]) -> str:
    """Where a record's table lies: `<lake>/<book>/bronze/<table>`, or `silver/`; watermarks beside."""
    layer = "silver" if issubclass(record, Silver) else "bronze"
    return f"{lake_url}/{book_name}/{getattr(record, 'PLACE', f'{layer}/{record.TABLE}')}"


def _is_sum(column: Column) -> bool:
    return column.name.endswith(_SUMS)
