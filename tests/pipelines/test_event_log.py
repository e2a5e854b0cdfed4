"""Dagster's event log over kept connections holds what Dagster's own holds, in the same files."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import psutil
import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from pipelines.event_log import KeptEventLog
from pipelines.workspace import prepare_instance


@dg.asset
def numbers() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"how many": 3})


@dg.asset_check(asset=numbers)
def are_enough() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@pytest.fixture
def instance(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    prepare_instance(tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as made:
        yield made


def materialize(instance):
    return dg.materialize([numbers, are_enough], instance=instance).run_id


def test_it_is_the_log_of_every_instance_and_its_files_are_read_by_dagsters_own(instance, tmp_path):
    assert isinstance(instance.event_log_storage, KeptEventLog)

    run_id = materialize(instance)

    own = SqliteEventLogStorage(str(tmp_path / "history" / "runs"))
    assert [str(entry) for entry in own.get_logs_for_run(run_id)] == [str(entry) for entry in instance.all_logs(run_id)]
    assert own.get_latest_materialization_events([numbers.key])[numbers.key].run_id == run_id
    (check,) = own.get_asset_check_execution_history(are_enough.check_key, limit=5)
    assert check.run_id == run_id


def test_the_logs_of_more_runs_than_are_kept_open_are_read_by_several_threads(instance):
    runs = [materialize(instance) for _ in range(6)]

    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda run_id: len(instance.all_logs(run_id)), runs * 5))

    assert len(set(read)) == 1
    assert read[0] > 0
    open_files = {Path(file.path).stem for file in psutil.Process().open_files()}
    assert sum(run_id in open_files for run_id in runs) <= 4


def test_a_log_that_was_disposed_of_is_opened_again_by_the_next_use(instance):
    run_id = materialize(instance)

    instance.event_log_storage.dispose()

    assert instance.all_logs(run_id)
