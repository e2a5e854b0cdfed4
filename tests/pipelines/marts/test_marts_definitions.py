"""What Dagster is given: every asset with what it stands on, every check, and how both are run."""

import os
import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.scheduler import DagsterDaemonScheduler
from dagster._utils.schedules import cron_string_iterator

from ledger.kernel.errors import InvalidInput
from ledger.kernel.operations import EVERY, Operation
from ledger.kernel.settings import Settings
from pipelines.definitions import REFRESH, definitions
from pipelines.graph import asset_graph
from pipelines.marts.warehouse import building, new_building
from pipelines.resources import held_resources, resources
from pipelines.workspace import CONFIGURATION, SOCKET, code_socket, prepare_dagster_home, workspace_yaml
from tests import warm

GOLDEN = Path(__file__).parents[2] / "golden" / "assets.txt"


@pytest.fixture
def defined(settings):
    with held_resources(settings) as provided:
        yield definitions(settings, provided)


def test_the_graph_of_assets_and_checks_is_the_one_that_was_reviewed(defined):
    dg.Definitions.validate_loadable(defined)

    assert asset_graph(defined) == GOLDEN.read_text(), "when the change is meant: make generated"


LISTED = {"int_days__listed", "stg_reference__currencies", "stg_reference__market_holidays"}
"""Models whose rows stand in their own text, and come from no other asset."""


def test_every_asset_has_an_owner_a_kind_a_layer_and_a_description_and_what_is_built_says_when_it_is_stale(defined):
    graph = defined.resolve_asset_graph()
    nodes = [graph.get(key) for key in graph.get_all_asset_keys()]

    assert len(nodes) > 40
    for node in nodes:
        assert node.owners, node.key
        assert node.kinds, node.key
        assert node.tags["cofferdam/layer"], node.key
        assert node.description, node.key
        assert "\n    " not in node.description.partition("```")[0], node.key
        is_from_outside = node.group_name in ("ledger", "quarantine", "silver", "insights")
        assert (node.freshness_policy is None) == is_from_outside, node.key
        assert is_from_outside or node.parent_keys or node.key.path[-1] in LISTED, node.key
        in_lake = node.group_name in ("lake", "silver") and len(node.key.path) == 2
        assert ("dagster/column_schema" in node.metadata) >= in_lake, node.key


def test_only_a_build_loads_dbt_in_a_process_of_its_own():
    ended = warm.python(
        "import sys, pipelines.definitions; print(*(name for name in sys.modules if name[:3] == 'dbt'))"
    )

    assert ended.returncode == 0, ended.stderr
    assert not ended.stdout.split()


def test_every_tick_of_the_build_asks_for_a_run_of_its_own(defined):
    """Dagster runs nothing twice under one key."""
    schedule = defined.resolve_schedule_def("refresh_schedule")

    ticks = [
        schedule.evaluate_tick(
            dg.build_schedule_context(scheduled_execution_time=datetime(2026, 3, 1, 12, minute, tzinfo=UTC))
        )
        for minute in (0, 15)
    ]

    assert len({request.run_key for tick in ticks for request in tick.run_requests or []}) == 2


def test_the_marts_are_refreshed_every_quarter_of_an_hour_as_one_run(defined):
    schedule = next(each for each in defined.schedules or [] if each.name == "refresh_schedule")

    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.job_name) == ("*/15 * * * *", REFRESH)
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    job = defined.resolve_job_def(REFRESH)
    assert {node.name for node in job.nodes} == {
        "lake_snapshot", "lake_snapshot_ledger_equals_lake", "sources", "marts", "warehouse",
        "silver_is_near", "bronze_is_in_order", "quarantine__rows_no_row_waits",
    }  # fmt: skip


def test_dagsters_home_gets_its_configuration_and_the_socket_of_the_code_server(tmp_path):
    prepare_dagster_home(tmp_path / "dagster")

    workspace = yaml.safe_load((tmp_path / "dagster" / "workspace.yaml").read_text())
    assert workspace["load_from"][0]["grpc_server"]["socket"] == str(code_socket(tmp_path / "dagster"))
    with dg.DagsterInstance.from_config(str(tmp_path / "dagster")) as instance:
        assert not instance.telemetry_enabled
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
        assert isinstance(instance.scheduler, DagsterDaemonScheduler)
        assert instance.scheduler.max_catchup_runs == 1
    assert workspace_yaml(Path(SOCKET)) == (CONFIGURATION / "workspace.yaml").read_text()


@pytest.mark.parametrize("name", ["home", "x" * 120, "c #1", "50% off", "a?b", "ü"])
def test_the_socket_is_in_the_home_or_where_its_path_suits_one_and_never_another_homes(tmp_path, name):
    homes = [tmp_path / name / "dagster", tmp_path / f"{name}2" / "dagster"]

    first, second = (code_socket(home) for home in homes)

    assert first != second
    assert code_socket(homes[0]) == first
    for path in (first, second):
        assert re.fullmatch(r"[A-Za-z0-9/._-]{1,100}", str(path))
        if not path.is_relative_to(tmp_path):
            assert path.parent.stat().st_mode & 0o077 == 0
            path.parent.rmdir()


@pytest.mark.parametrize("left", ["open", "link"])
def test_a_socket_folder_that_somebody_else_laid_out_is_refused(tmp_path, left):
    home = tmp_path / ("x" * 120) / "dagster"
    folder = code_socket(home).parent
    folder.rmdir()
    if left == "open":
        folder.mkdir()
        folder.chmod(0o777)
    else:
        folder.symlink_to(tmp_path)

    with pytest.raises(InvalidInput, match="not this user's alone"):
        code_socket(home)

    folder.rmdir() if left == "open" else folder.unlink()


def test_each_operation_is_started_as_often_as_its_lateness_is_counted_from(defined):
    crons = {schedule.name: schedule.cron_schedule for schedule in defined.schedules}
    operations = {
        "refresh_schedule": Operation.BUILD,
        "resume_inter_book_transfers_schedule": Operation.CROSSINGS,
        "exports_schedule": Operation.EXPORTS,
        "zero_check_schedule": Operation.ZERO_CHECK,
        "retention_schedule": Operation.RETENTION,
        "verification_schedule": Operation.VERIFICATION,
    }

    assert set(operations) == set(crons)
    for name, operation in operations.items():
        began = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
        first, second = islice(cron_string_iterator(began, crons[name], "UTC"), 2)
        assert second - first == EVERY[operation]
    (looking,) = [sensor for sensor in defined.sensors if sensor.name == "insight_months_due"]
    assert timedelta(seconds=looking.minimum_interval_seconds) == EVERY[Operation.RELEASE]


def test_resources_without_a_database_say_what_is_missing(tmp_path):
    with pytest.raises(InvalidInput, match="COFFERDAM_DATABASE_URL"):
        resources(Settings(home=tmp_path, lake_url=str(tmp_path / "lake")))


def test_what_a_killed_build_left_behind_is_cleared_by_a_later_one(settings):
    killed = new_building(settings, "killed")
    killed.touch()
    running = new_building(settings, "running")
    running.touch()
    old = 1_700_000_000
    os.utime(killed.parent, (old, old))

    new_building(settings, "next")

    assert not killed.exists()
    assert building(settings, "running") == running
