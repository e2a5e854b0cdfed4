"""The hourly job of exports: makes every report whose period has ended, and makes the attempts of deliveries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import dagster as dg

from lake.residency.zones import Zones
from ledger.exports.deliveries import intend_deliveries
from ledger.exports.records import DeliveryState
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import Refusal, Unavailable
from ledger.kernel.operations import Operation, note_success
from ledger.kernel.settings import Settings
from ledger.kernel.work import read
from ledger.tenancy.calendars import book_calendar
from ledger.tenancy.directory import reaching
from ledger.vault.vaults import VaultedDirectory, directory_of
from pipelines.exports.delivery import deliver_due
from pipelines.exports.exporter import Exporter
from pipelines.exports.periods import name_of
from pipelines.exports.register import Deadline, deadlines, unmade
from pipelines.exports.registry import REPORTS
from pipelines.exports.runs import make_export
from pipelines.timetable import Timetable, schedule

_ACTOR: Final = "exports"
_LOOKED_BACK: Final = timedelta(days=400)


@dg.op(description="Makes the reports that are due, and delivers them; fails if one was withheld or given up.")
def make_due_exports(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Make and deliver what is due, book by book. Raises `Failure` at the end, with one line for each that was not."""
    left: list[str] = []
    with directory_of(settings) as directory:
        for name in directory.names():
            try:
                with reaching(name):
                    left += made_and_delivered(_exporter(settings, directory, name), context.log.info)
            except Refusal as refusal:
                left.append(f"{name}: {refusal}")
    if left:
        raise dg.Failure("not everything was exported: " + "; ".join(left), allow_retries=False)
    note_success(settings, Operation.EXPORTS)


@dg.job(executor_def=dg.in_process_executor, description="Makes and delivers the reports of books that are due.")
def exports() -> None:
    """Make and deliver what is due."""
    make_due_exports()


EXPORT_JOBS: Final = [exports]
"""The job for the definitions, which provide the resource `settings`."""


def export_schedules(timetable: Timetable) -> list[dg.ScheduleDefinition]:
    """Return the schedule of the job."""
    return [schedule("exports_schedule", exports, timetable.exports)]


def made_and_delivered(exporter: Exporter, log: Callable[[str], object]) -> list[str]:
    """Make what is due of a book and deliver it; return a line for each report that was not made or not received."""
    left = []
    for deadline in _due(exporter):
        said = f"{deadline.what.report} {name_of(REPORTS[deadline.what.report], deadline.what.until_on)}"
        try:
            made = make_export(exporter, REPORTS[deadline.what.report], deadline.what)
        except Unavailable:
            raise  # the server or the lake: nothing else of the book can be made either
        except Refusal as refusal:
            left.append(f"{exporter.place.book.name}: {refusal}; due on {deadline.due_on}")
            continue
        with exporter.work() as work:
            intend_deliveries(work, exporter.place.book_id, made.export.export_id)
        log(f"{exporter.place.book.name}: {said} is made, in {made.folder}")
    given_up = [each for each in deliver_due(exporter) if each.delivery.state is DeliveryState.GIVEN_UP]
    name = exporter.place.book.name
    return left + [f"{name}: {each.to.address} got nothing: {each.delivery.reason}" for each in given_up]


def _due(exporter: Exporter) -> list[Deadline]:
    place, now = exporter.place, exporter.clock()
    with read(place.engine) as reader:
        found = deadlines(reader, place.book, now, from_on=now.date() - _LOOKED_BACK)
        return list(unmade(found, book_calendar(reader.connection, place.book_id), now))


def _exporter(settings: Settings, directory: VaultedDirectory, name: str) -> Exporter:
    place = directory.place_of(name)
    lake = Zones.of(settings).lake_of(place.book)
    return Exporter(
        place, directory.vault_of(place), lake, settings.home, _ACTOR, settings.report_schemas, system_clock
    )
