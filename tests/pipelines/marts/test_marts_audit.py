"""The audit of the marts: it agrees with an honest warehouse, and names what was altered in a forged one."""

from dataclasses import replace
from pathlib import Path

import duckdb

from lake.bronze.read import files_at
from ledger.book.records.transfers import Transfer
from pipelines.marts.audit import marts_equal_lake
from pipelines.marts.sources import pin_sources
from pipelines.marts.warehouse import opened
from tests.pipelines.marts.conftest import snapshot

FORGERIES = {
    "marts_partner_volume": "UPDATE partner.fct_partner_volume_daily SET volume_minor = volume_minor + 1",
    "marts_daily_movements": "UPDATE partner.fct_account_balances_daily SET booked_on = booked_on + 1",
    "marts_last_balances": "UPDATE partner.fct_account_balances_daily SET balance_minor = 0 WHERE balance_minor = 6000",
    "marts_statement_lines": "DELETE FROM partner.rpt_statement_lines WHERE code = 'payment' AND amount_minor = 500",
    "marts_trial_balance": "UPDATE regulatory.rpt_trial_balance SET accounts = 9 WHERE account_kind = 'merchant'",
    "marts_trial_balance_is_zero": "UPDATE regulatory.rpt_trial_balance SET net_debits_minor = 0 WHERE accounts = 2",
    "marts_partners": "UPDATE finance.dim_partner SET vertical = 'banking' WHERE partner_ref = 'cab'",
    "marts_accounts": "DELETE FROM finance.dim_account WHERE account_kind = 'external'",
}


def test_every_forgery_in_a_mart_is_found_by_its_own_check(built, tmp_path):
    settings = replace(built.settings, home=tmp_path)
    honest = built.settings.warehouse.read_bytes()
    settings.warehouse.write_bytes(honest)

    assert {(each.check, each.ok) for each in marts_equal_lake(settings)} == {(check, True) for check in FORGERIES}

    for check, forgery in FORGERIES.items():
        settings.warehouse.write_bytes(honest)
        with duckdb.connect(str(settings.warehouse)) as warehouse:
            warehouse.execute(forgery)
        wrong = [each.check for each in marts_equal_lake(settings) if not each.ok]
        assert wrong == [check]


def test_a_mart_is_held_against_the_lake_and_not_against_its_own_views(settings, programme, lake, directory):
    settings.home.mkdir(exist_ok=True)
    with opened(settings.warehouse) as warehouse:
        pin_sources(warehouse, lake, snapshot(directory, lake).cuts)
        warehouse.execute("CREATE SCHEMA partner")
    (path,) = files_at(lake, programme.book.name, Transfer, version=None)
    Path(path).unlink()

    (finding,) = marts_equal_lake(settings)

    assert not finding.ok
    assert finding.detail.startswith("cannot be compared: file ")
    assert f"{Path(path).name} of transfers of book 'sandbox' is gone; make the table anew: " in finding.detail


def test_before_the_first_build_there_is_nothing_to_compare(settings):
    (finding,) = marts_equal_lake(settings)

    assert finding.ok
    assert finding.detail == "no warehouse has been built yet"
