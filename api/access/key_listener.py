"""The listener for changes of API keys: a thread on a connection of its own.

It asks twice a second for an answer, so that a dead connection is not taken for silence.
"""

import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

import psycopg
import sqlalchemy as sa

from ledger.journal.journal import driver
from ledger.kernel.background import BackgroundThread
from ledger.tenancy.key_grants import CHANNEL
from ledger.tenancy.records import ApiKeyId

_BEAT_SECONDS: Final = 0.4
_SILENCE_SECONDS_MAX: Final = 1.0
_FAULTS: Final = (sa.exc.SQLAlchemyError, psycopg.Error)


class KeyListener(BackgroundThread):
    """Calls `changed` with the id of each key that changed, and with None whenever it may have missed a change."""

    def __init__(
        self,
        engine: sa.Engine,
        changed: Callable[[ApiKeyId | None], None],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine: Final = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._changed, self._monotonic = changed, monotonic
        self._heard_at: float | None = None
        super().__init__("key-listener")

    @property
    def is_alive(self) -> bool:
        """Return whether the connection answered within the last second, so that no change is older than that."""
        heard_at = self._heard_at
        return heard_at is not None and self._monotonic() - heard_at <= _SILENCE_SECONDS_MAX

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._listen()
            except _FAULTS:
                self._ended.wait(_BEAT_SECONDS)  # the store is unavailable: connect again after a pause
            finally:
                self._heard_at = None
                self._changed(None)

    def _listen(self) -> None:
        with self._engine.connect() as connection:
            try:
                raw = driver(connection)
                raw.execute(f"LISTEN {CHANNEL}")
                self._changed(None)
                while not self._ended.is_set():
                    self._beat(raw)
            finally:
                connection.invalidate()  # otherwise it would keep listening in the pool

    def _beat(self, raw: psycopg.Connection[tuple[object, ...]]) -> None:
        asked_at = self._monotonic()
        raw.execute("SELECT 1")
        self._heard_at = asked_at
        for each in raw.notifies(timeout=_BEAT_SECONDS, stop_after=1):
            self._changed(_key_in(each.payload))


def _key_in(payload: str) -> ApiKeyId | None:
    """Return the id in a notification, or None if it has none: anybody on the server may send one."""
    try:
        return ApiKeyId(UUID(payload))
    except ValueError:
        return None
