"""Arrow and plain columns: both formats give the same values, strictly typed, in batches that tear no group."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.columns.arrow_columns import arrow_fields, open_columns, written_columns
from ledger.kernel.errors import InvalidInput

WANTED = {"key": str, "amount": int, "at": datetime, "group": str}
NOON = datetime(2020, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def as_parquet(table: pa.Table) -> bytes:
    body = io.BytesIO()
    pq.write_table(table, body)
    return body.getvalue()


def as_stream(table: pa.Table) -> bytes:
    body = io.BytesIO()
    with pa.ipc.new_stream(body, table.schema) as stream:
        stream.write_table(table, max_chunksize=2)
    return body.getvalue()


def as_file(table: pa.Table) -> bytes:
    body = io.BytesIO()
    with pa.ipc.new_file(body, table.schema) as file:
        file.write_table(table, max_chunksize=3)
    return body.getvalue()


FORMATS = pytest.mark.parametrize("write", [as_parquet, as_stream, as_file])


def plain(body: bytes, rows: int = 100) -> list[dict[str, list[object]]]:
    return list(open_columns(body, WANTED).batches(rows, whole="group"))


@FORMATS
def test_every_format_gives_the_same_values(write):
    table = pa.table(
        {
            "key": pa.array(["a", None, "ä"]),
            "amount": pa.array([1, None, 2**63 - 1], pa.int64()),
            "at": pa.array([NOON, None, datetime(1903, 1, 1, tzinfo=UTC)], pa.timestamp("us", tz="Europe/Prague")),
            "group": pa.array(["g", "g", None]).dictionary_encode(),
        }
    )

    (columns,) = plain(write(table))

    assert columns["key"] == ["a", None, "ä"]
    assert columns["amount"] == [1, None, 2**63 - 1]
    assert columns["at"] == [NOON, None, datetime(1903, 1, 1, tzinfo=UTC)]
    assert columns["at"][0].tzinfo is UTC
    assert columns["group"] == ["g", "g", None]


@FORMATS
def test_decimals_are_exact_and_whole_ones_are_integers(write):
    table = pa.table({"amount": pa.array([Decimal("1.50")], pa.decimal128(10, 2))})
    whole = pa.table({"amount": pa.array([Decimal(15)], pa.decimal128(10, 0))})

    assert plain(write(table)) == [{"amount": [Decimal("1.50")]}]
    assert plain(write(whole)) == [{"amount": [15]}]


@FORMATS
@pytest.mark.parametrize(
    ("name", "column", "says"),
    [
        ("amount", pa.array([1.0]), "has double in column 'amount'; write int64; a float is never exact"),
        ("amount", pa.array(["1"]), "has string in column 'amount'; write int64"),
        ("key", pa.array([1]), "has int64 in column 'key'; write string"),
        ("at", pa.array([NOON.replace(tzinfo=None)]), 'write timestamp\\[us, tz="UTC"\\]'),
        ("colour", pa.array(["red"]), "has a column 'colour'; columns are key, amount, at, group"),
    ],
)
def test_a_column_of_a_wrong_type_or_name_is_refused_with_what_is_right(write, name, column, says):
    with pytest.raises(InvalidInput, match=says):
        open_columns(write(pa.table({name: column})), WANTED)


@FORMATS
@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_dates_stay_dates_where_instants_may_stand(write, kind):
    days = [date(2024, 1, 1), None, date(1890, 2, 28)]

    assert plain(write(pa.table({"at": pa.array(days, kind)}))) == [{"at": days}]


def test_a_column_that_stands_twice_is_refused():
    table = pa.table([pa.array(["a"]), pa.array(["b"])], names=["key", "key"])

    with pytest.raises(InvalidInput, match="two columns 'key'"):
        open_columns(as_stream(table), WANTED)


@FORMATS
def test_batches_have_so_many_rows_and_tear_no_group(write):
    groups = [None, "a", "a", "a", "b", None, None, "c", "c"]
    table = pa.table({"key": [str(row) for row in range(9)], "group": groups})

    batches = plain(write(table), rows=3)

    assert [batch["group"] for batch in batches] == [[None], ["a", "a", "a"], ["b", None, None], ["c", "c"]]
    assert [key for batch in batches for key in batch["key"]] == [str(row) for row in range(9)]


def test_a_group_that_is_larger_than_a_batch_is_refused():
    table = pa.table({"key": [str(row) for row in range(9)], "group": ["a"] * 9})

    with pytest.raises(InvalidInput, match="more than 3 adjacent rows whose group is 'a'"):
        plain(as_stream(table), rows=3)


@FORMATS
def test_what_is_cut_off_is_refused(write):
    body = write(pa.table({"key": ["a" * 100] * 50}))

    with pytest.raises(InvalidInput, match=r"cannot be read|neither Parquet nor Arrow"):
        plain(body[: len(body) * 2 // 3])


@pytest.mark.parametrize("body", [b"", b"key,amount\n", b"PAR1", b"PAR1PAR1", b"ARROW1", b"\xff\xff\xff\xff"])
def test_what_is_none_of_the_formats_is_refused(body):
    with pytest.raises(InvalidInput, match=r"cannot be read|neither Parquet nor Arrow"):
        plain(body)


def test_an_index_that_leads_outside_of_its_dictionary_is_refused():
    wrong = pa.DictionaryArray.from_arrays(pa.array([0, 7], pa.int32()), pa.array(["a"]), safe=False)

    with pytest.raises(InvalidInput, match="cannot be read"):
        plain(as_stream(pa.table({"key": wrong})))


def test_a_text_that_stands_in_every_row_is_held_once():
    table = pa.table({"key": pa.array(["x" * 1_000_000] * 1_000).dictionary_encode()})

    (columns,) = plain(as_parquet(table), rows=1_000)

    assert len({id(text) for text in columns["key"]}) == 1


@pytest.mark.parametrize("name", ["out.parquet", "out.arrow"])
def test_columns_are_written_whole_or_not_at_all(tmp_path, name):
    out, types = tmp_path / name, {"row": int, "key": str}

    with written_columns(out, types) as write:
        write({"row": [1], "key": ["a"]})
        write({"row": [2], "key": [None]})
        assert not out.exists()

    (columns,) = open_columns(out, types).batches(10, whole="group")
    assert columns == {"row": [1, 2], "key": ["a", None]}
    with pytest.raises(ZeroDivisionError), written_columns(tmp_path / "no.parquet", types) as write:
        write({"row": [1 // 0], "key": ["a"]})
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert arrow_fields(types).names == ["row", "key"]
