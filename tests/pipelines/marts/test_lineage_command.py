"""`cofferdam trace`: what it prints for a person and for a program, and how it ends."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest
import typer

from cofferdam.commands.audit.trace import command, document, traced, tree
from cofferdam.tree import branch, drawn
from ledger.kernel.errors import InvalidInput
from tests.warm import cofferdam

ROOT = Path(__file__).parents[3]
TRIAL = ["rpt_trial_balance", "book_name=sandbox", "currency=USD", "account_kind=customer"]


def test_the_answer_for_a_program_has_everything_in_jsons_types(built):
    outcome = cofferdam(built.settings, "trace", *TRIAL, "--json", "--limit", "1")

    assert (outcome.returncode, outcome.stderr) == (0, "")
    printed = json.loads(outcome.stdout)
    assert printed == document(traced(built.settings, TRIAL[0], TRIAL[1:], limit=1))
    assert printed["key"] == {"book_id": 1, "currency": "USD", "account_kind": "customer"}
    assert (printed["agrees"], printed["row"]["net_debits_minor"], printed["cut"]["watermark"]["seq"]) == (
        True,
        -6000,
        16,
    )
    assert set(printed) == {
        "mart", "key", "row", "cut", "build", "run", "model", "upstream", "origins", "sources", "batches_count",
        "batches", "agrees",
    }  # fmt: skip
    assert set(printed["origins"][1]) == {"what", "table", "positions", "totals", "gives", "times"}
    assert printed["origins"][1]["positions"] == {"count": 5, "first": 10, "last": 16, "listed": [10]}
    assert printed["origins"][1]["totals"] == [{"currency": "USD", "facts": 5, "amount_minor": 14_000}]
    assert printed["sources"][1]["commits"][0]["commit"]["control_totals"] == {"USD": 12_500}
    assert printed["sources"][1]["commits"][0]["commit"]["committed_at"].endswith("+00:00")


def test_the_answer_for_a_person_is_a_tree_that_says_what_was_cut_off(built):
    lines = drawn(tree(traced(built.settings, TRIAL[0], TRIAL[1:], limit=1))).splitlines()

    assert lines[0] == "rpt_trial_balance book_id=1 currency=USD account_kind=customer"
    assert "├─ their entries: 5 positions (10, … 16) of transfers" in lines
    assert "│  ├─ debits_minor: 4000 in the mart, 4000 from these" in lines
    assert "│  ├─ control total: 14000 USD in 5 rows" in lines
    assert "│  ├─ and 1 more" in lines  # a commit
    assert "│  └─ and 5 more" in lines  # batches
    assert lines[-1] == "└─ the row follows from its facts"


def test_a_row_that_does_not_follow_ends_the_command_with_1_and_says_where(built, tmp_path, monkeypatch, capsys):
    shutil.copy(built.settings.warehouse, tmp_path / built.settings.warehouse.name)
    with duckdb.connect(str(tmp_path / built.settings.warehouse.name)) as warehouse:
        warehouse.execute("UPDATE regulatory.rpt_trial_balance SET debits_minor = 4001")
    monkeypatch.setenv("COFFERDAM_HOME", str(tmp_path))
    monkeypatch.setenv("COFFERDAM_LAKE_URL", built.settings.lake_url)

    with pytest.raises(typer.Exit) as ended:
        command(TRIAL[0], TRIAL[1:])

    assert ended.value.exit_code == 1
    printed = capsys.readouterr().out
    assert "debits_minor: 4001 in the mart, 4000 from these, DIFFERS" in printed
    assert "DIFFERS: the row does not follow from its facts" in printed
    assert "which this installation's Dagster does not know" in printed


def test_nothing_personal_is_shown_of_any_fact_or_row(traced_facts, traced_rows):
    """The customer's reference, which is personal, is `jane`."""
    shown = [text for each in (*traced_facts, *traced_rows) for text in (json.dumps(document(each)), drawn(tree(each)))]

    assert any("customers sandbox@4" in text for text in shown)
    assert not [text for text in shown if "jane" in text]


def test_every_command_that_a_trace_prints_leads_on(built):
    lines = drawn(tree(traced(built.settings, "sandbox@11", [], limit=1))).splitlines()
    commands = [line.partition("cofferdam trace ")[2].split() for line in lines if "cofferdam trace " in line]

    assert len(commands) == 12
    for subject, *key in commands[::4]:
        assert any(11 in source.positions.listed for source in traced(built.settings, subject, key).sources)


@pytest.mark.parametrize(
    ("subject", "key", "limit", "says"),
    [
        ("rpt_trial_balance", ["USD"], 20, "'USD' names no value; write COLUMN=VALUE"),
        ("rpt_trial_balance", ["=USD"], 20, "'=USD' names no value"),
        ("sandbox@1", ["currency=USD"], 20, "sandbox@1 is a fact and has no key; leave out currency=USD"),
        ("sandbox@1", [], 0, "--limit 0 lists nothing; give 1 or more"),
    ],
)
def test_what_is_asked_wrongly_is_refused_with_what_would_be_right(built, subject, key, limit, says):
    with pytest.raises(InvalidInput, match=says):
        traced(built.settings, subject, key, limit=limit)


def test_a_tree_is_drawn_with_its_branches():
    tree = branch("root", [branch("a", ["b", branch("c", ["d"])]), branch("e", ["f"])])

    assert drawn(tree).splitlines() == ["root", "├─ a", "│  ├─ b", "│  └─ c", "│     └─ d", "└─ e", "   └─ f"]
