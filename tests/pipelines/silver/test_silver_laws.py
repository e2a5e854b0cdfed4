"""What must hold of silver for every journal: it is what the ledger itself says, however often it was refreshed."""

import os
import shutil
from pathlib import Path

import pytest
from deltalake import DeltaTable

from lake.silver.read import silver_position
from lake.silver.tables import SILVER, AccountDay, CurrentAccount, StandingHold
from lake.tables import Lake, Silver, table_url
from ledger.book.posting.open_holds import open_holds_of
from ledger.book.reading.account_history import account_at
from ledger.book.reading.balances import accounts_page
from ledger.kernel.pages import Slice
from ledger.kernel.record import columns
from ledger.kernel.work import Reader, read
from tests.pipelines.silver.busy_book import BusyBook
from tests.pipelines.silver.kept import KeptSilver
from tests.pipelines.stream.programme import Programme

STEPS = 45


def rows(lake: Lake, record: type[Silver]) -> list[dict]:
    table = DeltaTable(table_url(lake.url, "cards", record)).to_pyarrow_table()
    return table.sort_by([(column.name, "ascending") for column in columns(record) if column.col.key]).to_pylist()


def accounts_by_ledger(reader: Reader, book_id: int) -> dict:
    found = {}
    for view in accounts_page(reader, book_id, Slice(limit=1000)):
        stated = view.account
        found[stated.account_no] = (
            *(str(stated.account_id), str(stated.partner_id), stated.currency, stated.kind),
            *(stated.normal_side, stated.recorded_at, stated.debits_within_credits, stated.credits_within_debits),
            *(stated.credit_line_minor, view.frozen, view.is_closed),
        )
    return found


def accounts_by_silver(lake: Lake) -> dict:
    return {
        row["account_no"]: (
            *(row["account_id"], row["partner_id"], row["currency"], row["kind"]),
            *(row["normal_side"], row["opened_at"], row["debits_within_credits"], row["credits_within_debits"]),
            *(row["credit_line_minor"], row["frozen"], row["closed_by_seq"] is not None),
        )
        for row in rows(lake, CurrentAccount)
    }


def holds_by_ledger(reader: Reader, book_id: int) -> dict:
    accounts = [view.account for view in accounts_page(reader, book_id, Slice(limit=1000))]
    numbers, ids = {each.account_id: each.account_no for each in accounts}, [each.account_id for each in accounts]
    views = [view for found in open_holds_of(reader, book_id, ids, Slice(limit=1000)).values() for view in found]
    return {
        view.transfer.seq: (
            *(
                str(view.transfer.transfer_id),
                numbers[view.related.debit_account_id],
                numbers[view.related.credit_account_id],
            ),
            *(view.transfer.amount_minor, view.transfer.expires_at, view.transfer.closes, view.transfer.recorded_at),
        )
        for view in views
    }


def holds_by_silver(lake: Lake) -> dict:
    return {
        row["seq"]: (
            *(row["transfer_id"], row["debit_account_no"], row["credit_account_no"], row["amount_minor"]),
            *(row["expires_at"], row["closes"], row["recorded_at"]),
        )
        for row in rows(lake, StandingHold)
    }


def days_by_ledger(reader: Reader, book: BusyBook) -> dict:
    """The sums of each account at each day's end, where a transfer of that day is the last one."""
    found, views = {}, accounts_page(reader, book.programme.book.book_id, Slice(limit=1000))
    for view in views:
        before = account_at(reader, view, 0).sums
        for day, position in sorted(book.day_ends.items()):
            sums = account_at(reader, view, position).sums
            if sums != before:
                found[view.account.account_no, day] = tuple(sums)
            before = sums
    return found


def days_by_silver(lake: Lake) -> tuple[dict, dict]:
    """The days at whose end an account's sums were others than the day before, and those where they were the same."""
    moved, same, before = {}, {}, {}
    for row in sorted(rows(lake, AccountDay), key=lambda row: row["recorded_on"]):
        sums = tuple(
            row[name] for name in AccountDay.__annotations__ if name.endswith(("debits_minor", "credits_minor"))
        )
        kept = moved if sums != before.get(row["account_no"], (0, 0, 0, 0)) else same
        kept[row["account_no"], row["recorded_on"]] = before[row["account_no"]] = sums
    return moved, same


@pytest.mark.parametrize("seed", range(int(os.environ.get("SEEDS", "2"))))
def test_silver_is_what_the_ledger_says(
    seed: int,
    lake: Lake,
    programme: Programme,
    silver: KeptSilver,
    tmp_path: Path,
) -> None:
    book, tables = BusyBook(programme, seed), silver.open()

    for _ in range(STEPS):
        book.step()
        if book.dice.random() < 0.3:
            tables = silver.open() if book.dice.random() < 0.3 else tables
            tables.refresh(silver.cut())
    newest = silver.cut()
    tables.refresh(newest)

    assert {silver_position(lake, "cards", declared.record) for declared in SILVER} == {newest.seq}
    with read(programme.engine) as reader:
        assert accounts_by_silver(lake) == accounts_by_ledger(reader, programme.book.book_id)
        assert holds_by_silver(lake) == holds_by_ledger(reader, programme.book.book_id)
        moved, same = days_by_silver(lake)
        assert moved == days_by_ledger(reader, book)
        assert not {key for key in same if key in moved}
    assert len(book.day_ends) > 3
    assert any(row["closed_by_seq"] for row in rows(lake, CurrentAccount)) or holds_by_silver(lake)

    anew = Lake(str(tmp_path / "anew"), {}, tmp_path / "cache")
    shutil.copytree(f"{lake.url}/cards/bronze", f"{anew.url}/cards/bronze")
    silver.open(anew).refresh(newest)
    for declared in SILVER:
        assert rows(anew, declared.record) == rows(lake, declared.record), "at once, or step by step: the same rows"
