"""A build: marts with the right figures, whole or not at all, through Dagster."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
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
from pipelines.marts.audit import marts_equal_lake
from pipelines.marts.checks import compare_totals
from pipelines.marts.sources import pin_sources
from pipelines.marts.warehouse import building, opened
from pipelines.resources import held_resources
from pipelines.stream.worker import stream_once
from pipelines.workspace import prepare_instance
from tests.pipelines.marts.conftest import snapshot

ROOT = Path(__file__).parents[3]


def quiet(_said):
    pass


def forge(lake, book, record, change):
    """Write the files of a bronze table anew under their own names, with a change that no commit knows of."""
    for path in files_at(lake, book.name, record, version=None):
        duckdb.sql(f"SELECT * REPLACE ({change}) FROM '{path}'").to_parquet(f"{path}.part")
        Path(f"{path}.part").replace(path)


def test_a_build_brings_every_mart_to_the_newest_position(built):
    def query(statement):
        with duckdb.connect(str(built.settings.warehouse), read_only=True) as warehouse:
            return warehouse.execute(statement).fetchall()

    ledger_position = 16  # the book, two partners, a customer, four accounts, an actor, six transfers, a hold
    assert built.report.positions["sandbox"] == ledger_position
    assert re.fullmatch(
        r"the marts are up to date: (sandbox at position 16|second at position \d+|, )+", str(built.report)
    )
    assert "built warehouse" in built.said
    assert query("SELECT seq FROM lake.watermarks WHERE book_name = 'sandbox'") == [(16,)]
    sandbox = "book_name = 'sandbox'"
    volume = "SELECT partner_ref, booked_on, transfers, volume_minor, refused FROM partner.fct_partner_volume_daily"
    assert query(f"{volume} WHERE {sandbox} ORDER BY booked_on") == [
        ("shop", date(2024, 3, 1), 1, 10_000, 0),
        ("shop", date(2024, 3, 2), 1, 500, 0),
        ("shop", date(2024, 3, 3), 1, 2_500, 1),
        ("shop", date(2024, 3, 4), 2, 1_000, 0),
    ]
    wallet = f"WHERE account_id = '{built.programme.accounts['wallet']}' ORDER BY 1"
    lines = f"SELECT line_number, booked_on, change_minor, balance_minor FROM partner.rpt_statement_lines {wallet}"
    assert [line[2:] for line in query(lines)] == [
        (10_000, 10_000),
        (-500, 9_500),
        (-2_500, 7_000),
        (-1_000, 6_000),
        (0, 6_000),
    ]
    days = f"SELECT booked_on, balance_minor, next_booked_on FROM partner.fct_account_balances_daily {wallet}"
    assert query(days)[1:3] == [
        (date(2024, 3, 2), 9_500, date(2024, 3, 3)),
        (date(2024, 3, 3), 7_000, date(2024, 3, 4)),
    ]
    trial = "SELECT account_kind, net_debits_minor, out_of_balance_minor FROM regulatory.rpt_trial_balance"
    assert query(f"{trial} WHERE {sandbox} ORDER BY 1") == [
        ("customer", -6_000, 0),
        ("external", 10_000, 0),
        ("merchant", -4_000, 0),
    ]
    assert [each for each in marts_equal_lake(built.settings) if not each.ok] == []


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


@pytest.mark.slow
@pytest.mark.usefixtures("programme")
def test_a_build_killed_while_it_builds_leaves_the_warehouse_as_it_was_and_the_next_replaces_it_under_its_readers(
    settings, built, query
):
    shutil.copy(built.settings.warehouse, settings.warehouse)
    old = settings.warehouse.read_bytes()
    command = [sys.executable, "-m", "cofferdam", "build"]

    with subprocess.Popen(command, env=settings.child_environ(), cwd=ROOT, start_new_session=True) as killed:
        while not list((settings.home / "building").glob("*/dbt")):
            assert killed.poll() is None
            time.sleep(0.05)
        os.killpg(killed.pid, signal.SIGKILL)
    left = list((settings.home / "building").iterdir())

    assert settings.warehouse.read_bytes() == old
    watermarks = "SELECT book_name, seq FROM lake.watermarks ORDER BY 1"
    with duckdb.connect(str(settings.warehouse), read_only=True) as reader:
        report = build(settings, progress=quiet)
        kept = reader.execute(watermarks).fetchall()
    assert (report.positions, str(report)) == ({"sandbox": 16}, "the marts are up to date: sandbox at position 16")
    assert [name for name, _ in kept] == ["sandbox", "second"], "who had the old warehouse open keeps reading it"
    assert query(watermarks) == [("sandbox", 16)]
    assert list((settings.home / "building").iterdir()) == left


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
