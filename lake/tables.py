"""Every table of the lake: where it lies, how it is cut, how long it is kept, what of it is personal."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from ledger.kernel.ids import BookId
from ledger.kernel.record import Col, Record, columns, record
from ledger.kernel.settings import Settings
from ledger.records.forgetting import Forgetting, LegalHold
from ledger.records.insights import BudgetCharge, InsightCell, InsightRelease
from ledger.records.partners import Customer
from ledger.records.readings import PersonalReading


class Retention(StrEnum):
    """How long rows are kept, counted from the closing of their book."""

    LEDGER = "ledger"
    """Money facts: as long as the book stands, and ten years after (the longest of the duties it is under)."""
    CUSTOMER = "customer"
    """Facts about a person: as the ledger's, with what is personal sealed. Five years after the last account was closed
    its key is destroyed (`ledger/flows/retention.py`)."""
    RELEASED = "released"
    """Published figures and what they cost: for ever, since they were given to everybody."""


@dataclass(frozen=True, slots=True)
class Lake:
    """Where the lake lies: a folder or an object store's URL, how to reach it, and where remote files are kept."""

    url: str
    storage_options: dict[str, str]
    cache: Path

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The lake of an installation; a relative folder is made absolute."""
        url = settings.lake_url.removeprefix("file://").rstrip("/")
        here = url if "://" in url else str(Path(url).absolute())
        return cls(here, dict(settings.storage_options), settings.home / "cache")

    @property
    def is_local(self) -> bool:
        """The files can be opened by path."""
        return "://" not in self.url


@dataclass(frozen=True, slots=True)
class BronzeTable:
    """One record's table. It lies in its book's folder, and a book is under one jurisdiction: so is the table."""

    record: type[Record]
    retention: Retention
    measured: tuple[str, ...]
    """Columns whose least and greatest value the Delta log states: never text, which may say who somebody is."""
    sealed: tuple[str, ...]
    """Personal columns: the lake has them as sealed text, as the journal does."""
    withheld: tuple[str, ...]
    """Columns that stay in the ledger's database, because they may say who somebody is."""
    partitions: tuple[str, ...] = ()
    """None: rows arrive in order of position, so that files already part by position and by day; a partition per
    partner or day would multiply the files of every small commit."""


@record
class PublishedWatermark(Record):
    """Up to which position every table of a book is complete, and at which Delta version each of them says so."""

    TABLE = "watermarks"
    book_id: Annotated[BookId, Col("The book.", key=True)]
    book_name: Annotated[str, Col("Name of the book, also its folder in the lake.")]
    seq: Annotated[int, Col("All facts up to this journal position are in the lake.", key=True)]
    chain_hash: Annotated[bytes, Col("Hash of the batch that ends at this position: the head of the chain.")]
    versions: Annotated[str, Col("JSON object: Delta version of each bronze table, by its name.")]


_MEASURABLE: Final = (bool, int, date, datetime)
_RETENTIONS: Final[dict[type[Record], Retention]] = {
    Customer: Retention.CUSTOMER,
    PersonalReading: Retention.CUSTOMER,
    Forgetting: Retention.CUSTOMER,
    LegalHold: Retention.CUSTOMER,
    BudgetCharge: Retention.RELEASED,
    InsightRelease: Retention.RELEASED,
    InsightCell: Retention.RELEASED,
}


def bronze_table(record: type[Record]) -> BronzeTable:
    """The declaration of a record's bronze table."""
    shown = [column for column in columns(record) if not column.col.withheld]
    return BronzeTable(
        record=record,
        retention=_RETENTIONS.get(record, Retention.LEDGER),
        measured=tuple(column.name for column in shown if column.storage in _MEASURABLE),
        sealed=tuple(column.name for column in columns(record) if column.col.pii),
        withheld=tuple(column.name for column in columns(record) if column.col.withheld),
    )


def table_url(lake_url: str, book_name: str, record: type[Record]) -> str:
    """Where a record's table lies: `<lake>/<book>/bronze/<table>`, and the watermarks beside bronze."""
    layer = "" if record is PublishedWatermark else "bronze/"
    return f"{lake_url}/{book_name}/{layer}{record.TABLE}"
