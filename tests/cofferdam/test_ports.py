"""A taken port is stepped around; when all are taken, the refusal names them."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from cofferdam.ports import HOST, free_port
from ledger.kernel.errors import Unavailable


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_stepped_around(taken: int):
    assert taken < free_port(taken) <= taken + 50


def test_a_port_that_is_meant_for_somebody_else_is_stepped_around(taken: int):
    first = free_port(taken)

    assert free_port(taken, apart_from=frozenset({first})) > first


def test_when_all_are_taken_the_refusal_names_them():
    with ExitStack() as stack:
        start = 42_000
        for port in range(start, start + 51):
            listener = stack.enter_context(socket.socket())
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, port))
            listener.listen()

        with pytest.raises(Unavailable, match="42000 to 42050"):
            free_port(start)
