"""Files: what is in them, and what the log says of them."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st

from lake.bronze.append import PositionRange, TableWriter
from lake.delta.compaction import FAN
from lake.delta.damage import first_damage
from lake.delta.files import Level, by_day, live_files, read_file, write_file
from lake.delta.logs import noted_digests
from lake.delta.maintenance import opened
from lake.delta.statistics import Statistics
from lake.delta.store import ObjectStore
from lake.errors import DamagedLake
from lake.schema import arrow_schema
from lake.tables import Lake, table_url
from ledger.book.records.transfers import Transfer
from tests.lake.conftest import CARDS

INSTANTS = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the strategy adds the zone
SCHEMA = pa.schema([("seq", pa.int64()), ("recorded_at", pa.timestamp("us", tz="UTC")), ("name", pa.string())])


def rows(instants: list[datetime | None]) -> pa.Table:
    values = {"seq": range(1, len(instants) + 1), "recorded_at": instants, "name": ["a"] * len(instants)}
    return pa.table(values, schema=SCHEMA)


@given(st.lists(st.lists(st.none() | INSTANTS, min_size=1, max_size=5), min_size=1, max_size=4))
def test_no_row_is_outside_of_what_the_log_says_of_its_file(parts: list[list[datetime | None]]) -> None:
    statistics = Statistics(("seq", "recorded_at"))
    for part in parts:
        statistics.add(rows(part))

    said = json.loads(statistics.text())

    every = [instant for part in parts for instant in part]
    known = [instant for instant in every if instant is not None]
    assert said["numRecords"] == len(every)
    assert said["nullCount"] == {"seq": 0, "recorded_at": len(every) - len(known)}
    if known:
        least, greatest = (datetime.fromisoformat(said[side]["recorded_at"]) for side in ("minValues", "maxValues"))
        assert least <= min(known) < least + timedelta(milliseconds=1)
        assert greatest - timedelta(milliseconds=1) < max(known) <= greatest
    else:
        assert "recorded_at" not in said["minValues"]


@pytest.mark.parametrize("level", [Level.NEW, Level.FOLDED, Level.JOINED])
def test_rows_come_back_as_they_were_and_no_text_is_measured(tmp_path: Path, level: Level) -> None:
    store = ObjectStore(Lake(str(tmp_path), {}, tmp_path), f"{tmp_path}/t")
    written = rows([datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC), None])

    file = write_file(store, [written, written], partition={"day": "x"}, measured=("seq",), level=level)

    assert (file.level, file.rows) == (level, 4)
    assert file.size == Path(tmp_path, "t", file.path).stat().st_size
    assert read_file(store, file, SCHEMA).equals(pa.concat_tables([written, written]))
    footer = pq.read_metadata(Path(tmp_path, "t", file.path)).row_group(0)
    assert not footer.column(2).is_stats_set, "of the name, nothing is said"
    assert footer.column(0).is_stats_set == (level > Level.NEW)


def test_a_column_that_came_later_is_null_in_an_older_file(tmp_path: Path) -> None:
    store = ObjectStore(Lake(str(tmp_path), {}, tmp_path), f"{tmp_path}/t")
    file = write_file(store, [rows([None])], partition={}, measured=(), level=Level.FOLDED)

    read = read_file(store, file, SCHEMA.append(pa.field("later", pa.int64())))

    assert read["later"].to_pylist() == [None]
    assert read.schema.names == [*SCHEMA.names, "later"]


def test_rows_of_two_days_lie_apart_and_those_of_one_together() -> None:
    before, after = datetime(2026, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)

    parted = [(partition["day"], part["seq"].to_pylist()) for partition, part in by_day(rows([before, after]), "day")]
    together = [partition for partition, _ in by_day(rows([after, after]), "day")]

    assert parted == [(str(date(2026, 3, 1)), [1]), (str(date(2026, 3, 2)), [2])]
    assert together == [{"day": "2026-03-02"}]
    assert [partition for partition, _ in by_day(rows([before, after]), None)] == [{}]


def test_the_log_has_the_digest_of_each_file_before_and_after_a_checkpoint(
    folder_lake: Lake, transfers: Callable[..., pa.Table]
) -> None:
    writer = TableWriter.open(folder_lake, CARDS, Transfer, cluster_id="7001")
    for upto in range(1, FAN + 1):
        writer.append(transfers(upto - 1, upto), PositionRange(upto - 1, upto, "ab"))
    writer.fold()
    url = table_url(folder_lake.url, "cards", Transfer)
    store = ObjectStore(folder_lake, url)
    before = noted_digests(store)
    opened(folder_lake, "cards", Transfer).create_checkpoint()
    writer.append(transfers(FAN, FAN + 1), PositionRange(FAN, FAN + 1, "ab"))

    after = noted_digests(store)

    live = live_files(DeltaTable(url))
    assert len(live) == 2
    assert len(before) == FAN + 1
    for file in live:
        assert after[file.path] == hashlib.sha256(Path(url, file.path).read_bytes()).hexdigest()
    assert first_damage(folder_lake, "cards", Transfer) is None


def test_a_page_whose_bits_were_flipped_is_not_read(folder_lake: Lake, transfers: Callable[..., pa.Table]) -> None:
    writer = TableWriter.open(folder_lake, CARDS, Transfer, cluster_id="7001")
    writer.append(transfers(0, 50), PositionRange(0, 50, "ab"))
    url = table_url(folder_lake.url, "cards", Transfer)
    (file,) = live_files(DeltaTable(url))
    page = pq.ParquetFile(Path(url, file.path)).metadata.row_group(0).column(0)
    content = bytearray(Path(url, file.path).read_bytes())
    content[page.data_page_offset + page.total_compressed_size - 2] ^= 4
    Path(url, file.path).write_bytes(bytes(content))

    with pytest.raises(OSError, match="CRC checksum verification failed"):
        read_file(ObjectStore(folder_lake, url), file, arrow_schema(Transfer))
    writer.append(transfers(50, 51), PositionRange(50, 51, "ab"))
    with pytest.raises(DamagedLake, match=f"file {file.path} of transfers of book 'cards' was changed"):
        TableWriter.open(folder_lake, CARDS, Transfer, cluster_id="7001")  # it joins what is left over
