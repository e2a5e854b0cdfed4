"""The same lake in an object store, reached over HTTP."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import duckdb
import pyarrow as pa
import pytest

from lake.errors import Fenced
from lake.publish import WatermarkWriter
from lake.read import Watermark, files, watermark
from lake.tables import Lake
from lake.write import Stretch, TableWriter
from ledger.kernel.settings import Settings
from ledger.records.books import Book
from ledger.records.transfers import Transfer
from tests.lake.conftest import CARDS

HEAD = "ab" * 32
Rows = Callable[..., pa.Table]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A store in a process of its own: Delta's client holds the interpreter's lock while it waits for an answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the object store did not start")


@pytest.fixture
def lake(endpoint: str, tmp_path: Path) -> Lake:
    bucket = f"lake-{tmp_path.name.replace('_', '-')}"[:60].lower().rstrip("-")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket=bucket)
    settings = Settings.from_env(
        {
            "COFFERDAM_HOME": str(tmp_path),
            "COFFERDAM_LAKE_URL": f"s3://{bucket}/eu",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": endpoint,
        }
    )
    return Lake.of(settings)


def test_rows_and_watermark_reach_an_object_store_and_are_read_through_the_cache(
    lake: Lake, book: Book, transfers: Rows
) -> None:
    writer = TableWriter.open(lake, CARDS, Transfer, cluster_id="7001")
    writer.append(transfers(0, 3), Stretch(0, 3, HEAD))
    WatermarkWriter.open(lake, book, cluster_id="7001").publish(Watermark(3, HEAD, {"transfers": writer.version}))
    writer.append(transfers(3, 9), Stretch(3, 9, HEAD))

    cut = watermark(lake, "cards")
    assert cut is not None
    pinned = files(lake, "cards", Transfer, cut)

    query = "SELECT seq FROM read_parquet($pinned) WHERE seq <= 3 ORDER BY seq"
    rows = duckdb.sql(query, params={"pinned": pinned}).fetchall()
    assert rows == [(1,), (2,), (3,)]
    assert all(Path(path).is_relative_to(lake.cache) for path in pinned)
    assert files(lake, "cards", Transfer, cut) == pinned


def test_two_writers_of_one_object_store_are_fenced_as_in_a_folder(lake: Lake, transfers: Rows) -> None:
    TableWriter.open(lake, CARDS, Transfer, cluster_id="7001")
    one, other = (TableWriter.open(lake, CARDS, Transfer, cluster_id="7001") for _ in range(2))

    one.append(transfers(0, 3), Stretch(0, 3, HEAD))
    with pytest.raises(Fenced):
        other.append(transfers(0, 5), Stretch(0, 5, HEAD))

    assert TableWriter.open(lake, CARDS, Transfer, cluster_id="7001").mark == 3
