"""The commands of quarantine, over rows of an import and of a bulk."""

import json
import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.kernel.ids import new_id
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.pipelines.imports.conftest import HEADER, MAPPING
from tests.warm import cofferdam

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(settings: Settings):
    """Run a command of ours."""

    return partial(cofferdam, settings)


def test_bad_rows_of_an_import_are_listed_shown_replayed_and_given_up(run, tmp_path):
    (tmp_path / "shop.toml").write_text(MAPPING)
    (tmp_path / "mended").mkdir()
    (tmp_path / "mended/shop.toml").write_text(MAPPING.replace("in = ", 'INTO = "credit", in = '))
    rows = [f"1,2024-01-05,1.00,{way},USD,sale,acme,77" for way in ("INTO", "Zebulon")]
    (tmp_path / "rows.csv").write_text("\n".join([HEADER, *rows]) + "\n")

    told = json.loads(run("import", tmp_path / "shop.toml", tmp_path / "rows.csv", "--json").stdout)
    listed = run("quarantine", "list", "shop", "--state", "waiting", "--json")
    replayed = json.loads(
        run("quarantine", "replay", "shop", "--mapping", tmp_path / "mended/shop.toml", "--json").stdout
    )
    second = json.loads(listed.stdout)[1]["id"]
    silent = run("quarantine", "show", second, "--reason", " ")
    shown = json.loads(run("quarantine", "show", second, "--reason", "case 7", "--json").stdout)
    given_up = run("quarantine", "give-up", second, "--reason", "the sender sends it anew")
    after = run("quarantine", "list", "shop")

    assert (told["quarantined"], told["quarantine"]) == (2, "cofferdam quarantine list shop")
    assert "Zebulon" not in listed.stdout
    assert (replayed["replayed"], replayed["still_waiting"]) == (1, {"unknown_word": 1})
    assert (silent.returncode, silent.stderr.count("\n")) == (1, 1)
    assert shown["row"]["row"] == rows[1] + "\n"
    assert given_up.stdout.startswith("1 rows are given up")
    assert [line.split()[1] for line in after.stdout.splitlines()] == ["replayed", "given_up"]


def test_a_lake_that_is_made_anew_from_nothing_loses_no_row_in_quarantine(run, tmp_path, settings):
    (tmp_path / "shop.toml").write_text(MAPPING)
    rows = [f"{number},2024-01-05,1.00,{way},USD,sale,acme,77" for number, way in enumerate(("in", "INTO", "Zebulon"))]
    (tmp_path / "rows.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    run("import", tmp_path / "shop.toml", tmp_path / "rows.csv")
    run("stream", "--once")
    before = run("quarantine", "list", "shop", "--json").stdout

    shutil.rmtree(settings.lake_url)
    rebuilt = run("stream", "--rebuild", "shop")
    after = run("quarantine", "list", "shop", "--json").stdout
    (tmp_path / "shop.toml").write_text(MAPPING.replace("in = ", 'INTO = "credit", Zebulon = "debit", in = '))
    replayed = json.loads(run("quarantine", "replay", "shop", "--mapping", tmp_path / "shop.toml", "--json").stdout)
    run("stream", "--once")
    verified = run("verify", "--json")

    assert (rebuilt.returncode, len(json.loads(before)), after) == (0, 2, before), rebuilt.stderr
    assert (replayed["rows"], replayed["replayed"]) == (2, 2)
    assert verified.returncode == 0, verified.stdout


def test_rows_of_a_bulk_wait_until_their_account_is_open_and_a_group_goes_whole(run, tmp_path, engine):
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="us", jurisdiction="US", currency="USD")
        (partner_id,) = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)]).values()
        open_accounts(work, book_id, [account(partner_id, "a"), account(partner_id, "b")])
    columns = {"key": ["k1", "k2", "k3", "k4", "k5"], "debit_account": ["a"] * 5, "currency": ["USD"] * 5}
    columns |= {"credit_account": ["b", "c", "c", "b", "c"], "amount_minor": [1, 2, 3, 4, -5], "code": ["fee"] * 5}
    pq.write_table(pa.table({**columns, "group": [None, None, "g", "g", None]}), tmp_path / "rows")
    bulk = ("post", tmp_path / "rows", "--book", "us", "--partner", "shop", "--json")

    first, again = json.loads(run(*bulk).stdout), json.loads(run(*bulk).stdout)
    rows = json.loads(run("quarantine", "list", "us", "--json").stdout)
    with begin(engine, actor="test") as work:
        open_accounts(work, book_id, [account(partner_id, "c")])
    half = json.loads(run("quarantine", "replay", "us", "--id", rows[1]["id"], "--json").stdout)
    whole = json.loads(run("quarantine", "replay", "us", "--json").stdout)

    assert first["quarantined"] == again["quarantined"] == 4
    assert [(row["line"], row["rule"]) for row in rows] == [
        (2, "credit_account_not_found"), (3, "credit_account_not_found"), (4, "faulty_group"),
        (5, "credit_account_not_found"),
    ]  # fmt: skip
    assert (half["replayed"], half["still_waiting"]) == (0, {"torn_group": 1})
    assert (whole["replayed"], whole["still_waiting"]) == (3, {"refused:amount_negative": 1})
    with engine.connect() as connection:
        amounts = connection.execute(sa.text("SELECT amount_minor FROM transfers")).scalars()
        assert Counter(amounts) == Counter([1, 2, 3, 4])


def account(partner_id, ref):
    return AccountOrder(AccountId(new_id()), partner_id, None, ref, "USD", AccountKind.MERCHANT)
