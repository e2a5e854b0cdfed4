"""The health check: tells whether the API can serve, and how the regular operations went; it names no book."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from ledger.kernel.clock import system_clock
from ledger.kernel.operations import standings
from ledger.kernel.settings import Settings
from ledger.kernel.version import VERSION
from ledger.kernel.waiting import run_waiting
from ledger.kernel.work import read

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
