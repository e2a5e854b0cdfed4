"""The exactly-once append."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from lake.bronze.append import PositionRange, TableWriter
from lake.errors import Fenced, ForeignLake
from lake.tables import Lake, table_url
from ledger.book.records.transfers import Transfer
from tests.lake.conftest import CARDS

HEAD = "ab" * 32
Rows = Callable[..., pa.Table]


def opened(lake: Lake, cluster_id: str = "7001") -> TableWriter:
    return TableWriter.open(lake, CARDS, Transfer, cluster_id=cluster_id)


def table(lake: Lake) -> DeltaTable:
    return DeltaTable(table_url(lake.url, "cards", Transfer), storage_options=lake.storage_options)


def stored(lake: Lake) -> list[int]:
    return sorted(table(lake).to_pyarrow_table()["seq"].to_pylist())


def test_rows_and_their_position_are_there_together(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake)

    written = writer.append(transfers(0, 10), PositionRange(0, 12, HEAD))

    assert written == 10
    assert opened(lake).mark == 12
    assert stored(lake) == list(range(1, 11))


def test_the_same_or_an_earlier_stretch_changes_nothing(lake: Lake, transfers: Rows) -> None:
    opened(lake).append(transfers(0, 10), PositionRange(0, 10, HEAD))
    writer = opened(lake)

    again = writer.append(transfers(0, 10), PositionRange(0, 10, HEAD))
    earlier = writer.append(transfers(0, 5), PositionRange(0, 5, HEAD))

    assert (again, earlier) == (0, 0)
    assert opened(lake).mark == 10
    assert stored(lake) == list(range(1, 11))


def test_rows_that_overlap_what_is_stored_are_refused(lake: Lake, transfers: Rows) -> None:
    opened(lake).append(transfers(0, 10), PositionRange(0, 10, HEAD))

    with pytest.raises(Fenced, match="holds positions up to 10"):
        opened(lake).append(transfers(5, 15), PositionRange(5, 15, HEAD))

    assert stored(lake) == list(range(1, 11))


def test_of_two_writers_that_opened_at_once_only_one_commits(lake: Lake, transfers: Rows) -> None:
    opened(lake)
    one, other = opened(lake), opened(lake)

    one.append(transfers(0, 10), PositionRange(0, 10, HEAD))
    with pytest.raises(Fenced, match="another worker writes to transfers"):
        other.append(transfers(0, 20), PositionRange(0, 20, HEAD))

    assert stored(lake) == list(range(1, 11))


def test_the_lake_of_another_ledger_is_refused(lake: Lake, transfers: Rows) -> None:
    opened(lake).append(transfers(0, 1), PositionRange(0, 1, HEAD))

    with pytest.raises(ForeignLake, match=r"belongs to another ledger .*7001, not 7002"):
        opened(lake, cluster_id="7002")


def test_a_commit_states_its_rows_positions_totals_chain_and_writer(lake: Lake, transfers: Rows) -> None:
    largest = 2**63 - 1
    rows = pa.concat_tables([transfers(4, 5, amount_minor=largest), transfers(5, 6, amount_minor=largest)])

    writer = opened(lake)
    writer.append(rows, PositionRange(4, 7, HEAD))

    commit = table(lake).history(1)[0]
    assert (commit["rows"], commit["first_seq"], commit["last_seq"], commit["upto_seq"]) == ("2", "5", "6", "7")
    assert json.loads(commit["control_totals"]) == {"USD": str(2 * largest)}
    assert commit["chain_hash"] == HEAD
    assert commit["writer"].startswith("cofferdam ")


def test_a_stretch_without_rows_makes_no_commit(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake)
    before = writer.version

    writer.append(transfers(0, 0), PositionRange(0, 50, HEAD))

    assert writer.version == before


def test_no_text_of_a_row_appears_in_the_log(folder_lake: Lake, transfers: Rows) -> None:
    writer = opened(folder_lake)

    writer.append(transfers(0, 3, code="unmistakable"), PositionRange(0, 3, HEAD))
    table(folder_lake).create_checkpoint()

    log = list(Path(table_url(folder_lake.url, "cards", Transfer), "_delta_log").iterdir())
    assert any(path.suffix == ".parquet" for path in log)
    assert not [path for path in log if b"unmistakable" in path.read_bytes()]


def test_a_null_where_none_may_be_is_refused(lake: Lake, transfers: Rows) -> None:
    with pytest.raises(ValueError, match="with null values to non-nullable"):
        opened(lake).append(transfers(0, 1, amount_minor=None), PositionRange(0, 1, HEAD))

    assert opened(lake).mark == 0


def test_rows_cannot_be_deleted(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake)
    writer.append(transfers(0, 3), PositionRange(0, 3, HEAD))

    with pytest.raises(CommitFailedError, match="append-only"):
        table(lake).delete("seq = 2")
