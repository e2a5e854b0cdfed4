"""Jobs for inter-book transfers: resume unfinished ones every hour, and check the transit accounts every night."""

from typing import Final

import dagster as dg

from ledger.flows.inter_book_transfers import State
from ledger.flows.inter_book_transfers import resume_inter_book_transfers as carried_on
from ledger.flows.zero_check import zero_check as findings
from ledger.kernel.operations import Operation, note_success
from ledger.kernel.settings import Settings
from ledger.vault.vaults import directory_of
from pipelines.timetable import Timetable, schedule


@dg.op(description="Resumes every unfinished inter-book transfer; fails and retries if a server does not answer.")
def carry_on_crossings(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Resume all unfinished inter-book transfers. Raises `Unavailable` at the end if a server did not answer."""
    with directory_of(settings) as directory:
        for crossing in carried_on(directory):
            stopped = f": {crossing.reason}" if crossing.state is State.UNDER_WAY and crossing.reason else ""
            context.log.info("%s is %s%s", crossing.external_ref, crossing.state.replace("_", " "), stopped)
    note_success(settings, Operation.CROSSINGS)


@dg.op(description="Compares the transit balances of every two books; fails unless they are equal and opposite.")
def add_up_crossings(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Compare the transit balances of all books. Raises `Failure`, which names every difference."""
    wrong: list[str] = []
    with directory_of(settings) as directory:
        for finding in findings(directory):
            context.log.info("%s: %s", "ok" if finding.ok else "DIFFERS", finding.detail)
            wrong += [] if finding.ok else [finding.detail]
    if wrong:
        raise dg.Failure("money between books does not add up: " + "; ".join(wrong), allow_retries=False)
    note_success(settings, Operation.ZERO_CHECK)


@dg.job(executor_def=dg.in_process_executor, description="Resumes unfinished transfers between books.")
def resume_inter_book_transfers() -> None:
    """Resume unfinished inter-book transfers."""
    carry_on_crossings()


@dg.job(executor_def=dg.in_process_executor, description="Checks that the transit balances of the books sum to zero.")
def zero_check() -> None:
    """Check the transit balances."""
    add_up_crossings()


INTER_BOOK_JOBS: Final = [resume_inter_book_transfers, zero_check]
"""The jobs for the definitions, which provide the resource `settings`."""


def inter_book_schedules(timetable: Timetable) -> list[dg.ScheduleDefinition]:
    """Return the schedules of both jobs."""
    return [
        schedule("resume_inter_book_transfers_schedule", resume_inter_book_transfers, timetable.crossings),
        schedule("zero_check_schedule", zero_check, timetable.zero_check),
    ]
