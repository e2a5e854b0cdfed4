"""Detector of alerts: failures, late operations, and successes that end either, also across restarts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from cofferdam.alerts.records import Alert, Trouble
from cofferdam.alerts.state import AlertState
from ledger.kernel.clock import Clock
from ledger.kernel.operations import Standing, failures, standings
from ledger.kernel.settings import Settings


class Detector:
    """Detects each failure once, each late operation once, and the success that ends either.

    What was detected is noted in the state. An operation is late at the earliest after its interval from the start of
    the process, because nothing ran before.
    """

    def __init__(self, settings: Settings, state: AlertState, *, clock: Clock) -> None:
        self._settings, self._state, self._clock = settings, state, clock
        self._began: Final = clock()
        self._late: Final[set[str]] = set()

    def look(self) -> Iterator[Alert]:
        """Yield the alerts that are new."""
        for name, at, why in failures(self._settings):
            if self._state.seen.get(name) != at:
                self._state.seen[name] = at
                self._state.troubled.add(name)
                yield Alert(name, Trouble.FAILED, at, why)
        for each in standings(self._settings):
            yield from self._about(each)

    def _about(self, operation: Standing) -> Iterator[Alert]:
        """Yield whether an operation has just grown late, or succeeded again."""
        name, now = operation.name, self._clock()
        last = (
            f"it last succeeded {operation.succeeded_at:%F %R} UTC" if operation.succeeded_at else "it never succeeded"
        )
        if min(operation.late(now), now - self._began - operation.every) > timedelta():
            if name not in self._late:
                self._late.add(name)
                self._state.troubled.add(name)
                yield Alert(name, Trouble.LATE, now, last)
            return
        self._late.discard(name)
        if name in self._state.troubled and operation.is_well(now):
            self._state.troubled.discard(name)
            yield Alert(name, Trouble.RESOLVED, now, last)
