"""The loop that makes calls: an endpoint that hangs delays no other, and the rest of a gone one's calls is not made."""

import time
from contextlib import contextmanager

import pytest

from api.background import Background
from api.context import Committers
from ledger.outbox.claims import AHEAD, CONCURRENCY_SLOW
from ledger.outbox.records import CallFault, CallState, EndpointState
from tests.faults.peers import Way, peer
from tests.ledger.conftest import make_shop
from tests.ledger.outbox.conftest import watched

PATIENCE_SECONDS = 60
TRANSFERS = ("transfer.posted",)


@pytest.fixture
def outbox(engine, vault):
    yield from watched(make_shop(engine), vault)


@contextmanager
def _running(outbox):
    committers = Committers(outbox.engine)
    background = Background(outbox.engine, committers, outbox.vault)
    background.start()
    try:
        yield
    finally:
        background.close()
        committers.close()


def _wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
    return found


def test_an_endpoint_that_hangs_delays_no_other(outbox):
    with peer() as hanging, peer() as well:
        hanging.way = Way.HANGS
        outbox.register(hanging.address, event_types=TRANSFERS)
        outbox.register(well.address, event_types=TRANSFERS)
        outbox.trigger(30)
        with _running(outbox):
            _wait_for(lambda: len(well.got) >= 60)
            under_way = len(hanging.got)
            hanging.ended.set()

    assert len(set(well.keys)) == 60
    assert 1 <= under_way <= 10


def test_an_endpoint_that_answers_410_is_called_no_more_and_what_waits_is_given_up(outbox):
    with peer() as told:
        told.way = Way.GONE
        endpoint_id = outbox.register(told.address, event_types=TRANSFERS, concurrency=1)
        outbox.trigger(AHEAD)
        with _running(outbox):
            _wait_for(lambda: len(outbox.calls(state=CallState.GIVEN_UP)) == 2 * AHEAD)

    assert len(told.got) == 1
    assert [each.fault for each in outbox.calls()].count(CallFault.ENDPOINT_RETIRED) == 2 * AHEAD - 1
    assert outbox.endpoint(endpoint_id).state is EndpointState.RETIRED


def test_a_process_that_closes_gives_back_what_it_has_not_sent(outbox):
    with peer() as told:
        told.way = Way.HANGS
        outbox.register(told.address, event_types=TRANSFERS, concurrency=1)
        outbox.trigger(3)
        with _running(outbox):
            _wait_for(lambda: told.got)
            told.ended.set()
        outbox.follow()
        left = outbox.claim()

    assert len(left) >= 6 - CONCURRENCY_SLOW
