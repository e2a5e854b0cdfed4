"""The nightly job that verifies: what differs is a failed run, which names all of it."""

from typing import Final

import dagster as dg

from ledger.kernel.operations import Operation, note_success
from ledger.kernel.settings import Settings
from ledger.vault.vaults import directory_of
from pipelines.timetable import Timetable, schedule
from pipelines.verification.checks import Check, verify

_SECONDS_MAX: Final = 4 * 60 * 60
"""Every fact is read and hashed again: the limit of a build would end it in a large installation."""


@dg.op(description="Derives everything again and compares, as cofferdam verify does; fails where anything differs.")
def verify_everything(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Verify every book, every zone and what is in transit. Raises `Failure`, which names all that differs."""
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
"""What the definitions join in; they provide the resource `settings`."""


def verification_schedules(timetable: Timetable) -> list[dg.ScheduleDefinition]:
    """When it runs."""
    return [schedule("every_night_verification", verification, timetable.verification)]
