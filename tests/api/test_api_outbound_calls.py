"""Calls over real HTTP: only the peer's own receipt counts, within a bounded time, whatever it does meanwhile."""

import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

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


@pytest.mark.parametrize(
    ("said", "pause"),
    [("30", timedelta(seconds=30)), ("999999999", timedelta(hours=24)), ("-1", None), ("soon", None), ("1.5", None)],
)
def test_a_refusal_says_when_to_call_again(other, said, pause):
    other.retry_after = said

    assert _sent(other, Way.FAILS) == Answer(503, CallFault.REFUSED, pause)


def test_a_refusal_may_say_a_date_to_call_again(other):
    other.retry_after = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)

    answer = _sent(other, Way.FAILS)

    assert timedelta(minutes=9) < answer.retry_after <= timedelta(minutes=10)


HOSTILE = [
    "127.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "[fe80::1]",
    "[fd00::1]",
    "224.0.0.1",
    "localhost",
    "eve@127.0.0.1",
]


@pytest.mark.parametrize(
    "origin", [f"https://{host}" for host in HOSTILE] + [f"http://{host}" for host in HOSTILE[2:-2]]
)
def test_a_hostile_address_gets_no_connection(origin, monkeypatch):
    tried = []
    monkeypatch.setattr(socket, "create_connection", lambda *asked: tried.append(asked))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        answer = send(OutgoingCall(f"{origin}:{listening.getsockname()[1]}/", KEY, {"id": KEY}))
        with pytest.raises(TimeoutError):
            listening.accept()

    assert (answer, tried) == (Answer(None, CallFault.UNREACHABLE), [])


def test_the_host_is_looked_up_once_and_the_address_that_was_checked_is_called(monkeypatch):
    answers, called = [["1.1.1.1"], ["127.0.0.1"]], []

    def looked_up(_host, port, **_asked):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers.pop(0)]

    def connected(address, *_asked):
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "create_connection", connected)
    send(OutgoingCall("https://rebinds.example/", KEY, {"id": KEY}))

    assert (called, len(answers)) == ([("1.1.1.1", 443)], 1)


def test_a_host_with_one_private_address_among_public_ones_is_not_called(monkeypatch):
    called = []
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_more: found)
    monkeypatch.setattr(socket, "create_connection", lambda *asked: called.append(asked))

    answer = send(OutgoingCall("https://mixed.example/", KEY, {"id": KEY}))

    assert (answer, called) == (Answer(None, CallFault.UNREACHABLE), [])


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
