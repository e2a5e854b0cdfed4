"""Principals that are remembered by the hash of their key's text, and forgotten as soon as a key changes.

Nothing is trusted beyond what the listener has heard: while it has no connection, nothing is known.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from api.access.key_listener import KeyListener
from api.access.refusals import TokenRevoked, Unauthenticated
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.work import read
from ledger.tenancy.api_keys import Principal, authenticate, principal_of
from ledger.tenancy.key_texts import parsed_key
from ledger.tenancy.records import ApiKeyId

_REMEMBERED_MAX: Final = 10_000
_AGE_SECONDS_MAX: Final = 30.0


@dataclass(frozen=True, slots=True)
class _Remembered:
    principal: Principal
    read_at: float


class Principals:
    """The principals of working keys; `start` listens for changes until `close`.

    A key that was revoked is unknown again as soon as its notification arrives, and within a second if the connection
    that would bring it is dead. Any number of processes may remember the same key.
    """

    def __init__(
        self,
        engine: sa.Engine,
        readers: sa.Engine,
        *,
        pepper: bytes,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take `readers`, an engine whose connections have the role of a partner's reader."""
        self._engine, self._readers, self._pepper = engine, readers, pepper
        self._clock, self._monotonic = clock, monotonic
        self._lock: Final = threading.Lock()
        self._remembered: Final[OrderedDict[bytes, _Remembered]] = OrderedDict()
        self._met: Final[OrderedDict[bytes, None]] = OrderedDict()
        self._changes = 0
        self._listener: Final = KeyListener(readers, self._forget, monotonic=monotonic)

    def start(self) -> None:
        """Listen for changes of keys; nothing is remembered before."""
        self._listener.start()

    def close(self) -> None:
        """End the listener; nothing is known from then on."""
        self._listener.close()
        self._forget(None)

    def known(self, key_text: str) -> Principal | None:
        """Return the principal of a key that is remembered, or None; never waits."""
        return self._fresh(_digest(key_text))

    def has_met(self, key_text: str) -> bool:
        """Return whether the key worked before in this process, whatever became of it since."""
        return _digest(key_text) in self._met

    def known_by_id(self, key_id: ApiKeyId) -> Principal | None:
        """Return the principal of a key's id that is remembered, or None; never waits."""
        return self._fresh(key_id.bytes)

    def resolve(self, key_text: str) -> Principal:
        """Read the principal of a key from the store, and remember it. Raises `Unauthenticated`.

        A key that does not work is not remembered: it may be issued in the next moment.
        """
        if parsed_key(key_text) is None:
            raise _unknown()

        def authenticated() -> Principal | None:
            with read(self._readers) as reader:
                return authenticate(reader.connection, key_text, pepper=self._pepper)

        found = self._read(_digest(key_text), authenticated)
        if found is None:
            raise _unknown()
        return found

    def resolve_by_id(self, key_id: ApiKeyId) -> Principal:
        """Read the principal of a key's id, for a token that stands for the key. Raises `TokenRevoked`."""

        def found_by_id() -> Principal | None:
            with read(self._engine) as reader:
                return principal_of(reader.connection, key_id)

        found = self._read(key_id.bytes, found_by_id)
        if found is None:
            raise TokenRevoked("the API key of this token was revoked, or has expired")
        return found

    def _fresh(self, name: bytes) -> Principal | None:
        found = self._remembered.get(name)
        if found is None or not self._listener.is_alive:
            return None
        if self._monotonic() - found.read_at > _AGE_SECONDS_MAX:
            return None
        ends = found.principal.expires_at
        return None if ends is not None and ends <= self._clock() else found.principal

    def _read(self, name: bytes, read_principal: Callable[[], Principal | None]) -> Principal | None:
        """Read a principal and remember it; once more if the pooled connection had died since its last use."""
        before, read_at = self._changes, self._monotonic()
        try:
            principal = read_principal()
        except sa.exc.OperationalError as fault:
            if not fault.connection_invalidated:
                raise
            principal = read_principal()
        if principal is not None:
            self._remember(name, _Remembered(principal, read_at), before)
        return principal

    def _remember(self, name: bytes, found: _Remembered, before: int) -> None:
        """Remember a principal, unless a key changed since it was read: it may have been this one."""
        with self._lock:
            self._met[name] = None
            if len(self._met) > _REMEMBERED_MAX:
                self._met.popitem(last=False)
            if self._changes == before and self._listener.is_alive:
                self._remembered[name] = found
                self._remembered.move_to_end(name)
                if len(self._remembered) > _REMEMBERED_MAX:
                    self._remembered.popitem(last=False)

    def _forget(self, key_id: ApiKeyId | None) -> None:
        """Forget a key that changed, or all of them."""
        with self._lock:
            self._changes += 1
            for name, each in list(self._remembered.items()):
                if key_id in (None, each.principal.api_key_id):
                    del self._remembered[name]


def _unknown() -> Unauthenticated:
    return Unauthenticated("this API key is unknown, or was revoked")


def _digest(key_text: str) -> bytes:
    return sha256(key_text.encode()).digest()
