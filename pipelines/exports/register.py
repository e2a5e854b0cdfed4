"""The register of deadlines: every period that a book must report, and when its report was made and delivered."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from ledger.exports.export_queries import ExportOf, export_facts
from ledger.exports.obligations import obligations
from ledger.exports.records import Export, ExportState, ReportingObligation
from ledger.kernel.calendar import Calendar
from ledger.kernel.work import Reader
from ledger.tenancy.calendars import book_calendar
from ledger.tenancy.partners import partners_of
from ledger.tenancy.records import Book
from pipelines.exports.declarations import Report
from pipelines.exports.periods import ReportingPeriod, periods
from pipelines.exports.registry import REPORTS

DUE: Final = "due"
OVERDUE: Final = "overdue"


class Deadline(NamedTuple):
    """A period to be reported and what became of it; instants are of the first export of the period.

    `state` is that of the newest export, or `due` or `overdue` if there is none. `is_late` says that the deadline has
    passed before the report was filed: delivered, or made if it has been delivered nowhere.
    """

    what: ExportOf
    due_on: date
    state: str
    is_late: bool
    export: Export | None
    made_at: datetime | None
    delivered_at: datetime | None
    acknowledged_at: datetime | None


def deadlines(reader: Reader, book: Book, now: datetime, *, from_on: date) -> list[Deadline]:
    """Return the deadlines of a book for the periods that end between a date and today, the latest deadline last."""
    calendar = book_calendar(reader.connection, book.book_id)
    partners = sorted(each.external_ref for each in partners_of(reader.connection, book.book_id))
    facts = list(export_facts(reader, book.book_id, until_from=from_on))
    found = []
    for name, obligation in obligations(reader, book.book_id).items():
        report = REPORTS.get(name)
        if report is None:
            continue
        owed = list(_owed(report, book, obligation, calendar.booked_on(now)))
        for what, period in _each(report, owed, partners):
            if period.until_on >= from_on:
                found.append(_deadline(what, period, facts, now, calendar=calendar))
    return sorted(found, key=lambda each: (each.due_on, each.what.report, each.what.partner_ref or "", each.what[2:]))


def unmade(found: Iterable[Deadline], calendar: Calendar, now: datetime) -> Iterator[Deadline]:
    """Yield the deadlines whose period has ended and whose report has not been made, or was withheld."""
    for each in found:
        is_open = each.export is None or each.export.state is ExportState.WITHHELD
        if is_open and now >= calendar.ends_at(each.what.until_on):
            yield each


def _owed(report: Report, book: Book, obligation: ReportingObligation, today: date) -> Iterator[ReportingPeriod]:
    last = today if obligation.until_on is None else min(today, obligation.until_on)
    for period in periods(report, report.market_of(book), obligation.from_on, last):
        if period.until_on >= obligation.from_on:
            yield period


def _each(
    report: Report, owed: Sequence[ReportingPeriod], partners: Sequence[str]
) -> Iterator[tuple[ExportOf, ReportingPeriod]]:
    for period in owed:
        for partner in partners if report.is_per_partner else (None,):
            yield ExportOf(report.name, partner, period.from_on, period.until_on), period


def _deadline(
    what: ExportOf, period: ReportingPeriod, facts: Sequence[Export], now: datetime, *, calendar: Calendar
) -> Deadline:
    own = [each for each in facts if (each.report, each.partner_ref, each.from_on, each.until_on) == what]
    newest = next((each for each in reversed(own) if each.state is not ExportState.SUPERSEDED), None)
    made, delivered, answered = (
        next((each.recorded_at for each in own if each.state is state), None)
        for state in (ExportState.MADE, ExportState.DELIVERED, ExportState.ACKNOWLEDGED)
    )
    filed_on = calendar.booked_on(delivered or made or now)
    state = newest.state if newest is not None else OVERDUE if filed_on > period.due_on else DUE
    return Deadline(what, period.due_on, str(state), filed_on > period.due_on, newest, made, delivered, answered)
