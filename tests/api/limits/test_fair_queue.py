"""Requests run in turn over the partners, so that whoever sends many waits for its own."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.limits.fair_queue import FairQueue
from api.limits.refusals import QueueFull


class Work:
    """Requests that run until they are let go, and the order in which they began."""

    def __init__(self, queue: FairQueue) -> None:
        self.queue, self.began, self.gates, self.tasks = queue, [], {}, {}

    async def ask(self, name: str) -> None:
        """Begin a request named for its partner, such as `a1`."""
        self.gates[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._run(name))
        await settled()

    async def finish(self, name: str) -> None:
        self.gates[name].set()
        await self.tasks[name]
        await settled()

    async def cancel(self, name: str) -> None:
        self.tasks[name].cancel()
        await asyncio.gather(self.tasks[name], return_exceptions=True)
        await settled()

    async def _run(self, name: str) -> None:
        async with self.queue.turn(name[0]):
            self.began.append(name)
            await self.gates[name].wait()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def queue(at_once: int = 2, at_once_each: int = 1, waiting_each: int = 10) -> FairQueue:
    return FairQueue(at_once=at_once, at_once_each=at_once_each, waiting_each=waiting_each)


def in_loop(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    def run() -> None:
        asyncio.run(test())

    run.__name__ = test.__name__
    return run


@in_loop
async def test_a_partner_with_many_requests_leaves_room_for_another():
    work = Work(queue(at_once=2, at_once_each=1))
    for name in ("a1", "a2", "a3"):
        await work.ask(name)

    await work.ask("b1")

    assert work.began == ["a1", "b1"]


@in_loop
async def test_those_that_wait_are_taken_in_turn_over_the_partners_and_the_oldest_first():
    work = Work(queue(at_once=1))
    for name in ("a1", "a2", "a3", "b1", "b2", "c1"):
        await work.ask(name)

    for name in ("a1", "a2", "b1", "c1", "a3", "b2"):
        await work.finish(name)

    assert work.began == ["a1", "a2", "b1", "c1", "a3", "b2"]


@in_loop
async def test_a_line_that_is_full_refuses_its_partner_and_nobody_else():
    work = Work(queue(at_once=1, waiting_each=2))
    for name in ("a1", "a2", "a3", "a4", "b1"):
        await work.ask(name)

    with pytest.raises(QueueFull) as refused:
        await work.tasks["a4"]

    assert refused.value.headers == {"Retry-After": "1"}
    assert (work.queue.count_waiting("a"), work.queue.count_waiting("b")) == (2, 1)
    for name in ("a1", "a2", "b1", "a3"):
        await work.finish(name)


@in_loop
async def test_a_request_that_is_cancelled_while_it_waits_leaves_the_line():
    work = Work(queue(at_once=1))
    for name in ("a1", "a2", "b1"):
        await work.ask(name)

    await work.cancel("a2")
    await work.finish("a1")

    assert work.began == ["a1", "b1"]
    assert work.queue.count_waiting("a") == 0


@in_loop
async def test_a_request_that_is_cancelled_while_it_runs_lets_the_next_one_run():
    work = Work(queue(at_once=1))
    await work.ask("a1")
    await work.ask("b1")

    await work.cancel("a1")

    assert work.began == ["a1", "b1"]


@in_loop
async def test_a_request_that_is_cancelled_in_the_moment_it_may_run_takes_no_place():
    work = Work(queue(at_once=1))
    await work.ask("a1")
    await work.ask("a2")
    await work.ask("b1")

    work.gates["a1"].set()
    await asyncio.sleep(0)  # a1 ends, and a2 may run
    work.tasks["a2"].cancel()
    await settled()

    assert work.began[-1] == "b1"
    assert work.queue.count_running() == 1


@given(
    steps=st.lists(st.tuples(st.sampled_from(["ask", "finish", "cancel"]), st.sampled_from("abc"), st.integers(0, 9))),
    at_once=st.integers(1, 4),
    each=st.integers(1, 4),
)
def test_whatever_happens_no_bound_is_exceeded_and_no_place_is_lost(steps, at_once, each):
    async def play() -> None:
        fair = queue(at_once, min(each, at_once), 3)
        work = Work(fair)
        for number, (step, partner, place) in enumerate(steps):
            alive = [name for name, task in work.tasks.items() if not task.done()]
            if step == "ask":
                await work.ask(f"{partner}{number}")
            elif alive and step == "cancel":
                await work.cancel(alive[place % len(alive)])
            elif alive:
                work.gates[alive[place % len(alive)]].set()
                await settled()
            running = [name for name in work.began if not work.tasks[name].done()]
            assert fair.count_running() == len(running) <= at_once
            assert all(sum(name[0] == of for name in running) <= min(each, at_once) for of in "abc")
            waits = [of for of in "abc" if fair.count_waiting(of)]
            assert len(running) == at_once or all(
                sum(name[0] == of for name in running) == min(each, at_once) for of in waits
            )
        for name in list(work.tasks):
            work.gates[name].set()
        await asyncio.gather(*work.tasks.values(), return_exceptions=True)
        assert fair.count_running() == 0

    asyncio.run(play())
