"""The checks of a process: whether it lives, whether it is ready for requests, and how the regular operations went.

They name no book, and are answered to anybody.
"""

import asyncio
import time
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import orjson
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from api.context import Committers
from ledger.kernel.clock import system_clock
from ledger.kernel.operations import standings
from ledger.kernel.settings import Settings
from ledger.kernel.version import VERSION
from ledger.kernel.waiting import run_waiting
from ledger.kernel.work import read
from ledger.migrations.upgrade import current_revision, newest_revision

_SECONDS: Final = 1
"""The age up to which an answer is given again: it costs a statement, and anybody may ask."""

_ANYTHING: Final = sa.text("SELECT 1")


class Health:
    """Answers for one process: everybody gets the answer of the last second."""

    def __init__(
        self, engine: sa.Engine, settings: Settings | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._settings, self._clock = engine, settings, clock
        self._lock = asyncio.Lock()
        self._found: dict[str, Any] = {}
        self._found_at = float("-inf")

    async def found(self) -> dict[str, Any]:
        """Return `{"ok": …, "version": …}`; with settings also `"operations"`."""
        async with self._lock:
            if self._clock() - self._found_at >= _SECONDS:
                self._found = await run_waiting(health, self._engine)
                if self._settings is not None:
                    self._found["operations"] = await asyncio.to_thread(operations, self._settings)
                self._found_at = self._clock()
            return self._found


class Readiness:
    """Answers whether this process takes requests: not if it ends, or if the store does not answer as it should."""

    def __init__(
        self, engine: sa.Engine, committers: Committers, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._committers, self._clock = engine, committers, clock
        self._lock = asyncio.Lock()
        self._stands, self._found_at = False, float("-inf")
        self.is_ending = False

    async def answer(self, _request: Request) -> Response:
        """Answer 200 or 503 with `{"ready": …}`; the look at the store is at most a second old."""
        async with self._lock:
            if self._clock() - self._found_at >= _SECONDS:
                self._stands = await asyncio.to_thread(_stands, self._engine)
                self._found_at = self._clock()
        is_ready = self._stands and self._committers.are_alive and not self.is_ending
        return Response(orjson.dumps({"ready": is_ready}), 200 if is_ready else 503, media_type="application/json")


def health(engine: sa.Engine) -> dict[str, Any]:
    """Ask the database for anything."""
    try:
        with read(engine) as reader:
            reader.connection.execute(_ANYTHING)
    except sa.exc.OperationalError:
        return {"ok": False, "version": VERSION, "says": "the database does not answer"}
    return {"ok": True, "version": VERSION}


def operations(settings: Settings) -> list[dict[str, Any]]:
    """List the regular operations with their last success; `doctor` shows why one failed, as that may name people."""
    now = system_clock()
    return [
        {
            "name": each.name,
            "succeededAt": each.succeeded_at,
            "failed": each.has_failed,
            "lateSeconds": int(each.late(now).total_seconds()),
        }
        for each in standings(settings)
    ]


def _stands(engine: sa.Engine) -> bool:
    """Return whether the store answers, with the schema that this code needs."""
    try:
        with read(engine) as reader:
            return current_revision(reader.connection) == _needed_revision()
    except sa.exc.SQLAlchemyError:
        return False


@cache
def _needed_revision() -> str | None:
    return newest_revision()
