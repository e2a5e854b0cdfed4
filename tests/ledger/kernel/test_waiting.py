"""Waiting: long work on an event loop gives way to what else is ready."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel import waiting
from ledger.kernel.waiting import give_way, run_waiting, wait


@pytest.fixture(autouse=True)
def every_slice_is_over(monkeypatch) -> None:
    """Let each function give way whenever it may."""
    monkeypatch.setattr(waiting, "_SLICE_NS", 0)


def test_work_that_is_not_over_its_slice_keeps_the_loop(monkeypatch):
    monkeypatch.setattr(waiting, "_SLICE_NS", 3_600_000_000_000)
    assert asyncio.run(_turns_during([50])) <= 2


def test_without_a_loop_nothing_happens():
    give_way()


async def _turns_during(lengths: list[int]) -> int:
    """Count the turns that another task has while functions work on so many items each."""
    working = [asyncio.ensure_future(run_waiting(_work, length)) for length in lengths]
    turns = 0
    while not all(each.done() for each in working):
        await asyncio.sleep(0)
        turns += 1
    return turns


def _work(items: int) -> None:
    for _ in range(items):
        give_way()


@given(lengths=st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_of_many_long_functions_one_continues_in_each_turn(lengths):
    assert asyncio.run(_turns_during(lengths)) >= sum(lengths)


def test_of_a_great_many_none_waits_for_all_others():
    assert asyncio.run(_turns_during([4] * 400)) < 400


def test_a_short_one_is_done_before_any_of_the_long_ones():
    ended: list[str] = []

    async def run() -> None:
        long = [asyncio.ensure_future(run_waiting(_note, ended, 100, "long")) for _ in range(8)]
        await asyncio.sleep(0)
        await run_waiting(lambda: (wait(asyncio.sleep(0)), ended.append("short")))
        await asyncio.gather(*long)

    asyncio.run(run())
    assert ended == ["short", *["long"] * 8]


def _note(ended: list[str], items: int, name: str) -> None:
    _work(items)
    ended.append(name)


def test_a_cancelled_one_holds_up_none_of_the_others():
    ended: list[str] = []

    async def run() -> None:
        stopped = asyncio.ensure_future(run_waiting(_note, ended, 1_000_000, "stopped"))
        others = [asyncio.ensure_future(run_waiting(_note, ended, 100, "other")) for _ in range(3)]
        await asyncio.sleep(0)
        stopped.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await stopped
        await asyncio.gather(*others)

    asyncio.run(run())
    assert ended == ["other"] * 3
