"""Calls over real HTTP and TLS: to checked addresses alone, kept alive, within a bounded time, whatever a peer does."""

import asyncio
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from api import outbound_addresses, outbound_calls
from api.outbound_calls import OutgoingCall, Transport
from ledger.outbox.calls import Answer
from ledger.outbox.records import CallFault
from tests.faults.peers import Peer, Way, peer

KEY = "cal_" + "1" * 32
BODY = json.dumps({"id": KEY}).encode()


@pytest.fixture
def other():
    with peer() as told:
        yield told


def _send(*addresses: str, **transport) -> list[Answer]:
    async def sent() -> list[Answer]:
        async with Transport(**transport) as way:
            return [await way.send(OutgoingCall(each, {"webhook-id": KEY}, BODY)) for each in addresses]

    return asyncio.run(sent())


def _sent(told: Peer, way: Way) -> Answer:
    told.way = way
    (answer,) = _send(told.address)
    return answer


@pytest.mark.parametrize(
    ("way", "answer"),
    [
        (Way.WELL, Answer(200)),
        (Way.ANSWERS_TWICE, Answer(200)),
        (Way.FAILS, Answer(503, CallFault.REFUSED)),
        (Way.REDIRECTS, Answer(302, CallFault.REFUSED)),
        (Way.FLOODS, Answer(200)),
        (Way.BREAKS_OFF, Answer(200)),
    ],
)
def test_an_answer_of_2xx_is_a_receipt_and_nothing_else_is(other, way, answer):
    assert _sent(other, way) == answer
    assert other.got == [(KEY, {"id": KEY})]


def test_calls_to_one_address_share_a_connection(other):
    answers = _send(*[other.address] * 3)

    assert (answers, len(other.connections)) == ([Answer(200)] * 3, 1)


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


@contextmanager
def counting_sockets(monkeypatch) -> Iterator[list[object]]:
    """Sockets that listen on loopback and in the sandbox, and every connection that is begun to anywhere."""
    begun: list[object] = []

    class Counted(socket.socket):
        def connect(self, address):
            begun.append(address)
            super().connect(address)

        def connect_ex(self, address):
            begun.append(address)
            return super().connect_ex(address)

    monkeypatch.setattr(outbound_addresses.socket, "socket", Counted)
    yield begun


@pytest.mark.parametrize(
    "origin", [f"https://{host}" for host in HOSTILE] + [f"http://{host}" for host in HOSTILE[2:-2]]
)
def test_a_hostile_address_gets_no_connection(origin, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listening, counting_sockets(monkeypatch) as begun:
        listening.settimeout(0.05)
        answers = _send(f"{origin}:{listening.getsockname()[1]}/")
        with pytest.raises(TimeoutError):
            listening.accept()

    assert (answers, begun) == ([Answer(None, CallFault.UNREACHABLE)], [])


def test_a_redirect_to_a_private_address_is_not_followed(other):
    with peer() as inside:
        other.redirects_to = inside.address
        answer = _sent(other, Way.REDIRECTS)

    assert (answer.status, inside.got) == (302, [])


def test_a_host_that_leads_elsewhere_at_its_second_look_up_gets_no_connection(monkeypatch):
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    connected: list[object] = []
    monkeypatch.setattr(outbound_addresses, "_addresses", lambda _host, _port: answers.pop(0))

    def refused(_addresses, info):
        connected.append(info[4][0])
        raise ConnectionRefusedError

    monkeypatch.setattr(outbound_addresses.CheckedAddresses, "open_socket", refused)
    _send("https://rebinds.example/", "https://rebinds.example/")

    assert (connected, answers) == (["93.184.216.34"], [])


def test_a_host_with_one_private_address_among_public_ones_is_not_called(monkeypatch):
    monkeypatch.setattr(outbound_addresses, "_addresses", lambda *_asked: ["1.1.1.1", "10.0.0.1"])
    with counting_sockets(monkeypatch) as begun:
        (answer,) = _send("https://mixed.example/")

    assert (answer, begun) == (Answer(None, CallFault.UNREACHABLE), [])


def test_only_a_sandbox_calls_private_hosts_over_plain_http(other, monkeypatch):
    monkeypatch.setattr(outbound_addresses, "_addresses", lambda *_asked: ["127.0.0.1"])
    inside = other.address.replace("127.0.0.1", "hook.internal")

    assert _send(inside) == [Answer(None, CallFault.UNREACHABLE)]
    assert _send(inside, calls_private=True) == [Answer(200)]


@pytest.mark.parametrize("way", [Way.HANGS, Way.DRIPS])
def test_a_peer_that_hangs_or_drips_is_left_when_the_time_is_over(other, way, monkeypatch):
    monkeypatch.setattr(outbound_calls, "SECONDS_MAX", 0.5)
    began = time.monotonic()

    answer = _sent(other, way)

    assert answer == Answer(None, CallFault.TIMEOUT)
    assert time.monotonic() - began < 5


def test_a_look_up_that_hangs_counts_to_the_time_of_the_call(monkeypatch):
    monkeypatch.setattr(outbound_calls, "SECONDS_MAX", 0.2)
    ends = threading.Event()
    monkeypatch.setattr(outbound_addresses, "_addresses", lambda *_asked: ends.wait(30) and [])

    try:
        (answer,) = _send("https://slow.example/")
    finally:
        ends.set()

    assert answer == Answer(None, CallFault.TIMEOUT)


def test_a_peer_that_is_not_there_is_unreachable():
    with peer() as told:
        address = told.address

    assert _send(address) == [Answer(None, CallFault.UNREACHABLE)]


def test_over_tls_the_certificate_must_name_the_host_and_be_trusted(tmp_path, monkeypatch):
    monkeypatch.setattr(outbound_calls, "is_public", lambda address: ip_address(address).is_loopback)
    server, trusting = _certified("localhost", tmp_path)
    with peer(server) as told:
        well = _send(told.address, told.address, tls=trusting)
        by_address = _send(told.address.replace("localhost", "127.0.0.1"), tls=trusting)
        untrusted = _send(told.address)

    assert well == [Answer(200)] * 2
    assert by_address == untrusted == [Answer(None, CallFault.UNREACHABLE)]
    assert (len(told.got), len(told.connections)) == (2, 1)


def _certified(host, folder) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for a host, and the context of a client that trusts it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "cert.pem").write_bytes(certificate)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cadata=certificate.decode())
