"""A disk that takes no more bytes stops the stream with one line, and costs no row."""

import subprocess
import sys

import sqlalchemy as sa

from lake.read import watermark
from lake.tables import Lake
from ledger.kernel.settings import Settings
from pipelines.stream.audit import compare
from pipelines.stream.worker import stream_once
from tests.pipelines.stream.programme import open_programme

FULL_DISK_WORKER = """
import logging, resource, sys, threading
from lake.zones import Zones
from ledger.kernel.settings import Settings
from ledger.partners.directory import Directory
from pipelines.stream.worker import run

database_url, home = sys.argv[1:]
settings = Settings.from_env({"COFFERDAM_HOME": home, "COFFERDAM_DATABASE_URL": database_url})
logging.basicConfig(format="%(message)s")
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
stop = threading.Event()
threading.Timer(1.5, stop.set).start()
run(Directory(database_url).servers()[0], Zones.of(settings), tick=0.01, stop=stop)
"""


def test_a_file_that_cannot_be_written_is_said_in_one_line_and_written_later(
    engine: sa.Engine, settings: Settings
) -> None:
    programme, lake = open_programme(engine), Lake.of(settings)
    stream_once(engine, lake, programme.book)
    before = watermark(lake, "cards")
    programme.pay(2_000)  # their file is larger than the limit

    command = [sys.executable, "-c", FULL_DISK_WORKER, str(settings.database_url), str(settings.home)]
    worker = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    during = watermark(lake, "cards")
    after = stream_once(engine, lake, programme.book)

    assert worker.returncode == 0
    assert before == during
    (line,) = [line for line in worker.stderr.splitlines() if line.startswith("book ")]  # Delta's own threads say more
    assert line.startswith("book 'cards': ")
    assert "File too large" in line
    assert after.rows >= 2_000
    assert all(finding.ok for finding in compare(engine, lake, programme.book))
