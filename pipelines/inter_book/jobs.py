"""Jobs: what is under way between books is carried on each hour, what they have in transit is added up each night."""

from typing import Final

import dagster as dg

from ledger.flows.inter_book_transfers import State
from ledger.flows.inter_book_transfers import resume_inter_book_transfers as carried_on
from ledger.flows.zero_check import zero_check as findings
from ledger.kernel.operations import Operation, note_success
from ledger.kernel.settings import Settings
from ledger.vault.vaults import directory_of
from pipelines.timetable import Timetable, schedule


@dg.op(description="Carries on every crossing that is under way; fails where a server was away, and tries again.")
def carry_on_crossings(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Carry on all crossings. Raises `Unavailable` at the end where some server did not answer."""
    with directory_of(settings) as directory:
        for crossing in carried_on(directory):
            stopped = f": {crossing.reason}" if crossing.state is State.UNDER_WAY and crossing.reason else ""
            context.log.info("%s is %s%s", crossing.external_ref, crossing.state.replace("_", " "), stopped)
    note_success(settings, Operation.CROSSINGS)


@dg.op(description="Compares what every two books have in transit; fails where it is not equal and opposite.")
def add_up_crossings(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Add up what books have in transit. Raises `Failure`, which names all that differs."""
    wrong: list[str] = []
    with directory_of(settings) as directory:
        for finding in findings(directory):
            context.log.info("%s: %s", "ok" if finding.ok else "DIFFERS", finding.detail)
            wrong += [] if finding.ok else [finding.detail]
    if wrong:
        raise dg.Failure("money between books does not add up: " + "; ".join(wrong), allow_retries=False)
    note_success(settings, Operation.ZERO_CHECK)


@dg.job(executor_def=dg.in_process_executor, description="Carries on what is under way between books.")
def resume_inter_book_transfers() -> None:
    """Carry on what is under way."""
    carry_on_crossings()


@dg.job(executor_def=dg.in_process_executor, description="Adds up what books have in transit: it must be zero.")
def zero_check() -> None:
    """Add up what is in transit."""
    add_up_crossings()


INTER_BOOK_JOBS: Final = [resume_inter_book_transfers, zero_check]
"""What the definitions join in; they provide the resource `settings`."""


def inter_book_schedules(timetable: Timetable) -> list[dg.ScheduleDefinition]:
    """When they run."""
    return [
        schedule("every_hour", resume_inter_book_transfers, timetable.crossings),
        schedule("every_night", zero_check, timetable.zero_check),
    ]
