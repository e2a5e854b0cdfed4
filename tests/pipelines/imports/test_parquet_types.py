"""Columns of every exact type, as DuckDB, Polars and Arrow write them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.columns.arrow_columns import open_columns
from ledger.kernel.errors import InvalidInput
from pipelines.imports.mapping import read_mapping
from pipelines.imports.occurrences import Occurrences
from pipelines.imports.parquet_files import CELL_CHARACTERS_MAX, open_parquet
from pipelines.imports.rows import read_rows
from pipelines.imports.rules import Rule
from pipelines.imports.sources import Fault
from tests.pipelines.imports.conftest import HEADER, MAPPING

INSTANT = datetime(2024, 1, 5, 10, 0, 0, 123_000, tzinfo=UTC)


def texts(file: Path, *columns: str) -> dict[str, list[str]]:
    (chunk,) = open_parquet(file, columns or pq.read_schema(file).names).chunks(10)
    return {name: list(column) for name, column in chunk.columns.items()}


def test_columns_as_duckdb_writes_them_are_read(tmp_path):
    file = tmp_path / "duckdb.parquet"
    duckdb.sql(f"""
        COPY (SELECT '52c0e6f9-635f-41d2-a6db-a940c5104e1c'::uuid u, 'a'::enum('a', 'b') e, 1.5::decimal(18, 3) d,
            123456789012345678901234567890.12::decimal(38, 2) wide,
            date '2024-01-05' AS "day", time '10:00:00' AS clock,
            timestamp_s '2024-01-05 10:00:00' s, timestamp_ns '2024-01-05 10:00:00.123' ns, 7::utinyint small,
            '{{"a":1}}'::json j, true flag, null nothing) TO '{file}'
    """)

    found = texts(file)

    assert found["u"] == ["52c0e6f9-635f-41d2-a6db-a940c5104e1c"]
    assert (found["e"], found["d"], found["wide"]) == (["a"], ["1.500"], ["123456789012345678901234567890.12"])
    assert (found["day"], found["clock"], found["small"]) == (["2024-01-05"], ["10:00:00.000000"], ["7"])
    assert (found["s"], found["ns"]) == (["2024-01-05 10:00:00.000000"], ["2024-01-05 10:00:00.123000"])
    assert (found["j"], found["flag"], found["nothing"]) == (['{"a":1}'], ["true"], [""])


def test_columns_as_polars_writes_them_are_read(tmp_path):
    file = tmp_path / "polars.parquet"
    pl.DataFrame(
        {
            "categorical": pl.Series(["a", None], dtype=pl.Categorical),
            "enum": pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"])),
            "text": ["x", None],
            "decimal": pl.Series([Decimal("1.50"), None], dtype=pl.Decimal(20, 4)),
            "day": [date(2024, 1, 5), None],
            "ms": pl.Series([INSTANT, None], dtype=pl.Datetime("ms", "Europe/Prague")),
            "ns": pl.Series([INSTANT.replace(tzinfo=None), None], dtype=pl.Datetime("ns")),
            "clock": [time(1, 2, 3), None],
            "nothing": [None, None],
            "unsigned": pl.Series([2**64 - 1, None], dtype=pl.UInt64),
        }
    ).write_parquet(file)

    found = texts(file)

    assert {name: column[0] for name, column in found.items()} == {
        "categorical": "a",
        "enum": "a",
        "text": "x",
        "decimal": "1.5000",
        "day": "2024-01-05",
        "ms": "2024-01-05 10:00:00.123000Z",
        "ns": "2024-01-05 10:00:00.123000",
        "clock": "01:02:03.000000000",
        "nothing": "",
        "unsigned": "18446744073709551615",
    }
    assert {column[1] for name, column in found.items() if name != "enum"} == {""}


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array(["x", None], pa.string_view()), "x"),
        (pa.array(["x", None], pa.large_string()), "x"),
        (pa.array(["x", None]).dictionary_encode(), "x"),
        (pa.array([Decimal("1.5"), None], pa.decimal256(60, 4)), "1.5000"),
        (pa.array([Decimal("1.5"), None], pa.decimal32(6, 2)), "1.50"),
        (pa.array([b"\x00" * 16, None], pa.uuid()), "00000000-0000-0000-0000-000000000000"),
        (pa.array([date(2024, 1, 5), None], pa.date64()), "2024-01-05"),
        (pa.array([INSTANT, None], pa.timestamp("ms", "UTC")), "2024-01-05 10:00:00.123000Z"),
        (pa.array([5, None], pa.int8()).dictionary_encode(), "5"),
    ],
    ids=lambda value: str(getattr(value, "type", "")),
)
def test_a_column_of_arrow_is_read_exactly_and_null_is_empty(tmp_path, column, text):
    pq.write_table(pa.table({"a": column}), tmp_path / "arrow.parquet")

    assert texts(tmp_path / "arrow.parquet") == {"a": [text, ""]}


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array([1.5]), "has floats in column 'a'"),
        (pa.array([1.5]).dictionary_encode(), "has floats in column 'a'"),
        (pa.array([[1]]), "has list<element: int64> in column 'a'"),
    ],
)
def test_a_column_that_has_no_exact_text_is_refused(tmp_path, column, said):
    pq.write_table(pa.table({"a": column}), tmp_path / "arrow.parquet")

    with pytest.raises(InvalidInput) as refusal:
        texts(tmp_path / "arrow.parquet")

    assert said in str(refusal.value)


def test_a_number_that_the_file_holds_as_a_number_has_no_written_decimals_and_no_form(tmp_path):
    names = dict.fromkeys(HEADER.split(","), pa.array(["1", "2"]))
    amounts = pa.array([Decimal("12.5"), Decimal("-1234.567")], pa.decimal128(18, 3))
    kinds = {"time": pa.array([date(2024, 1, 5)] * 2), "amount": amounts, "way": pa.array(["in", "in"])}
    pq.write_table(pa.table({**names, **kinds, "currency": pa.array(["USD"] * 2)}), tmp_path / "rows.parquet")
    mapping = read_mapping("shop", MAPPING.replace("decimals = 2", 'decimals = 2, decimal = ",", grouping = "."'))

    (chunk,) = open_parquet(tmp_path / "rows.parquet", mapping.columns).chunks(10)
    found = read_rows(mapping, chunk, Occurrences())

    assert [(row.line, row.amount_minor) for row in found.rows] == [(1, 1250)]
    assert [(row.line, row.fault.rule) for row in found.rejected] == [(2, "unreadable_amount")]


def test_a_bulk_takes_uuids_views_and_dictionaries_for_texts(tmp_path):
    columns = {
        "uuid": pa.array([b"\x00" * 16, None], pa.uuid()),
        "view": pa.array(["x", None], pa.string_view()),
        "words": pa.array(["x", None]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), tmp_path / "rows.parquet")

    source = open_columns(tmp_path / "rows.parquet", dict.fromkeys(columns, str))

    (found,) = source.batches(10, whole="group")
    assert found == {"uuid": ["00000000-0000-0000-0000-000000000000", None], "view": ["x", None], "words": ["x", None]}


def test_a_text_that_a_few_bytes_repeat_in_many_rows_is_cut_before_it_is_unpacked(tmp_path):
    rows = 20_000
    text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), ["x" * 400_000])
    table = pa.table({"day": ["2024-01-05"] * rows, "text": text})
    pq.write_table(table, tmp_path / "rows.parquet", compression="zstd", store_schema=False)

    chunks = list(open_parquet(tmp_path / "rows.parquet", ["day", "text"]).chunks(10_000))

    cells = [cell for chunk in chunks for cell in chunk.columns["text"]]
    assert len(cells) == rows
    assert {cell.rule for cell in cells if isinstance(cell, Fault)} == {Rule.UNUSABLE_TEXT}
    assert [chunk.columns["day"][0] for chunk in chunks] == ["2024-01-05", "2024-01-05"]
    (whole,) = chunks[0].whole([1])
    assert whole.columns is not None
    assert len(whole.columns["text"]) == CELL_CHARACTERS_MAX + 1, "cut, and still too long when it is replayed"


def test_rows_that_unpack_to_much_are_read_few_at_a_time(tmp_path):
    table = pa.table({"text": ["x" * 9_000 + str(number) for number in range(20_000)]})
    pq.write_table(table, tmp_path / "rows.parquet", compression="zstd", use_dictionary=False)

    chunks = list(open_parquet(tmp_path / "rows.parquet", ["text"]).chunks(20_000))

    assert sum(len(chunk.lines) for chunk in chunks) == 20_000
    assert max(len(chunk.lines) for chunk in chunks) * 9_000 <= 64 << 20
    assert chunks[-1].columns["text"][-1] == "x" * 9_000 + "19999"
