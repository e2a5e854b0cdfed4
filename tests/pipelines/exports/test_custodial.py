"""Custodial records: four files that tie to the ledger, and are withheld while bank, ledger and owners disagree."""

from datetime import date
from pathlib import Path

import pytest

from ledger.exports.errors import ExportWithheld
from ledger.exports.export_queries import exports
from ledger.exports.records import ExportState
from ledger.kernel.work import read
from ledger.public_ids import public
from pipelines.exports.declarations import Report
from pipelines.exports.manifest import read_manifest
from pipelines.exports.reports.custodial import REPORT
from pipelines.exports.runs import make_export
from tests.pipelines.exports.programme import Programme

_DAY = date(2026, 1, 6)


@pytest.fixture
def owners(programme: Programme) -> Programme:
    """Ann is a customer of both partners; Joe owns jointly; nothing is known of Eve."""
    programme.oblige("custodial")
    for name, partner, person in (
        ("ann", "alder", "ann"),
        ("ann2", "birch", "ann"),
        ("joe", "alder", "joe"),
        ("eve", "birch", "eve"),
    ):
        programme.open(name, partner, person=person)
    programme.fund("ann", "200000.00")
    programme.fund("ann2", "150000.00")
    programme.fund("joe", "700000.00")
    programme.fund("eve", "10.00")
    programme.move("joe", "ann", "0.05", hold=True)
    programme.state("ann")
    programme.state("ann2")
    spouse = {"type": "OC", "first_name": "Jo", "last_name": "Example", "tax_id": "987654321"}
    programme.state("joe", tax_id="111223333", ownership="JNT", participants=[spouse])
    programme.bank("alder", "900000.00", _DAY)
    programme.bank("birch", "150010.00", _DAY)
    programme.on(date(2026, 1, 7))
    programme.fund("eve", "1.00")  # the next day's money
    return programme


def test_every_owner_is_stated_with_what_is_insured_over_all_partners(owners: Programme) -> None:
    made = make_export(owners.exporter, REPORT, owners.what(REPORT, str(_DAY)))

    accounts = _rows(made.folder / "account.txt")
    ann = [row for row in accounts if row["DP_Right_Capacity"] == "SGL"]
    assert {row["CS_Unique_ID"] for row in ann} == {ann[0]["CS_Unique_ID"]}, "one person at two partners"
    assert _cents(ann, "DP_Insured_Amount") == 25_000_000
    assert _cents(ann, "DP_Uninsured_Amount") == 10_000_000
    (joe,) = (row for row in accounts if row["DP_Right_Capacity"] == "JNT")
    assert (joe["DP_Insured_Amount"], joe["DP_Uninsured_Amount"]) == ("500000.00", "200000.00")
    assert joe["DP_Hold_Amount"] == "0.05"
    (spouse,) = _rows(made.folder / "account_participant.txt")
    assert (spouse["AP_Participant_Type"], spouse["AP_Govt_ID"]) == ("OC", "987654321")
    (eve,) = _rows(made.folder / "pending.txt")
    assert (eve["Pending_Reason"], eve["DP_Cur_Bal"]) == ("RAC", "10.00")
    assert eve["DP_Acct_Identifier"] == public("account", owners.accounts["eve"][0])
    assert len(_rows(made.folder / "customer.txt")) == 2
    totals = read_manifest(made.folder)["control_totals"]
    assert (totals["insured"], totals["uninsured"], totals["pending"]) == ("750000.00", "300000.00", "10.00")
    assert (totals["bank_birch_USD"], totals["owners_birch_USD"]) == ("150010.00", "150010.00")


def test_every_opening_of_particulars_is_recorded_before_the_file_is_made(owners: Programme) -> None:
    before = owners.count("personal_readings")

    make_export(owners.exporter, REPORT, owners.what(REPORT, str(_DAY)))

    assert owners.count("personal_readings") == before + 3


def test_a_break_of_a_cent_withholds_the_export_and_names_itself(owners: Programme) -> None:
    owners.bank("birch", "150009.99", _DAY)
    what = owners.what(REPORT, str(_DAY))

    with pytest.raises(ExportWithheld, match=r"birch USD: bank 150009\.99, ledger 150010\.00, owners 150010\.00"):
        make_export(owners.exporter, REPORT, what)

    (withheld,) = _exports(owners)
    assert (withheld.state, "birch USD" in withheld.reason) == (ExportState.WITHHELD, True)
    assert not list((owners.home / "exports").glob("fbo/**/exp_*")), "nothing of it stays"
    owners.bank("birch", "150010.00", _DAY)
    made = make_export(owners.exporter, REPORT, what)
    assert made.export.state is ExportState.MADE


def test_money_that_the_bank_does_not_state_is_a_break(owners: Programme) -> None:
    owners.on(date(2026, 1, 8))

    with pytest.raises(ExportWithheld, match="alder USD: bank not stated for 2026-01-07"):
        make_export(owners.exporter, REPORT, owners.what(REPORT, "2026-01-07"))


def _exports(programme: Programme, report: Report = REPORT) -> list[object]:
    with read(programme.engine) as reader:
        return list(exports(reader, programme.book_id, report=report.name))


def _rows(path: Path) -> list[dict[str, str]]:
    header, *rows = (line.split("|") for line in path.read_text().splitlines())
    assert all(len(row) == len(header) for row in rows)
    return [dict(zip(header, row, strict=True)) for row in rows]


def _cents(rows: list[dict[str, str]], column: str) -> int:
    return sum(int(row[column].replace(".", "")) for row in rows)
