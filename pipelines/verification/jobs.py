"""The nightly verification job: its run fails if anything differs, and names every difference."""

from typing import Final

import dagster as dg

from ledger.kernel.operations import Operation, note_success
from ledger.kernel.settings import Settings
from ledger.vault.vaults import directory_of
from pipelines.timetable import Timetable, schedule
from pipelines.verification.checks import Check, verify

_SECONDS_MAX: Final = 4 * 60 * 60
"""Longer than a build's time limit: every fact is read and hashed again, which takes hours in a large book."""


@dg.op(description="Derives everything again and compares, as cofferdam verify does; fails where anything differs.")
def verify_everything(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Verify every book, every zone and the transit balances. Raises `Failure`, which names every difference."""
    wrong: list[Check] = []
    with directory_of(settings) as directory:
        for check in verify(settings, directory):
            (context.log.info if check.ok else context.log.error)("%s", check)
            wrong += [] if check.ok else [check]
    if wrong:
        said = "; ".join(f"{check.book or 'all books'}: {check.check}: {check.detail}" for check in wrong)
        raise dg.Failure(f"what is stored differs from what it follows from: {said}", allow_retries=False)
    note_success(settings, Operation.VERIFICATION)


@dg.job(
    executor_def=dg.in_process_executor,
    tags={"dagster/max_runtime": str(_SECONDS_MAX)},
    description="Derives everything again and compares.",
)
def verification() -> None:
    """Verify everything."""
    verify_everything()


VERIFICATION_JOBS: Final = [verification]
"""The job for the definitions, which provide the resource `settings`."""


def verification_schedules(timetable: Timetable) -> list[dg.ScheduleDefinition]:
    """Return the schedule of the job."""
    return [schedule("verification_schedule", verification, timetable.verification)]
