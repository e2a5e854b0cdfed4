"""Silver survives what kills its worker: every table goes on from its own position, and ends at the same rows."""

import os
import random
import shutil
import time
from pathlib import Path

import pytest
from deltalake import DeltaTable

from lake.silver.tables import SILVER
from lake.tables import Lake, table_url
from pipelines.silver.audit import compare_silver
from tests import warm
from tests.pipelines.silver.busy_book import BusyBook
from tests.pipelines.silver.kept import KeptSilver
from tests.pipelines.stream.programme import Programme

KILLS = int(os.environ.get("KILLS", "200")) // 40
"""How often the worker is killed: `make soak` says 1,000 for all of the stream."""
WORKER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from lake.bronze.read import watermark
from lake.silver.refresh import SilverTables
from lake.tables import Lake
from ledger.tenancy.records import Book

url, cluster = sys.argv[1:]
lake = Lake(url, {}, Path(url, "cache"))
book = Book(book_id=1, name="cards", jurisdiction="US", currency="USD", created_at=datetime.now(UTC))
tables = SilverTables.open(lake, book, cluster_id=cluster)
print("open", flush=True)
while True:
    if tables.refresh(watermark(lake, book.name)):
        print("moved", flush=True)
"""


@pytest.mark.slow
def test_silver_is_the_same_however_often_its_worker_is_killed(
    lake: Lake,
    programme: Programme,
    silver: KeptSilver,
    tmp_path: Path,
) -> None:
    book, dice = BusyBook(programme, seed=7), random.Random(7)
    silver.cut()
    for _ in range(KILLS):
        worker = warm.started_python(WORKER, lake.url, silver.cluster)
        assert worker.stdout.readline() == b"open\n"
        for _ in range(2):
            book.step()
            silver.cut()
        time.sleep(dice.random() * 0.1)
        worker.kill()
    newest = silver.cut()
    silver.open().refresh(newest)

    assert [
        finding.detail for finding in compare_silver(programme.engine, lake, programme.book) if not finding.ok
    ] == []
    anew = Lake(str(tmp_path / "anew"), {}, tmp_path / "cache")
    shutil.copytree(f"{lake.url}/cards/bronze", f"{anew.url}/cards/bronze")
    silver.open(anew).refresh(newest)
    for declared in SILVER:
        kept, made = (DeltaTable(table_url(where.url, "cards", declared.record)) for where in (lake, anew))
        assert kept.count() == made.count()
