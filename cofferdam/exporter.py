"""The exporter of a command: a book of any server, with its vault, its lake and the home."""

from cofferdam.session import Session
from lake.residency.zones import Zones
from ledger.exports.export_queries import ExportOf
from pipelines.exports.declarations import Report
from pipelines.exports.exporter import Exporter
from pipelines.exports.periods import period_of


def exporter_of(home: Session, book: str) -> Exporter:
    """Return the exporter of a book. Raises `NotFound`, and `Unavailable` if its server does not answer."""
    place = home.book(book)
    settings = home.settings
    lake = Zones.of(settings).lake_of(place.book)
    return Exporter(place, home.vault(place), lake, settings.home, home.actor, settings.report_schemas)


def export_of(exporter: Exporter, report: Report, period: str, partner: str | None) -> ExportOf:
    """Return what is to be exported: a report, its period as text, and its partner. Raises `InvalidInput`."""
    found = period_of(report, report.market_of(exporter.place.book), period)
    return ExportOf(report.name, partner, found.from_on, found.until_on)
