"""All clocks jump back and forth by days; rows stay in the order of the journal and in the day that it recorded."""

import os
import time

import pytest
from deltalake import DeltaTable

from lake.tables import table_url
from ledger.book.records.transfers import Transfer
from tests.faults.bank import BOOK_NAME
from tests.faults.scene import Scene

TIMES = int(os.environ.get("KILLS", "0")) // 50 or 2
DAY_MILLIS = 86_400_000


@pytest.mark.slow
def test_jumps_of_the_clock_put_nothing_out_of_its_place(scene: Scene) -> None:
    with scene.traffic.flowing():
        for _ in range(TIMES):
            worker = scene.start(jumping=True)
            scene.wait_for_progress()
            time.sleep(0.8)
            scene.kill(worker, "killed while all clocks jump by days")

    table = DeltaTable(table_url(scene.lake.url, BOOK_NAME, Transfer))
    instants = [commit["timestamp"] for commit in table.history()]
    assert max(instants) - min(instants) > 2 * DAY_MILLIS
    assert sorted(instants, reverse=True) != instants
    scene.end()
