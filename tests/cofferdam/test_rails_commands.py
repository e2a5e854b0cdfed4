"""The commands that check files of banks and messages of networks: they tell what is wrong, and no secret."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cofferdam.cli import program
from ledger.kernel.money import Money
from ledger.rails.cards.messages import CardMessage, write_card_message
from ledger.rails.iso20022.messages import write_message
from ledger.rails.iso20022.values import CreditTransfer, PaymentReturn

STATEMENT = (
    ":20:A\n:25:DE02500105170137075030\n:28C:1/1\n:60F:C261127EUR1,00\n:61:261127C2,50NTRFX\n:62F:C261127EUR{}\n"
)
AT = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(program(), arguments, prog_name="cofferdam")


def test_a_whole_statement_is_told_with_its_sums_and_without_its_account(run: Callable[..., Result], tmp_path: Path):
    (tmp_path / "a.sta").write_text(STATEMENT.format("3,50"))

    text, answered = run("statement", "a.sta"), run("statement", "a.sta", "--json")

    ((file,), ((statement,),)) = (found := json.loads(answered.stdout)), ([each["statements"] for each in found])
    assert (text.exit_code, answered.exit_code) == (0, 0)
    assert (file["format"], file["whole"], len(file["sha256"])) == ("MT940", True, 64)
    assert (statement["account"], statement["opening"], statement["closing"]) == ("…5030", "1.00", "3.50")
    assert statement["credits"] == {"lines": 1, "sum": "2.50"}
    assert "DE02500105170137075030" not in text.stdout + answered.stdout


def test_a_statement_that_is_not_whole_ends_with_one_and_its_discrepancy(run: Callable[..., Result], tmp_path: Path):
    (tmp_path / "a.sta").write_text(STATEMENT.format("3,49"))

    told = run("statement", "a.sta")

    assert told.exit_code == 1
    assert "1.00 and 1 lines to 3.49, not whole" in told.stdout
    assert "line 1: the closing balance differs by -1 minor units" in told.stdout


CSV = """Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,11/27/2026,Coffee,-4.50,DEBIT_CARD,,,
DEBIT,11/26/2026,Rent,-100.00,ACH_DEBIT,{},,
CREDIT,11/25/2026,Salary,150.00,ACH_CREDIT,250.00,,
"""


def test_a_csv_file_is_read_by_its_mapping_and_held_row_by_row(run: Callable[..., Result], tmp_path: Path):
    (tmp_path / "a.csv").write_text(CSV.format("150.00"))
    (tmp_path / "b.csv").write_text(CSV.format("151.00"))

    (whole,) = json.loads(run("statement", "a.csv", "--mapping", "chase", "--json").stdout)
    wrong = run("statement", "b.csv", "--mapping", "chase")
    (tmp_path / "b.csv").write_text(CSV.format("150.00").replace("-100.00", "-1OO.00"))
    refused = run("statement", "b.csv", "--mapping", "chase")

    (statement,) = whole["statements"]
    assert (whole["whole"], statement["pending"]) == (True, 1)
    assert (statement["opening"], statement["closing"]) == ("100.00", "150.00")
    assert (wrong.exit_code, refused.exit_code) == (1, 1)
    assert "line 3: the balance after this row differs by 100 minor units" in wrong.stdout
    assert "line 3, unreadable_amount: found '-1OO.00'" in refused.stderr


def test_a_file_of_no_known_format_is_refused_in_a_line(run: Callable[..., Result], tmp_path: Path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n")

    refused = run("statement", "a.pdf")

    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "line 1, format: found '%PDF-1.7" in refused.stderr


def test_a_wire_is_told_with_its_amount_and_parties_only(run: Callable[..., Result], tmp_path: Path):
    (tmp_path / "a.txt").write_text(
        "{1500}30User ReqT \n{1510}1000\n{1520}20261128Source08000001\n{2000}000001234567\n{3100}121042882A*\n"
        "{3400}231380104B*\n{3600}CTR*\n{4200}31234*Shop Ltd*\n{5000}11234*Anna Keller*\n"
    )

    (told,) = json.loads(run("message", "a.txt", "--json").stdout)

    assert (told["network"], told["sender"], told["receiver"]) == ("Fedwire", "121042882", "231380104")
    assert told["value"]["amount"] == {"decimal": "12345.67", "currency": "USD"}
    assert "Anna" not in str(told)


def test_a_card_message_is_told_with_its_card_masked(run: Callable[..., Result], tmp_path: Path):
    sent = CardMessage("0100", {2: "4111111111111111", 4: "000000001050", 11: "000042", 49: "840"})
    (tmp_path / "a.dat").write_bytes(write_card_message(sent))

    (told,) = json.loads(run("message", "a.dat", "--json").stdout)

    assert (told["value"]["card"], told["value"]["class"]) == ("411111******1111", "authorization")
    assert told["value"]["amount"] == {"decimal": "10.50", "currency": "USD"}


def test_messages_are_told_without_names_and_the_refused_ones_with_their_place(
    run: Callable[..., Result], tmp_path: Path
):
    money = Money(1050, "USD")
    transfer = CreditTransfer(
        message_id="M1",
        created_at=AT,
        amount=money,
        end_to_end_id="E1",
        debtor_name="Anna",
        debtor_account="000123456789",
    )
    returned = PaymentReturn(message_id="M2", created_at=AT, amount=money, original_end_to_end_id="E1", reason="AC04")
    (tmp_path / "a.xml").write_bytes(write_message(transfer))
    (tmp_path / "b.xml").write_bytes(write_message(returned))
    (tmp_path / "c.xml").write_bytes(write_message(transfer).replace(b"SLEV", b"SLOW"))

    text, answered = run("message", "a.xml", "b.xml", "c.xml"), run("message", "a.xml", "b.xml", "c.xml", "--json")

    first, second, third = json.loads(answered.stdout)
    assert (text.exit_code, answered.exit_code) == (1, 1)
    assert first["value"]["amount"] == {"decimal": "10.50", "currency": "USD"}
    assert (second["value"]["reason"], second["value"]["failure"]) == ("AC04", "account_closed")
    assert (third["refused"]["field"], third["refused"]["found"]) == ("ChrgBr", "SLOW")
    assert "c.xml: refused at /Document/FIToFICstmrCdtTrf/CdtTrfTxInf, ChrgBr" in text.stdout
    assert "Anna" not in text.stdout + answered.stdout
    assert "000123456789" not in text.stdout + answered.stdout
