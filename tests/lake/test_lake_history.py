"""The history of a bronze table: which commit brought which positions, as far as the log still says."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from lake.bronze.append import PositionRange, TableWriter
from lake.bronze.read import files_at
from lake.delta.history import commits
from lake.tables import table_url
from ledger.book.records.transfers import Transfer
from ledger.kernel.version import VERSION


@pytest.fixture
def writer(folder_lake, book):
    return TableWriter.open(folder_lake, book, Transfer, cluster_id="a cluster")


def test_every_append_is_named_with_its_positions_totals_chain_and_writer(folder_lake, book, transfers, writer):
    writer.append(transfers(0, 3), PositionRange(0, 4, "aa"))
    writer.append(transfers(6, 8, amount_minor=2**60), PositionRange(4, 9, "bb"))

    first, second = commits(folder_lake, book.name, Transfer)

    assert (first.version, first.first_seq, first.last_seq, first.rows, first.chain_hash) == (1, 1, 3, 3, "aa")
    assert (second.version, second.first_seq, second.last_seq, second.rows) == (2, 7, 8, 2)
    assert (first.control_totals, second.control_totals) == ({"USD": 15}, {"USD": 2**61})
    assert first.writer == f"cofferdam {VERSION}"
    assert first.committed_at <= second.committed_at


def test_maintenance_between_appends_brings_no_rows_and_is_passed_over(folder_lake, book, transfers, writer):
    writer.append(transfers(0, 3), PositionRange(0, 3, "aa"))
    writer.append(transfers(3, 4), PositionRange(3, 4, "bb"))
    table = DeltaTable(table_url(folder_lake.url, book.name, Transfer))
    table.optimize.compact()
    table.vacuum(dry_run=False)
    writer.append(transfers(4, 6), PositionRange(4, 6, "cc"))

    assert [(each.first_seq, each.last_seq) for each in commits(folder_lake, book.name, Transfer)] == [
        (1, 3),
        (4, 4),
        (5, 6),
    ]


def test_what_log_cleanup_removed_is_not_named_and_the_rows_stand(folder_lake, book, transfers, writer):
    for seq in range(1, 5):
        writer.append(transfers(seq - 1, seq), PositionRange(seq - 1, seq, "aa"))
    DeltaTable(table_url(folder_lake.url, book.name, Transfer)).create_checkpoint()
    for version in (0, 1, 2):
        (Path(folder_lake.url) / book.name / "bronze/transfers/_delta_log" / f"{version:020}.json").unlink()

    assert [each.first_seq for each in commits(folder_lake, book.name, Transfer)] == [3, 4]
    assert sum(pq.read_table(path).num_rows for path in files_at(folder_lake, book.name, Transfer, version=None)) == 4


def test_a_table_that_is_not_there_has_no_history(folder_lake, book):
    assert commits(folder_lake, book.name, Transfer) == []
