"""The real daemon makes every schedule tick and every sensor look, and each run that they ask for succeeds."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.scheduler.instigation import TickStatus

from ledger.kernel.operations import Operation, failures, standings
from ledger.kernel.settings import Settings
from pipelines.installation import claim
from pipelines.workspace import code_socket, prepare_dagster_home
from tests.pipelines.insights.conftest import open_programme

ROOT = Path(__file__).parents[2]
JOBS = {"refresh", "resume_inter_book_transfers", "zero_check", "retention", "verification", "exports"}
SENSORS = {"insight_months_due", "failures"}
TIMES = int(os.environ.get("TICKS", "1"))
"""How often each is to run; `make soak` says 3."""

EACH_MINUTE = """
from multiprocessing import context, forkserver

import dagster as dg

from ledger.kernel.settings import Settings
from pipelines.inter_book.jobs import zero_check
from pipelines.definitions import definitions
from pipelines.resources import resources
from pipelines.timetable import Timetable

# Runs are forked by a process that has all of this imported, which takes each of those that are spawned six seconds.
context.SpawnContext.Process = context.ForkServerProcess
forkserver.set_forkserver_preload(["dagster._grpc.server", "pipelines.definitions"])

broken = dg.ScheduleDefinition(
    name="broken",
    job=zero_check,
    cron_schedule="* * * * *",
    execution_fn=lambda _context: [dg.RunRequest()],
    default_status=dg.DefaultScheduleStatus.RUNNING,
)


@dg.definitions
def defs() -> dg.Definitions:
    settings = Settings.from_process()
    minutely = Timetable(*["* * * * *"] * 6, release_seconds=10, failures_seconds=10)
    ours = definitions(settings, resources(settings), minutely)
    return dg.Definitions.merge(ours, dg.Definitions(schedules=[broken]))
"""


@pytest.fixture(autouse=True)
def _history(engine: sa.Engine) -> None:
    """Two months of an eligible book, both due."""
    programme = open_programme(engine, "sandbox", 5)
    for person, partner in programme.wallets:
        programme.pay(person, partner, 1_000 + person, "2018-04-10")
    programme.pay(0, 0, 500, "2018-05-31")


@pytest.fixture
def instance(settings: Settings, parsed: Path, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """What a code server and a daemon of their own make of it: the programs that `cofferdam up` starts."""
    shutil.copytree(parsed / "dbt", settings.home / "dbt")
    prepare_dagster_home(settings.dagster_home)
    claim(settings)
    (tmp_path / "each_minute.py").write_text(EACH_MINUTE)
    code = ("dagster", "code-server", "start", "-f", str(tmp_path / "each_minute.py"))
    listening = ("-s", str(code_socket(settings.dagster_home)))
    daemon = ("dagster._daemon", "run", "-w", str(settings.dagster_home / "workspace.yaml"))
    with ExitStack() as stack:
        for arguments in ((*code, *listening), daemon):
            log = stack.enter_context((tmp_path / f"{arguments[0]}.log").open("w"))
            command = [sys.executable, "-m", *arguments]
            child = subprocess.Popen(command, env=settings.child_environ(), cwd=ROOT, stdout=log, stderr=log)
            stack.callback(child.wait, 60)
            stack.callback(child.terminate)
        yield stack.enter_context(dg.DagsterInstance.from_config(str(settings.dagster_home)))


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.5)


def ended(instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> Counter[str]:
    """How many runs of each job, and of the asset of the releases, have come to this end."""
    runs = [record.dagster_run for record in instance.get_run_records(dg.RunsFilter(statuses=[status]))]
    return Counter("insight_release" if "dagster/partition" in run.tags else run.job_name for run in runs)


def ticks(instance: dg.DagsterInstance, status: TickStatus) -> Counter[str]:
    return Counter(
        state.name
        for state in instance.all_instigator_state()
        for _ in instance.get_ticks(state.origin.get_id(), state.selector_id, statuses=[status])
    )


def is_done(instance: dg.DagsterInstance) -> bool:
    runs, looks = ended(instance, dg.DagsterRunStatus.SUCCESS), ticks(instance, TickStatus.SKIPPED)
    return (
        all(runs[each] >= TIMES for each in JOBS)
        and runs["insight_release"] >= 2
        and all(looks[each] >= TIMES for each in SENSORS)
    )


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_schedule_and_sensor_runs_and_succeeds_and_a_tick_that_fails_is_noted(instance, settings):
    assert not any(each.succeeded_at for each in standings(settings))

    wait_for(lambda: is_done(instance), 1700)  # a minute on a machine of one's own

    succeeded = ended(instance, dg.DagsterRunStatus.SUCCESS)
    assert {each: min(succeeded[each], TIMES) for each in JOBS} == dict.fromkeys(JOBS, TIMES)
    assert succeeded["insight_release"] == 2
    assert ended(instance, dg.DagsterRunStatus.FAILURE) == Counter()
    made, failed = ticks(instance, TickStatus.SUCCESS), ticks(instance, TickStatus.FAILURE)
    scheduled = {schedule.name for schedule in instance.all_instigator_state()} - SENSORS - {"broken"}
    assert len(scheduled) == len(JOBS)
    assert {name: min(made[name], TIMES) for name in scheduled} == dict.fromkeys(scheduled, TIMES)
    assert set(failed) == {"broken"}
    assert {each.name for each in standings(settings) if each.succeeded_at and not each.has_failed} == set(Operation)
    ((name, _, why),) = failures(settings)
    assert (name, why.startswith("tick: ")) == ("broken", True)
