"""The audit of silver finds any single row that is missing, doubled or altered, and names it."""

import pytest
from deltalake import DeltaTable, write_deltalake

from lake.silver.tables import SILVER, AccountDay, CurrentAccount, StandingHold
from lake.tables import Lake, Silver, table_url
from ledger.book.audits.audit import Finding
from pipelines.silver.audit import compare_silver
from tests.pipelines.silver.busy_book import BusyBook
from tests.pipelines.silver.kept import KeptSilver
from tests.pipelines.stream.programme import Programme


@pytest.fixture
def refreshed(programme: Programme, silver: KeptSilver) -> Programme:
    book = BusyBook(programme, seed=11)
    for _ in range(25):
        book.step()
    silver.open().refresh(silver.cut())
    return programme


def table(lake: Lake, record: type[Silver]) -> DeltaTable:
    return DeltaTable(table_url(lake.url, "cards", record))


def wrong(lake: Lake, programme: Programme) -> list[Finding]:
    return [finding for finding in compare_silver(programme.engine, lake, programme.book) if not finding.ok]


def test_silver_that_follows_from_the_ledger_has_nothing_wrong_also_where_the_ledger_went_on(
    lake: Lake, refreshed: Programme
) -> None:
    refreshed.pay(30, seed=5)

    findings = compare_silver(refreshed.engine, lake, refreshed.book)

    assert [finding.check for finding in findings] == [f"silver_{declared.record.TABLE}" for declared in SILVER]
    assert [
        finding.detail for finding in findings if "rows follow from the ledger's up to position" not in finding.detail
    ] == []
    assert all(table(lake, declared.record).count() > 0 for declared in SILVER)


@pytest.mark.parametrize("record", [CurrentAccount, AccountDay])
def test_a_lost_row_is_missing(record: type[Silver], lake: Lake, refreshed: Programme) -> None:
    table(lake, record).delete("account_no = 7")

    (finding,) = wrong(lake, refreshed)

    assert finding.check == f"silver_{record.TABLE}"
    assert finding.detail.startswith("row of account_no 7")
    assert "is missing" in finding.detail


def test_a_hold_written_twice_is_surplus(lake: Lake, refreshed: Programme) -> None:
    opened = table(lake, StandingHold)
    row = opened.to_pyarrow_table().slice(0, 1)
    write_deltalake(opened, row, mode="append")

    (finding,) = wrong(lake, refreshed)

    assert finding.detail == f"row of seq {row['seq'][0]} is surplus"


@pytest.mark.parametrize(
    ("record", "change", "said"),
    [
        (CurrentAccount, {"frozen": "'credits or so'"}, "frozen is credits or so, by the ledger "),
        (StandingHold, {"amount_minor": "424242"}, "amount_minor is 424242, by the ledger "),
        (AccountDay, {"pending_debits_minor": "424242"}, "pending_debits_minor is 424242, by the ledger "),
    ],
)
def test_an_altered_row_is_named_with_both_values(
    record: type[Silver], change: dict[str, str], said: str, lake: Lake, refreshed: Programme
) -> None:
    opened = table(lake, record)
    seq = opened.to_pyarrow_table()["seq"][0].as_py()
    opened.update(change, predicate=f"seq = {seq}")

    (finding,) = wrong(lake, refreshed)

    assert finding.check == f"silver_{record.TABLE}"
    assert said in finding.detail


def test_before_the_first_refresh_there_is_nothing_wrong(lake: Lake, programme: Programme) -> None:
    assert not wrong(lake, programme)
