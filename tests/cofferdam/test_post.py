"""The command for bulks, on files of both formats."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from cofferdam.commands.imports.post import PostReport
from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.kernel.ids import derived_id
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.warm import Ended, cofferdam

ROOT = Path(__file__).parents[2]
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _book(engine: sa.Engine) -> None:
    """Partner shop with accounts a and b, of which b may not be overdrawn; partner rides with account c."""
    partners = [PartnerOrder("shop", "Shop", Vertical.RETAIL), PartnerOrder("rides", "Rides", Vertical.MOBILITY)]
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="us", jurisdiction="US", currency="USD")
        ids = register_partners(work, book_id, partners)
        accounts = [
            AccountOrder(
                AccountId(derived_id(ref)),
                ids[owner],
                None,
                ref,
                "USD",
                AccountKind.EXTERNAL,
                debits_within_credits=ref == "b",
            )
            for ref, owner in (("a", "shop"), ("b", "shop"), ("c", "rides"))
        ]
        open_accounts(work, book_id, accounts)


@pytest.fixture
def post(settings: Settings):
    """Run the command with its options."""

    def run(*arguments: str | Path) -> Ended:
        return cofferdam(settings, "post", *arguments, "--book", "us", "--partner", "shop")

    return run


def rows(*wanted: tuple[str, str, str, int], days: list[int] | None = None) -> pa.Table:
    keys, debits, credits_, amounts = (list(column) for column in zip(*wanted, strict=True))
    table = pa.table({"key": keys, "debit_account": debits, "credit_account": credits_, "amount_minor": amounts})
    for name, value in (("currency", "USD"), ("code", "payment")):
        table = table.append_column(name, pa.array([value] * len(keys)))
    if days is not None:
        times = pa.array([LONG_AGO + timedelta(days=day) for day in days], pa.timestamp("us", tz="UTC"))
        table = table.append_column("effective_at", times)
    return table


def stream_file(path: Path, table: pa.Table) -> Path:
    with pa.ipc.new_stream(str(path), table.schema) as stream:
        stream.write_table(table)
    return path


def parquet_file(path: Path, table: pa.Table) -> Path:
    pq.write_table(table, path)
    return path


def test_files_of_both_formats_are_posted_with_an_outcome_for_each_row_and_a_second_run_changes_nothing(post, tmp_path):
    one = parquet_file(tmp_path / "one", rows(("k1", "a", "b", 500), ("k2", "b", "a", 9999)))
    two = stream_file(tmp_path / "two", rows(("k3", "a", "b", 5), ("k4", "a", "c", 5)))
    out = tmp_path / "out.parquet"

    first = post(one, two, "--json", "--out", out)
    again = post(one, two)

    report = json.loads(first.stdout)
    assert (report["rows"], report["accepted"], report["already_there"]) == (4, 2, 0)
    assert report["refused"] == {"insufficient_funds": 1, "credit_account_not_found": 1}
    assert report["first_refused"][1].startswith("row 4 (k4): credit_account_not_found: you have no account 'c'")
    assert first.returncode == again.returncode == 1
    told = pq.read_table(out).to_pydict()
    assert told["row"] == [1, 2, 3, 4]
    assert told["result"] == ["created", "insufficient_funds", "created", "credit_account_not_found"]
    assert "already there    2" in again.stdout
    assert "id_already_failed 1" in again.stdout


def test_a_bulk_that_is_all_taken_ends_well(post, tmp_path):
    taken = post(parquet_file(tmp_path / "one", rows(("k1", "a", "b", 500))), "--json")

    assert taken.returncode == 0, taken.stderr
    report = json.loads(taken.stdout)
    assert report["position"] > 0
    assert report["refused"] == {}


def test_history_rises_across_partners_and_is_refused_where_it_falls(post, tmp_path, engine):
    file = parquet_file(
        tmp_path / "old", rows(("k1", "a", "c", 1), ("k2", "a", "c", 2), ("k3", "a", "c", 4), days=[0, 5, 4])
    )

    first, again = post(file, "--imported", "--json"), post(file, "--imported", "--json")
    live = post(file, "--json")

    assert json.loads(first.stdout)["refused"] == {"imported_must_not_regress": 1}
    assert json.loads(again.stdout)["already_there"] == 2
    assert json.loads(live.stdout)["refused"] == {"credit_account_not_found": 3}
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT sum(amount_minor) FROM transfers")).scalar_one() == 3
        assert connection.execute(sa.text("SELECT count(*) FROM unfinished_imports")).scalar_one() == 0


def test_a_file_that_cannot_be_used_is_told_in_one_line(post, tmp_path):
    text = tmp_path / "rows.csv"
    text.write_text("key,amount\n")

    no_columns, nothing = post(text), post(tmp_path / "nowhere")

    assert "rows.csv is neither Parquet nor Arrow IPC" in no_columns.stderr
    assert "nowhere cannot be read: No such file" in nothing.stderr
    assert no_columns.returncode == nothing.returncode == 1


def test_a_report_shows_the_first_ten_refusals():
    report = PostReport("us", "shop", ["f"])
    numbers = list(range(1, 9))

    for _ in range(2):
        report.count({"row": numbers, "key": ["k"] * 8, "result": ["missing"] * 8, "message": ["m"] * 8})

    assert (report.rows, report.refused["missing"], len(report.first_refused)) == (16, 16, 10)
