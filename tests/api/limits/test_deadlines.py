"""Work ends with its deadline, and with its client."""

import asyncio
import logging
import socket
import time

import pytest
from starlette.requests import ClientDisconnect

from api.limits.deadlines import UNWATCHED_SECONDS, attended
from api.limits.refusals import DeadlineExceeded
from tests.api.limits.test_fair_queue import in_loop

WATCHED_SECONDS = 2 * UNWATCHED_SECONDS
"""The time after which a client is watched for certain."""


async def staying():
    await asyncio.sleep(600)


async def leaving():
    return {"type": "http.disconnect"}


@in_loop
async def test_work_that_ends_in_time_gives_its_value_before_and_while_its_client_is_watched():
    assert await attended(asyncio.sleep(0, "at once"), staying) == "at once"
    assert await attended(asyncio.sleep(WATCHED_SECONDS, "done"), staying) == "done"


@in_loop
async def test_work_ends_when_its_time_is_over_and_the_task_lives_on():
    with pytest.raises(DeadlineExceeded) as refused:
        await attended(staying(), staying, 0.01)

    assert refused.value.status == 504
    await asyncio.sleep(0)


@in_loop
async def test_work_ends_when_its_client_goes_away_and_the_task_lives_on():
    with pytest.raises(ClientDisconnect):
        await attended(staying(), leaving)

    await asyncio.sleep(0)


@in_loop
async def test_a_fault_of_the_work_is_raised_as_it_is():
    async def broken():
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        await attended(broken(), staying)


@in_loop
async def test_a_task_that_is_cancelled_from_outside_stays_cancelled():
    task = asyncio.create_task(attended(staying(), staying))
    await asyncio.sleep(WATCHED_SECONDS)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


@in_loop
async def test_work_that_ends_in_spite_of_it_gives_its_value_though_the_client_left():
    async def stubborn():
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            return "committed"

    assert await attended(stubborn(), leaving) == "committed"
    await asyncio.sleep(0)


def test_a_deadline_is_answered_and_the_connection_serves_the_next_request(site):
    with site.connect() as client:
        client.sendall(b"GET /work?seconds=0.1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 504 " in client.recv(1000)

        client.sendall(b"GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"quick" in client.recv(1000)

    assert site.ended == ["work ended"]


@pytest.mark.parametrize("request_", [
    b"GET /work?seconds=600 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /work?seconds=600 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /work?seconds=600 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
], ids=["get", "post", "chunked"])  # fmt: skip
def test_a_client_that_goes_away_ends_its_work_without_a_traceback(site, request_, caplog):
    with caplog.at_level(logging.WARNING):
        with site.connect() as client:
            client.sendall(request_)
            time.sleep(WATCHED_SECONDS)  # the request has begun, and its client is watched
        eventually(lambda: len(site.ended) == 2)

    assert site.ended == ["work ended", "client left"]
    assert caplog.text == ""


def test_half_a_header_is_not_kept(site):
    with site.connect() as silent, site.connect() as half:
        half.sendall(b"GET /quick HTTP/1.1\r\nHost:")

        assert closed(silent)
        assert closed(half)


def test_half_a_header_is_not_kept_after_an_answer_though_a_byte_comes_now_and_then(site):
    with site.connect() as client:
        client.sendall(b"GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"quick" in client.recv(1000)

        assert any(_sends_and_is_closed(client, byte) for byte in b"GET /" + b"x" * 100)


def test_work_is_not_cut_off_by_the_bound_of_headers(site):
    with site.connect() as client:
        client.sendall(b"GET /work?seconds=1 HTTP/1.1\r\nHost: x\r\n\r\n")

        assert b" 504 " in client.recv(1000)


def test_an_answer_that_nobody_reads_is_not_kept(site):
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", site.port))
        client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1)
        client.settimeout(20)

        received = 0
        try:
            while chunk := client.recv(1_000_000):
                received += len(chunk)
        except ConnectionError:
            pass

    assert received < 30_000_000


@pytest.mark.parametrize("lengths", [
    b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
    b"Content-Length: 2\r\nContent-Length: 3\r\n",
])  # fmt: skip
def test_a_body_of_two_lengths_is_refused(site, lengths):
    with site.connect() as client:
        client.sendall(b"POST /quick HTTP/1.1\r\nHost: x\r\n" + lengths + b"\r\n2\r\n{}\r\n0\r\n\r\n")

        assert b" 400 " in client.recv(1000)
        assert closed(client)


def _sends_and_is_closed(client: socket.socket, byte: int) -> bool:
    try:
        client.sendall(bytes([byte]))
    except ConnectionError:
        return True
    return closed(client, 0.05)


def closed(client: socket.socket, seconds: float = 20) -> bool:
    """Whether the server closes the connection within the time."""
    client.settimeout(seconds)
    try:
        while client.recv(1000):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def eventually(holds) -> None:
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it never held")
