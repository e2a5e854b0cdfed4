"""`cofferdam ach` checks a file and writes its reversal; `cofferdam return-code` shows a reason and its deadline."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cofferdam.cli import program
from ledger.rails.ach.addenda_layouts import ADDENDA_LAYOUTS
from ledger.rails.ach.entries import Entry
from tests.ledger.rails.ach_files import batch_header, entry, read, returned, written

GOOD = written([(batch_header("WEB", service_class_code=225), [entry("WEB", 1, transaction_code=27)])])
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Write a file and run the command on it, in this process."""

    def called(content: bytes, *arguments: str) -> Result:
        (tmp_path / "sent.ach").write_bytes(content)
        return CliRunner().invoke(program(), ["ach", str(tmp_path / "sent.ach"), *arguments], prog_name="cofferdam")

    return called


def test_a_valid_file_is_told_by_its_totals(run: Run):
    told = json.loads(run(GOOD, "--json").stdout)

    assert told["is_valid"]
    assert (told["batches"], told["total_debit_minor"], told["entries"]) == (1, 1_000, {"WEB": 1})
    assert "total debit          1000" in run(GOOD).stdout


def test_a_file_with_faults_is_told_by_each_of_them_and_ends_with_one(run: Run):
    broken = GOOD.replace(b"021200025", b"021200026")

    told = run(broken, "--json")

    assert told.exit_code == 1
    faults = json.loads(told.stdout)["faults"]
    assert [(fault["line"], fault["field"]) for fault in faults] == [(1, "immediate destination"), (3, "check digit")]
    assert "line 3, WEB entry detail, check digit: found '6'; expected 5" in run(broken).stdout


def test_returns_and_changes_are_told_with_what_they_correct(run: Run):
    detail = entry("COR", 1, transaction_code=21, amount_minor=0, addenda_indicator=1).detail
    change = ADDENDA_LAYOUTS["98"].record(
        change_code="C01",
        original_entry_trace_number="076401250000009",
        original_receiving_dfi="02120002",
        corrected_data="1918171614",
        trace_number="076401250000001",
    )
    file = written(
        [(batch_header("PPD", 1), [returned(1, "R07")]), (batch_header("COR", 2), [Entry(detail, (change,))])]
    )

    returns, changes = json.loads(run(file, "--json").stdout)["answers"]

    assert (returns["code"], returns["title"]) == ("R07", "authorization revoked by the customer")
    assert changes["corrections"] == {"account_number": "1918171614"}
    assert "C01 incorrect account number" in run(file).stdout


def test_a_description_for_others_is_noticed(run: Run):
    file = written([(batch_header("CCD", company_entry_description="PAYROLL"), [entry("CCD", 1)])])

    assert "PAYROLL is for credits that pay wages" in run(file).stdout


def test_a_reversal_is_a_valid_file_that_undoes_the_first(run: Run, tmp_path: Path):
    target = tmp_path / "undo.ach"

    told = run(GOOD, "--reversal", str(target), "--effective", "2026-12-01", "--json")

    assert json.loads(told.stdout)["reversal"] == str(target)
    _, [(header, [undone])] = read(target.read_bytes())
    assert (header.number("service_class_code"), undone.detail.number("transaction_code")) == (220, 22)
    assert run(GOOD, "--reversal", str(target)).exit_code != 0


def test_a_return_reason_is_shown_with_its_deadline():
    told = CliRunner().invoke(program(), ["return-code", "r01", "--settled-on", "2026-11-25", "--json"])

    assert json.loads(told.stdout)["due"] == "2026-11-30"
    assert CliRunner().invoke(program(), ["return-code", "R98"]).exit_code != 0
