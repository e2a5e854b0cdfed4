"""The reckoning of the fault tests sees each kind of damage that it is there to see."""

from datetime import date

import pytest
from deltalake import DeltaTable, write_deltalake

from lake.bronze.append import PositionRange, TableWriter
from lake.tables import table_url
from ledger.book.records.transfers import Transfer
from ledger.journal.feed import cluster_id
from pipelines.stream.worker import stream_once
from tests.faults.bank import BOOK_NAME
from tests.faults.reckoning import Reckoning, reckon
from tests.faults.scene import Scene


@pytest.fixture
def streamed(scene: Scene) -> Scene:
    for _ in range(5):
        scene.traffic.post()
    stream_once(scene.engine, scene.lake, scene.traffic.books[0])
    return scene


def table(scene: Scene) -> DeltaTable:
    return DeltaTable(table_url(scene.lake.url, BOOK_NAME, Transfer))


def reckoned(scene: Scene) -> Reckoning:
    return reckon(scene.engine, scene.lake, scene.traffic.books[0])


def test_nothing_is_wrong_with_what_was_streamed(streamed: Scene) -> None:
    assert reckoned(streamed) == Reckoning()


def test_a_lost_row_is_seen(streamed: Scene) -> None:
    rows = table(streamed)
    rows.alter.set_table_properties({"delta.appendOnly": "false"})

    rows.delete(f"seq = {rows.to_pyarrow_table()['seq'][3]}")

    assert reckoned(streamed).lost


def test_a_doubled_row_is_seen(streamed: Scene) -> None:
    write_deltalake(table(streamed), table(streamed).to_pyarrow_table().slice(3, 1), mode="append")

    assert reckoned(streamed).doubled


def test_rows_out_of_order_and_sums_that_differ_are_seen(streamed: Scene) -> None:
    rows = table(streamed).to_pyarrow_table().sort_by([("seq", "descending")]).drop(["recorded_on"])
    with streamed.engine.connect() as connection:
        owner = cluster_id(connection)
    writer = TableWriter.open(streamed.lake, streamed.traffic.books[0], Transfer, cluster_id=owner)

    writer.append(rows, PositionRange(writer.mark, writer.mark + 10, "00"))

    wrong = reckoned(streamed)
    assert wrong.disordered
    assert wrong.sums_wrong


def test_rows_in_the_folder_of_another_day_are_seen(streamed: Scene) -> None:
    row = table(streamed).to_pyarrow_table().slice(3, 1)
    place = row.schema.get_field_index("recorded_on")

    write_deltalake(table(streamed), row.set_column(place, "recorded_on", [[date(1999, 1, 1)]]), mode="append")

    assert reckoned(streamed).misplaced == 1
