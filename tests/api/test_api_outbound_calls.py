"""Calls over real HTTP: only the peer's own receipt counts, within a bounded time, whatever it does meanwhile."""

import time

import pytest

from api import outbound_calls
from api.outbound_calls import send
from ledger.outbox.attempts import OutgoingCall
from ledger.outbox.calls import Answer
from ledger.outbox.records import CallFault
from tests.faults.peers import Peer, Way, peer

KEY = "cal_" + "1" * 32


@pytest.fixture
def other():
    with peer() as told:
        yield told


def _sent(told: Peer, way: Way) -> Answer:
    told.way = way
    return send(OutgoingCall(told.address, KEY, {"id": KEY, "topic": "monitor_triggered"}))


@pytest.mark.parametrize(
    ("way", "answer"),
    [
        (Way.WELL, Answer(200)),
        (Way.ANSWERS_TWICE, Answer(200)),
        (Way.FAILS, Answer(503, CallFault.REFUSED)),
        (Way.REDIRECTS, Answer(302, CallFault.REFUSED)),
        (Way.LIES, Answer(200, CallFault.WRONG_RECEIPT)),
        (Way.ANSWERS_OTHER, Answer(200, CallFault.WRONG_RECEIPT)),
        (Way.FLOODS, Answer(200, CallFault.WRONG_RECEIPT)),
        (Way.BREAKS_OFF, Answer(200, CallFault.WRONG_RECEIPT)),
    ],
)
def test_only_the_receipt_of_the_call_itself_counts(other, way, answer):
    assert _sent(other, way) == answer
    assert other.got == [(KEY, {"id": KEY, "topic": "monitor_triggered"})]


@pytest.mark.parametrize("way", [Way.HANGS, Way.DRIPS])
def test_a_peer_that_hangs_or_drips_is_left_when_the_time_is_over(other, way, monkeypatch):
    monkeypatch.setattr(outbound_calls, "SECONDS_MAX", 0.5)
    began = time.monotonic()

    answer = _sent(other, way)

    assert answer == Answer(None, CallFault.TIMEOUT)
    assert time.monotonic() - began < 5


def test_a_peer_that_is_not_there_is_unreachable():
    with peer() as told:
        address = told.address

    assert send(OutgoingCall(address, KEY, {"id": KEY})) == Answer(None, CallFault.UNREACHABLE)
