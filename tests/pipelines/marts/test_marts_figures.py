"""A build: marts with the right figures, which replace the ones before while these are read, killed or not."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.build import build
from pipelines.marts.audit import marts_equal_lake

ROOT = Path(__file__).parents[3]


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
        report = build(settings, progress=lambda _said: None)
        kept = reader.execute(watermarks).fetchall()
    assert (report.positions, str(report)) == ({"sandbox": 16}, "the marts are up to date: sandbox at position 16")
    assert [name for name, _ in kept] == ["sandbox", "second"], "who had the old warehouse open keeps reading it"
    assert query(watermarks) == [("sandbox", 16)]
    assert list((settings.home / "building").iterdir()) == left
