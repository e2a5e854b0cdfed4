"""Other engines read what the stream wrote, unchanged: the same rows and types from each, whatever upkeep did to it."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import datafusion
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pytest
from deltalake import DeltaTable, QueryBuilder

from lake.schema import arrow_schema
from lake.tables import Lake, table_url
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.transfers import RefusedTransfer, Transfer, TransferId
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import new_id
from ledger.kernel.record import Record
from ledger.records import STREAMED
from ledger.tenancy.records import Partner
from pipelines.stream.audit import compare
from pipelines.stream.worker import stream_once
from tests.databases import empty_database
from tests.pipelines.stream.programme import Programme, open_programme

COMMITS = 20
BEYOND_A_FLOAT = 2**53 + 1  # what went through a double would come back even
WRITTEN = {
    "accounts",
    "actors",
    "book_openings",
    "customers",
    "journal_batches",
    "partners",
    "refused_transfers",
    "transfers",
}
Read = Callable[[str], pa.Table]


@pytest.fixture(scope="module")
def lake(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A book in many small commits, with a checkpoint, a compaction and a vacuum between them, equal to its ledger."""
    folder = tmp_path_factory.mktemp("engines")
    made = Lake(str(folder / "lake"), {}, folder / "cache")
    with empty_database(server) as url:
        engine = create_engine(url)
        programme = open_programme(engine)
        _pay_a_large_amount(programme)
        for number in range(COMMITS):
            programme.pay(4, seed=number, reference=f"order {number}" if number % 2 else None)
            stream_once(engine, made, programme.book)
            if number == COMMITS // 2:
                _maintain(made)
        assert [each for each in compare(engine, made, programme.book) if not each.ok] == []
        engine.dispose()
    return made


def _pay_a_large_amount(programme: Programme) -> None:
    debit, credit = programme.accounts[1], programme.accounts[3]
    ids = TransferId(new_id()), programme.partner_id, debit, credit
    order = TransferOrder(*ids, BEYOND_A_FLOAT, "USD", "payment", datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC))
    (outcome,) = post(programme.engine, programme.book.book_id, [order])
    assert outcome.result == "created"


def _maintain(lake: Lake) -> None:
    for record in (Transfer, RefusedTransfer):
        table = DeltaTable(table_url(lake.url, "cards", record))
        table.create_checkpoint()
        table.optimize.compact()
        table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)


def _by_pyarrow(url: str) -> pa.Table:
    return DeltaTable(url).to_pyarrow_dataset().to_table()


def _by_duckdb(url: str) -> pa.Table:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        query = "SELECT * FROM read_parquet($files, hive_partitioning = true)"
        return connection.sql(query, params={"files": DeltaTable(url).file_uris()}).to_arrow_table()


def _by_polars(url: str) -> pa.Table:
    return pl.scan_delta(url).collect().to_arrow()


def _by_datafusion(url: str) -> pa.Table:
    context = datafusion.SessionContext()
    context.register_table("facts", DeltaTable(url))
    return context.sql("SELECT * FROM facts").to_arrow_table()


def _by_query_builder(url: str) -> pa.Table:
    return pa.table(QueryBuilder().register("facts", DeltaTable(url)).execute("SELECT * FROM facts").read_all())


ENGINES: dict[str, Read] = {
    "duckdb": _by_duckdb,
    "polars": _by_polars,
    "datafusion": _by_datafusion,
    "deltalake's own SQL": _by_query_builder,
}


def _plain(table: pa.Table) -> pa.Table:
    """In the order of positions and of column names; text is text, in whichever of Arrow's layouts it came."""
    fields = [pa.field(field.name, _one_text(field.type)) for field in table.schema]
    plain = table.replace_schema_metadata(None).cast(pa.schema(fields))
    return plain.select(sorted(plain.column_names)).sort_by("seq").combine_chunks()


def _one_text(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) else kind


def _url(lake: Lake, record: type[Record]) -> str:
    return table_url(lake.url, "cards", record)


def test_the_tables_are_as_upkeep_and_many_commits_leave_them(lake: Lake) -> None:
    files = DeltaTable(_url(lake, Transfer)).file_uris()
    log = Path(_url(lake, Transfer), "_delta_log")

    table = _plain(_by_pyarrow(_url(lake, Transfer)))

    assert 1 < len(files) < COMMITS
    assert list(log.glob("*.checkpoint.parquet"))
    assert table.num_rows > 2 * COMMITS
    assert BEYOND_A_FLOAT in table["amount_minor"].to_pylist()
    assert datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC) in table["effective_at"].to_pylist()


def test_every_table_has_the_columns_and_types_of_its_record_and_dates_where_it_is_parted(lake: Lake) -> None:
    for record in STREAMED:
        types = {field.name: field.type for field in _plain(_by_pyarrow(_url(lake, record))).schema}
        parted = dict.fromkeys(DeltaTable(_url(lake, record)).metadata().partition_columns, pa.date32())

        assert types == {field.name: field.type for field in arrow_schema(record)} | parted


@pytest.mark.parametrize("engine_name", ENGINES)
def test_an_engine_reads_the_same_rows_and_types(lake: Lake, engine_name: str) -> None:
    read = set()
    for record in STREAMED:
        ours = _plain(_by_pyarrow(_url(lake, record)))
        if ours.num_rows == 0:
            continue

        theirs = _plain(ENGINES[engine_name](_url(lake, record)))

        assert theirs.schema == ours.schema
        assert theirs == ours
        read.add(record.TABLE)
    assert read == WRITTEN


BY_SAIL = """
import sys
import pyarrow.feather
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

server = SparkConnectServer(ip="127.0.0.1", port=0)
server.start(background=True)
session = SparkSession.builder.remote("sc://%s:%s" % server.listening_address).getOrCreate()
session.conf.set("spark.sql.session.timeZone", "UTC")
for url, target in zip(sys.argv[1::2], sys.argv[2::2]):
    pyarrow.feather.write_feather(session.sql(f"SELECT * FROM delta.`{url}`").toArrow(), target)
"""


@pytest.mark.scale
def test_sail_reads_the_same_rows_and_types(lake: Lake, scale_python: Path, tmp_path: Path) -> None:
    records = [record for record in STREAMED if record.TABLE in WRITTEN]
    places = [part for record in records for part in (_url(lake, record), str(tmp_path / record.TABLE))]
    (tmp_path / "by_sail.py").write_text(BY_SAIL)

    command = [scale_python, tmp_path / "by_sail.py", *places]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stderr
    for record in records:
        theirs, ours = pa.feather.read_table(tmp_path / record.TABLE), _by_pyarrow(_url(lake, record))
        assert _plain(theirs).schema == _plain(ours).schema
        assert _plain(theirs) == _plain(ours)
    assert Partner in records
