"""The nightly erasure job: completes interrupted erasures, and erases customers whose retention has ended."""

from collections import Counter
from typing import Final

import dagster as dg

from ledger.kernel.errors import NotFound, Unavailable
from ledger.kernel.operations import Operation, note_success
from ledger.kernel.settings import Settings
from ledger.personal_data.erasure import Eraser
from ledger.personal_data.retention import Kept, forget_due
from ledger.public_ids import public
from ledger.tenancy.directory import reaching
from ledger.vault.vaults import VaultedDirectory, directory_of
from pipelines.timetable import Timetable, schedule

_ACTOR: Final = "retention"


@dg.op(description="Destroys the keys of all subjects due for erasure; fails and retries if a server is unreachable.")
def forget_all_due(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Erase all due subjects, book by book. Raises `Failure` at the end if a server did not answer."""
    away = []
    with directory_of(settings) as directory:
        for name in directory.names():
            try:
                with reaching(name):
                    _forget_in(context, directory, name)
            except (Unavailable, NotFound) as refusal:
                away.append(str(refusal))
        for vault in directory.vaults():
            try:
                with reaching("a vault"):
                    if vault.renew():
                        context.log.info("what was kept of those who are forgotten is worthless: the vault is renewed")
            except Unavailable as refusal:
                away.append(str(refusal))
    if away:
        raise dg.Failure("not everybody was forgotten: " + "; ".join(away))
    note_success(settings, Operation.RETENTION)


@dg.job(executor_def=dg.in_process_executor, description="Erases personal values whose retention has ended.")
def retention() -> None:
    """Erase all due subjects."""
    forget_all_due()


RETENTION_JOBS: Final = [retention]
"""The job for the definitions, which provide the resource `settings`."""


def retention_schedules(timetable: Timetable) -> list[dg.ScheduleDefinition]:
    """Return the schedule of the job."""
    return [schedule("retention_schedule", retention, timetable.retention)]


def _forget_in(context: dg.OpExecutionContext, directory: VaultedDirectory, name: str) -> None:
    place = directory.place_of(name)
    done: Counter[str] = Counter()
    for each in forget_due(Eraser(place.engine, directory.vault_of(place), _ACTOR), place.book_id):
        if isinstance(each, Kept):
            done["kept"] += 1
            context.log.warning("%s: %s is kept: %s", name, public("customer", each.customer_id), each.why)
        else:
            done["forgotten"] += 1
    context.log.info("%s: %d forgotten, %d kept", name, done["forgotten"], done["kept"])
