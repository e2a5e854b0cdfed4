"""The clock of a sandbox in the schema: what it shows, and the mutation that moves it forward."""

import asyncio
import time
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.columns import ACTOR, BOOK, Shown
from api.graphql.mistakes import Mistakes
from api.graphql.scalars import Position
from api.graphql.validation import IdempotencyKey
from ledger.flows.registry import TIMERS
from ledger.kernel import errors
from ledger.kernel.clock import system_clock
from ledger.kernel.texts import checked_text
from ledger.kernel.waiting import wait
from ledger.kernel.work import Reader, Work
from ledger.sandboxes.clocks import Advance, advance_at, advance_clock, clock_of
from ledger.sandboxes.errors import SandboxOnly
from ledger.sandboxes.records import SandboxClockAdvance
from ledger.timers.timers import Due, due

SHOWN: Final = {
    SandboxClockAdvance: Shown(
        ("AdvancedSandboxClock",),
        {"seq": "position", "moved_from_at": "moved_from", "moved_to_at": "moved_to"},
        {
            "book_id": BOOK,
            "partner_id": "it is always the caller",
            "recorded_at": "the clock itself says when it was moved",
            "ahead_us": "the clock shows by how much it is ahead, in seconds",
            "actor": ACTOR,
        },
    )
}

_WAIT_SECONDS: Final = 3.0
_LOOK_SECONDS: Final = 0.05


@strawberry.enum
class TimerKind(Enum):
    """A kind of deadline."""

    vars().update(
        {
            each.kind.upper(): strawberry.enum_value(
                each.kind, description=" ".join((each.record.__doc__ or "").split("\n\n")[0].split())
            )
            for each in TIMERS
        }
    )


@strawberry.type
class SandboxClock:
    """The clock of your sandbox: it runs as fast as real time, and you move it forward."""

    now: datetime = strawberry.field(description="The instant that it shows.")
    ahead_seconds: int = strawberry.field(description="By how many whole seconds it is ahead of real time.")


@strawberry.type
class DueTimer:
    """Something of your sandbox that has fallen due and is still to be done."""

    kind: TimerKind = strawberry.field(description="The kind of deadline.")
    since: datetime = strawberry.field(description="The earliest instant, by the sandbox's clock.")


@strawberry.input
class AdvanceSandboxClockInput:
    """The move of the clock: one of the two."""

    by_seconds: int | None = strawberry.field(default=None, description="By how many seconds it moves forward.")
    to: datetime | None = strawberry.field(default=None, description="The instant to which it moves forward.")


@strawberry.type
class AdvancedSandboxClock(Success):
    """The clock was moved; what fell due has been done, apart from what is listed as still due."""

    moved_from: datetime = strawberry.field(description="What the clock showed before.")
    moved_to: datetime = strawberry.field(description="What it showed then; it runs on from there.")
    still_due: list[DueTimer] = strawberry.field(
        description="What is still due now, such as a webhook to an endpoint that does not answer; else empty."
    )


AdvanceSandboxClockResult = Annotated[
    AdvancedSandboxClock
    | refusals.WrongEnvironment
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable,
    strawberry.union("AdvanceSandboxClockResult", description="The move, or the reason why the clock stays."),
]


@strawberry.type
class SandboxClockQueries:
    """Queries of the clock of a sandbox."""

    @strawberry.field
    def sandbox_clock(self, info: strawberry.Info[Call, None]) -> SandboxClock | None:
        """Clock of your sandbox; null with a live key, since a live book goes by real time."""
        call = info.context
        if not call.principal.is_test:
            return None
        clock = clock_of(call.reader(), call.book_id, system_clock())
        return SandboxClock(now=clock.now_at, ahead_seconds=clock.ahead // timedelta(seconds=1))


@strawberry.type
class SandboxClockMutations:
    """Mutations of the clock of a sandbox."""

    @strawberry.mutation
    def advance_sandbox_clock(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[AdvanceSandboxClockInput, strawberry.argument(name="input", description="The move.")],
        idempotency_key: IdempotencyKey,
    ) -> AdvanceSandboxClockResult | None:
        """Move the clock of your sandbox forward, and have all done that falls due: holds expire, calls are made."""
        call = info.context
        by = None if wanted.by_seconds is None else timedelta(seconds=wanted.by_seconds)
        move = Advance(by, wanted.to)

        def do(work: Work) -> int:
            return advance_clock(work, call.book_id, call.principal.partner_id, move)

        try:
            mistakes = Mistakes()
            mistakes.read("idempotencyKey", checked_text, "idempotencyKey", idempotency_key)
            mistakes.refuse()
            if not call.principal.is_test:
                raise SandboxOnly("the clock of a live book cannot be moved; use a test key")
            done = call.once(idempotency_key, _content(wanted), do)
            call.post([])  # the holds that are due end with the next batch, which is this one
            left = _still_due(call)
            fact = advance_at(call.reader(), call.book_id, done.seq)
            return AdvancedSandboxClock(
                moved_from=fact.moved_from_at,
                moved_to=fact.moved_to_at,
                still_due=[DueTimer(kind=TimerKind(each.kind), since=each.since_at) for each in left],
                position=Position(done.seq),
                is_replay=done.is_replay,
            )
        except errors.Refusal as refusal:
            return refusals.shown_of_sandbox(refusal, "input")


def _still_due(call: Call) -> list[Due]:
    """Return what is due in the sandbox once the sweeper has had the time to end it."""
    until = time.monotonic() + _WAIT_SECONDS
    while (left := call.in_work(lambda work: _due(call, work))) and time.monotonic() < until:
        wait(asyncio.sleep(_LOOK_SECONDS))
    return left


def _due(call: Call, work: Work) -> list[Due]:
    return [each for each in due(Reader(work.connection), TIMERS, work.now) if each.book_id == call.book_id]


def _content(wanted: AdvanceSandboxClockInput) -> dict[str, object]:
    to = None if wanted.to is None else wanted.to.isoformat()
    return {"advanceSandboxClock": wanted.by_seconds, "to": to}
