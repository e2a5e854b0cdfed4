"""What Dagster is given: every asset with what it stands on, every check, and how both are run."""

import os
from pathlib import Path

import dagster as dg
import pytest
import yaml

from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from pipelines.definitions import REFRESH, definitions
from pipelines.marts.warehouse import building, new_building
from pipelines.resources import held_resources, resources
from pipelines.workspace import CODE_PORT, CONFIGURATION, prepare_dagster_home, workspace_yaml

GOLDEN = Path(__file__).parents[2] / "golden" / "assets.txt"


@pytest.fixture
def defined(settings):
    with held_resources(settings) as provided:
        yield definitions(settings, provided)


def graph(defined: dg.Definitions) -> str:
    """One line per asset with what it stands on, one per check, and one per schedule."""
    assets = defined.resolve_asset_graph()
    lines = []
    for key in sorted(assets.get_all_asset_keys(), key=str):
        parents = sorted(parent.to_user_string() for parent in assets.get(key).parent_keys)
        lines.append(f"{key.to_user_string()} <- {', '.join(parents) or 'nothing'}")
    for check in sorted(assets.asset_check_keys, key=str):
        blocking = " (blocking)" if assets.get(check).blocking else ""
        lines.append(f"check {check.asset_key.to_user_string()}: {check.name}{blocking}")
    lines += [f"schedule {each.name}: {each.job_name} at {each.cron_schedule}" for each in defined.schedules or []]
    return "\n".join(lines) + "\n"


def test_the_graph_of_assets_and_checks_is_the_one_that_was_reviewed(defined):
    dg.Definitions.validate_loadable(defined)

    assert graph(defined) == GOLDEN.read_text(), f"when the change is meant, write the new graph to {GOLDEN.name}"


def test_the_marts_are_refreshed_every_quarter_of_an_hour_as_one_run(defined):
    schedule = next(each for each in defined.schedules or [] if each.name == "every_quarter_of_an_hour")

    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.job_name) == ("*/15 * * * *", REFRESH)
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    job = defined.resolve_job_def(REFRESH)
    assert {node.name for node in job.nodes} == {
        "lake_snapshot", "lake_snapshot_ledger_equals_lake", "sources", "marts", "warehouse",
        "silver_is_near", "bronze_is_in_order", "quarantine__rows_no_row_waits",
    }  # fmt: skip


def test_dagsters_home_gets_its_configuration_and_the_port_of_the_code_server(tmp_path):
    prepare_dagster_home(tmp_path / "dagster", code_port=5001)

    workspace = yaml.safe_load((tmp_path / "dagster" / "workspace.yaml").read_text())
    assert workspace["load_from"][0]["grpc_server"]["port"] == 5001
    with dg.DagsterInstance.from_config(str(tmp_path / "dagster")) as instance:
        assert not instance.telemetry_enabled
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
    assert workspace_yaml(CODE_PORT) == (CONFIGURATION / "workspace.yaml").read_text()


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
