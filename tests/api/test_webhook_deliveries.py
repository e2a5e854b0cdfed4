"""The loop that makes calls: an endpoint that hangs delays no other, and the rest of a gone one's calls is not made."""

import random
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest

from api.background import Background
from api.context import Committers
from ledger.kernel.clock import system_clock
from ledger.outbox.claims import AHEAD, CONCURRENCY_SLOW
from ledger.outbox.records import CallFault, CallState, EndpointState
from ledger.timers import sweeper
from tests.faults.peers import Way, peer
from tests.ledger.conftest import make_shop
from tests.ledger.outbox.conftest import watched

PATIENCE_SECONDS = 60
TRANSFERS = ("transfer.posted",)


@pytest.fixture
def outbox(engine, vault):
    yield from watched(make_shop(engine), vault)


@contextmanager
def _running(outbox, clock=system_clock):
    committers = Committers(outbox.engine)
    background = Background(outbox.engine, committers, outbox.vault, clock=clock)
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


def test_an_ordered_endpoint_that_fails_now_and_then_accepts_the_events_of_each_account_in_their_order(
    outbox, monkeypatch
):
    monkeypatch.setattr(sweeper, "INTERVAL_SECONDS", 0.01)
    chance, later = random.Random(2026), [timedelta()]
    payers = ["p0", "p1", "p2", "p3"]
    outbox.shop.open("\n".join(f"{payer} 0.00 USD\nof-{payer} 0.00 USD" for payer in payers))
    paid = {payer: [f"{payer}/{number:02}" for number in range(10)] for payer in payers}
    with peer() as told, _running(outbox, lambda: system_clock() + later[0]):
        outbox.register(told.address, event_types=TRANSFERS, is_ordered=True)
        told.ways = [chance.choice([Way.WELL, Way.WELL, Way.FAILS]) for _ in range(40)]
        for number in range(10):
            orders = [outbox.shop.order(payer, f"of-{payer}", "1.00") for payer in payers]
            outbox.shop.writer.post(
                [order._replace(external_ref=paid[payer][number]) for payer, order in zip(payers, orders, strict=True)]
            )

        def are_all_delivered():
            seen = len(told.got)
            time.sleep(0.2)
            if len(told.got) == seen:
                later[0] += timedelta(minutes=10)  # what failed is due again
            return len(outbox.calls(state=CallState.DELIVERED)) == 40

        _wait_for(are_all_delivered)

    reference_of = {key: message["data"]["externalRef"] for key, message in told.got}
    accepted = [reference_of[key] for key in told.accepted]
    assert {payer: [each for each in accepted if each.startswith(payer)] for payer in payers} == paid
    assert len(told.got) > len(accepted), "some attempts failed"
