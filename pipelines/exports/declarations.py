"""Declarations of reports: who receives a report by which law, for which periods, until when, and how it is made."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from ledger.kernel.business_days import Market
from ledger.tenancy.records import Book
from pipelines.exports.findings import Maker

_MARKETS: Final = {"US": Market.FEDERAL_RESERVE, "GB": Market.UNITED_KINGDOM}
"""The market of a jurisdiction; of all others it is TARGET."""


class Frequency(StrEnum):
    """The length of a report's periods."""

    DAILY = "daily"
    """Each business day of the report's market."""
    MONTHLY = "monthly"


class Due(NamedTuple):
    """The last day on which a report may be filed, in calendar days or business days after the end of its period."""

    days: int
    in_business_days: bool = False


class Parameter(NamedTuple):
    """A parameter of a report, with its default and what it says."""

    name: str
    default: str
    description: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report, declared once; `version` rises with every change of what its files say."""

    name: str
    title: str
    recipient: str
    legal_basis: str
    format: str
    frequency: Frequency
    due: Due
    make: Maker
    version: int = 1
    market: Market | None = None
    """None: that of the book's jurisdiction."""
    is_per_partner: bool = False
    is_confidential: bool = False
    """True if nothing that faces a partner may show that it exists."""
    retention_years: int = 5
    parameters: tuple[Parameter, ...] = ()
    """The parameters that an obligation may set."""

    def market_of(self, book: Book) -> Market:
        """Return the market whose business days count for a book."""
        return self.market or _MARKETS.get(book.jurisdiction.split("-", maxsplit=1)[0], Market.TARGET)
