"""A build, or a part of one, publishes whole marts or nothing, and names what failed."""

import json
import re
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import sqlalchemy as sa

from lake.bronze.read import files_at
from ledger.book.records.accounts import Account
from ledger.book.records.transfers import Transfer
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import new_id
from ledger.kernel.operations import standings
from ledger.tenancy.records import Partner
from pipelines.build import BuildFailed, build
from pipelines.definitions import definitions
from pipelines.installation import claim
from pipelines.marts.checks import compare_totals
from pipelines.marts.sources import pin_sources
from pipelines.marts.warehouse import building, opened
from pipelines.resources import held_resources
from pipelines.stream.worker import stream_once
from pipelines.workspace import prepare_instance
from tests.pipelines.marts.conftest import snapshot


def quiet(_said):
    pass


def forge(lake, book, record, change):
    """Write the files of a bronze table anew under their own names, with a change that no commit knows of."""
    for path in files_at(lake, book.name, record, version=None):
        duckdb.sql(f"SELECT * REPLACE ({change}) FROM '{path}'").to_parquet(f"{path}.part")
        Path(f"{path}.part").replace(path)


def test_a_lake_that_differs_from_the_ledger_builds_nothing_and_is_named(settings, programme, lake, engine):
    stream_once(engine, lake, programme.book)
    forge(lake, programme.book, Transfer, "amount_minor + 1 AS amount_minor")

    failed = r"ledger_equals_lake of lake_snapshot failed: file .* was changed: .*; transfers of sandbox: ledger 6 rows"
    with pytest.raises(BuildFailed, match=failed):
        build(settings, progress=quiet)

    assert not settings.warehouse.exists()
    assert not list((settings.home / "building").rglob("dbt")), "dbt was not even started"


CHANGES = {
    "a running sum": (Transfer, "debit_account_debits_minor + 1 AS debit_account_debits_minor"),
    "a day": (Transfer, "booked_on + 1 AS booked_on"),
    "an id": (Account, "if(account_no = 2, replace(account_id, '-', 'a'), account_id) AS account_id"),
    "a text": (Partner, "name || ' ' AS name"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_whatever_column_differs_from_the_ledger_fails_the_check_before_the_build(programme, lake, directory, kind):
    record, change = CHANGES[kind]
    cuts = snapshot(directory, lake).cuts
    forge(lake, programme.book, record, change)
    with opened(Path(":memory:")) as memory:
        pin_sources(memory, lake, cuts)

        compared = compare_totals(directory.place_of("sandbox"), memory, cuts[0])

    assert [each.what for each in compared if not each.ok] == [f"every column of {record.TABLE}"]


@pytest.mark.parametrize(
    "cut_off", [lambda content: content[:-20], lambda content: content[: len(content) // 2] + content[-40:]]
)
def test_a_file_that_cannot_be_read_fails_the_build_with_file_book_table_and_remedy(
    settings, programme, lake, engine, cut_off
):
    stream_once(engine, lake, programme.book)
    (path,) = map(Path, files_at(lake, programme.book.name, Transfer, version=None))
    path.write_bytes(cut_off(path.read_bytes()))

    with pytest.raises(BuildFailed) as failed:
        build(settings, progress=quiet)

    assert f"{path.name} of transfers of book 'sandbox' was changed" in str(failed.value)
    assert "make the table anew: cofferdam stream --rebuild sandbox transfers" in str(failed.value)
    assert not list((settings.home / "building").rglob("dbt")), "dbt was not even started"


def test_a_failing_test_of_dbt_leaves_the_warehouse_as_it_was_and_is_named(
    settings, programme, lake, engine, tampering
):
    # The lake equals the ledger, so that the comparison passes; the running sums of the accounts do not hold in either.
    with tampering.begin() as connection:
        connection.execute(sa.text("UPDATE transfers SET debit_account_debits_minor = debit_account_debits_minor + 7"))
    stream_once(engine, lake, programme.book)
    settings.warehouse.write_bytes(b"the old warehouse")

    with pytest.raises(BuildFailed, match="balances_end_where_the_ledger_does of fct_account_balances_daily"):
        build(settings, progress=quiet)

    assert settings.warehouse.read_bytes() == b"the old warehouse"


def test_a_model_that_breaks_is_named_with_its_reason(settings, programme, lake, engine, tampering):
    stream_once(engine, lake, programme.book)
    with tampering.begin() as connection:
        connection.execute(sa.text("ALTER TABLE transfers ALTER code DROP NOT NULL"))
        connection.execute(sa.text("UPDATE transfers SET code = NULL"))
    forge(lake, programme.book, Transfer, "CAST(NULL AS varchar) AS code")

    with pytest.raises(BuildFailed, match=r"(?s)rpt_statement_lines.*NOT NULL constraint failed"):
        build(settings, progress=quiet)


def materialize(settings, *names):
    """What *Materialize* does in Dagster's web UI, with what it selects."""
    prepare_instance(settings.dagster_home)
    claim(settings)
    keys = [dg.AssetKey(name.split(".")) for name in names]
    with (
        held_resources(settings) as provided,
        dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance,
    ):
        job = definitions(settings, provided).resolve_implicit_global_asset_job_def()
        return job.execute_in_process(instance=instance, asset_selection=keys, raise_on_error=False)


@pytest.mark.usefixtures("programme")
def test_a_single_mart_is_materialized_on_a_snapshot_of_its_own_and_published(settings, query):
    result = materialize(settings, "rpt_trial_balance")

    assert result.success
    materialized = {event.asset_key.to_user_string() for event in result.get_asset_materialization_events()}
    assert materialized == {"rpt_trial_balance"}
    assert query("SELECT book_name, seq FROM lake.watermarks") == [("sandbox", 16)]
    assert query("SELECT sum(net_debits_minor) FROM regulatory.rpt_trial_balance") == [(0,)]
    assert standings(settings)[0].succeeded_at is not None


@pytest.mark.usefixtures("programme")
def test_a_table_of_the_lake_is_materialized_alone_and_publishes_nothing(settings):
    result = materialize(settings, "lake.transfers")

    assert result.success
    assert not settings.warehouse.exists()
    (results,) = (settings.home / "building").rglob("run_results.json")
    ran = {each["unique_id"].split(".")[0] for each in json.loads(results.read_text())["results"]}
    assert "test" in ran
    assert "model" not in ran, "only what is checked is built"


@pytest.mark.parametrize("part", ["rpt_trial_balance", "warehouse", "lake.transfers"])
def test_no_part_is_built_on_a_lake_that_differs_from_the_ledger(settings, programme, lake, engine, part):
    stream_once(engine, lake, programme.book)
    forge(lake, programme.book, Transfer, "amount_minor + 1 AS amount_minor")

    result = materialize(settings, part)

    assert not result.success
    assert re.search(
        "the lake differs from the ledger: file .* was changed.*transfers of sandbox", str(result.all_events)
    )
    assert not settings.warehouse.exists()
    assert not list((settings.home / "building").rglob("dbt")), "dbt was not even started"


def test_what_has_no_snapshot_is_not_built_upon(settings):
    with pytest.raises(InvalidInput, match="this run has no snapshot of the lake"):
        building(settings, str(new_id()))
