"""A run whose process was killed is seen as failed, and a running one is left alone."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipelines.orphaned_runs import fail_orphaned_runs

ROOT = Path(__file__).parents[2]

KILLED = """
import os, signal, sys
import dagster as dg

@dg.op
def end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)

@dg.job
def killed() -> None:
    end()

with dg.DagsterInstance.local_temp(sys.argv[1], overrides={"telemetry": {"enabled": False}}) as instance:
    killed.execute_in_process(instance=instance)
"""


@pytest.fixture
def instance(tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides={"telemetry": {"enabled": False}}) as made:
        yield made


def status_of_each(instance):
    return [run.status for run in instance.get_runs()]


def test_a_run_whose_process_was_killed_is_failed_and_says_what_to_do(instance, tmp_path):
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False, capture_output=True)
    assert status_of_each(instance) == [dg.DagsterRunStatus.STARTED]

    (run_id,) = fail_orphaned_runs(instance)

    assert status_of_each(instance) == [dg.DagsterRunStatus.FAILURE]
    (ended,) = instance.all_logs(run_id, dg.DagsterEventType.RUN_FAILURE)
    assert "launch the run again" in ended.dagster_event.message
    assert fail_orphaned_runs(instance) == []


def test_a_run_that_runs_is_left_alone(instance):
    seen = []

    @dg.op
    def look() -> None:
        seen.extend(fail_orphaned_runs(instance))

    @dg.job
    def running() -> None:
        look()

    running.execute_in_process(instance=instance)

    assert seen == []
    assert status_of_each(instance) == [dg.DagsterRunStatus.SUCCESS]
