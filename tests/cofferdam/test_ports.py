"""A taken port is stepped around; when all are taken, the refusal names them."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from cofferdam.runtime.ports import HOST, held_port, is_free
from ledger.kernel.errors import Unavailable


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_stepped_around(taken: int):
    with held_port(taken) as listener:
        assert taken < listener.getsockname()[1] <= taken + 50


def test_a_port_that_was_found_is_held_so_that_whoever_looks_next_gets_another(taken: int):
    with held_port(taken) as first, held_port(taken) as second:
        assert first.getsockname()[1] < second.getsockname()[1]
        assert not is_free(first.getsockname()[1])


def test_two_who_look_at_the_same_moment_never_get_the_same_port(taken: int):
    with ThreadPoolExecutor(8) as pool:
        listeners = list(pool.map(held_port, [taken] * 40))

    ports = {listener.getsockname()[1] for listener in listeners}
    for listener in listeners:
        listener.close()
    assert len(ports) == 40


def test_when_all_are_taken_the_refusal_names_them(taken: int):
    with ExitStack() as stack:
        with suppress(Unavailable):
            while True:  # whoever else has one of them has it taken too
                stack.enter_context(held_port(taken))

        with pytest.raises(Unavailable, match=f"{taken} to {taken + 50}"):
            held_port(taken)
