"""Principals: remembers for a moment whom a key belongs to."""

import hashlib
import time
from typing import Final

import sqlalchemy as sa

from ledger.kernel.work import read
from ledger.tenancy.api_keys import Principal, authenticate

_SECONDS: Final = 1


class Principals:
    """The principals of keys that were used within the last second."""

    def __init__(self, readers: sa.Engine, *, pepper: bytes) -> None:
        self._readers, self._pepper = readers, pepper
        self._known: dict[bytes, tuple[float, Principal]] = {}

    def known(self, key: str) -> Principal | None:
        """Return the principal of a key, if it is remembered."""
        since, principal = self._known.get(hashlib.sha256(key.encode()).digest(), (0.0, None))
        return principal if time.monotonic() - since < _SECONDS else None

    def resolve(self, key: str) -> Principal | None:
        """Ask the store for the principal of a key, and remember it; None if the key is not valid."""
        with read(self._readers) as reader:
            principal = authenticate(reader.connection, key, pepper=self._pepper)
        if principal is not None:
            self._known[hashlib.sha256(key.encode()).digest()] = time.monotonic(), principal
        return principal
