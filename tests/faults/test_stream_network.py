"""The network to the object store is torn again and again, also between a commit and its answer."""

import os
import time
from collections.abc import Callable, Iterator

import pytest

from tests.faults.network import ANSWER_LOST, CUTS, TornNetwork
from tests.faults.scene import PATIENCE_SECONDS, Scene

TIMES = int(os.environ.get("KILLS", "0")) // 40 or 1
"""How often each kind of cut is made at least."""

SHARE = 0.01
"""Opening a book takes some two hundred requests: were more cut, a worker would seldom come to its first commit."""


@pytest.fixture
def network(object_store: str) -> Iterator[TornNetwork]:
    torn = TornNetwork(object_store, share=SHARE)
    yield torn
    torn.end()


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_torn_network_to_the_store_costs_nothing(store_scene: Scene, network: TornNetwork) -> None:
    scene = store_scene

    with scene.traffic.flowing():
        worker = scene.start(environ={"AWS_ENDPOINT_URL": network.url})
        scene.wait_for_progress()
        network.fall_out(0.5)
        wait_until(lambda: min(network.cuts[kind] for kind in CUTS) >= TIMES, 3 * PATIENCE_SECONDS + 20 * TIMES)
        scene.wait_for_progress()
        scene.kill(worker, "killed behind a torn network")

    scene.faults.update(network.cuts)
    assert network.cuts[ANSWER_LOST] >= TIMES
    scene.end()
