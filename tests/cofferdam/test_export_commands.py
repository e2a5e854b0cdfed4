"""`cofferdam reporting` and `cofferdam export`, as an operator runs them."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cofferdam.cli import program
from lake.tables import Lake
from ledger.kernel.business_days import Market, is_business_day
from ledger.kernel.settings import Settings
from ledger.public_ids import public
from ledger.vault.vault import Vault
from tests.pipelines.exports.programme import Programme


@pytest.fixture
def day() -> date:
    """A business day that has ended; what happens on it is posted two days ago by the real clock."""
    found = datetime.now(UTC).date() - timedelta(days=2)
    while not is_business_day(Market.FEDERAL_RESERVE, found):
        found -= timedelta(days=1)
    return found


@pytest.fixture
def run(engine, vault: Vault, settings: Settings, day: date, tmp_path: Path) -> Callable[..., Result]:
    """A book with money of one owner, and its commands."""
    programme = Programme(engine, vault, Lake.of(settings), settings.home)
    programme.on(day)
    programme.open("ann", "alder")
    programme.fund("ann", "100.00")
    ann = {"customer": public("customer", programme.customers["ann"]), "kind": "individual"}
    ann |= {"first_name": "Ann", "last_name": "Secretly", "tax_id": "123456789", "tax_id_kind": "SSN"}
    (tmp_path / "people.jsonl").write_text(json.dumps(ann) + "\n")
    header = "bank_account,partner,date,balance,currency"
    (tmp_path / "balances.csv").write_text(f"{header}\nfbo,alder,{day},99.99,USD\n")
    (tmp_path / "mended.csv").write_text(f"{header}\nfbo,alder,{day},100.00,USD\n")

    def invoke(*arguments: str) -> Result:
        environ = {
            "COFFERDAM_HOME": str(settings.home),
            "COFFERDAM_DATABASE_URL": str(settings.database_url),
            "COFFERDAM_VAULT_KEYRING": str(settings.keyrings),
        }
        return CliRunner().invoke(program(), [*arguments], env=environ)

    return invoke


def test_a_report_is_owed_withheld_made_delivered_and_answered(
    run: Callable[..., Result], day: date, tmp_path: Path
) -> None:
    why = ("--reason", "the bank asks for it")
    stated = run("reporting", "particulars", "fbo", str(tmp_path / "people.jsonl"), "--json")
    owed = run("reporting", "oblige", "fbo", "custodial", "--from", str(day), *why)
    place = run("reporting", "destination", "fbo", "custodial", f"file://{tmp_path}/inbox", *why)
    banked = run("reporting", "balances", "fbo", str(tmp_path / "balances.csv"), *why)
    assert [each.exit_code for each in (stated, owed, place, banked)] == [0, 0, 0, 0], owed.output

    withheld = run("export", "run", "fbo", "custodial", str(day))
    tried = json.loads(run("export", "run", "fbo", "custodial", str(day), "--dry-run", "--json").stdout)
    run("reporting", "balances", "fbo", str(tmp_path / "mended.csv"), *why)
    made = json.loads(run("export", "run", "fbo", "custodial", str(day), "--json").stdout)
    answered = run("export", "answer", "fbo", made["export"], "--receipt", "B-1", "--reason", "accepted", "--json")
    listed = json.loads(run("export", "list", "fbo", "--since", str(day), "--json").stdout)
    shown = run("export", "show", "fbo", made["export"])
    again = json.loads(run("export", "resend", "fbo", made["export"], "--reason", "lost", "--json").stdout)

    assert (withheld.exit_code, "bank 99.99, ledger 100.00, owners 100.00" in withheld.output) == (1, True)
    assert [each["name"] for each in tried["checks"] if not each["ok"]] == ["three_way_tie_out"]
    assert (made["state"], made["is_new"], len(made["deliveries"])) == ("delivered", True, 1)
    assert json.loads(answered.stdout)["state"] == "acknowledged"
    own = next(each for each in listed if each["period"] == str(day))
    assert (own["state"], own["export"]) == ("acknowledged", made["export"])
    assert "three_way_tie_out" in shown.stdout
    assert [each["state"] for each in again] == ["delivered"]
    assert "Secretly" not in "".join(each.output for each in (stated, withheld, shown, answered))
    assert "Secretly" in next((tmp_path / "inbox").rglob("customer.txt")).read_text()


def test_what_is_mistyped_is_refused_with_its_line(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_text("bank_account,partner,date,balance,currency\nfbo,alder,2026-01-06,1.001,USD\n")
    (tmp_path / "wrong.jsonl").write_text('{"customer": "cus_1", "kind": "individual"}\n')

    balances = run("reporting", "balances", "fbo", str(tmp_path / "wrong.csv"), "--reason", "a test")
    people = run("reporting", "particulars", "fbo", str(tmp_path / "wrong.jsonl"))
    report = run("reporting", "oblige", "fbo", "taxes", "--from", "2026-01-05", "--reason", "a test")

    assert "wrong.csv, line 2: '1.001' has more decimals" in " ".join(balances.output.split())
    assert "wrong.jsonl, line 1: 'cus_1' is not an id of kind customer" in " ".join(people.output.split())
    assert "there is no report 'taxes'; there are:" in " ".join(report.output.split())
