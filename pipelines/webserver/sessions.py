"""Sessions: login tokens that open one session each, and the sessions that they opened.

Each is a random secret whose SHA-256 names an empty file under the home: who reads the folder learns no secret, and
who may write there has the home anyway. To take a token is to remove its file, which succeeds once.
"""

import hashlib
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ledger.kernel.clock import Clock, system_clock

TOKEN_LASTS: Final = timedelta(hours=1)
"""How long a printed address opens a session."""

SESSION_LASTS: Final = timedelta(hours=12)
"""How long a browser stays logged in."""


class Sessions:
    """The tokens and sessions under one folder, which any process of the installation may open."""

    def __init__(self, folder: Path, *, clock: Clock = system_clock) -> None:
        self._folder, self._clock = folder, clock

    def new_token(self) -> str:
        """Make a login token; what has run out is cleared away."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        self._clear()
        return self._new("token")

    def begin(self, token: str) -> str | None:
        """Take a token for the secret of a new session; None for one that was taken, has run out, or never was."""
        return self._new("session") if self._take(self._path("token", token)) else None

    def knows(self, secret: str) -> bool:
        """Whether the secret is that of a session that lasts."""
        return self._lasts(self._path("session", secret), SESSION_LASTS)

    def _take(self, path: Path) -> bool:
        lasts = self._lasts(path, TOKEN_LASTS)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        return lasts

    def _new(self, kind: str) -> str:
        secret = secrets.token_urlsafe(32)
        path = self._path(kind, secret)
        path.touch(mode=0o600)
        now = self._clock().timestamp()
        os.utime(path, (now, now))
        return secret

    def _clear(self) -> None:
        for kind, lasts in (("token", TOKEN_LASTS), ("session", SESSION_LASTS)):
            for path in self._folder.glob(f"{kind}-*"):
                if not self._lasts(path, lasts):
                    path.unlink(missing_ok=True)

    def _lasts(self, path: Path, lasts: timedelta) -> bool:
        try:
            began = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return False
        return self._clock() - began < lasts

    def _path(self, kind: str, secret: str) -> Path:
        return self._folder / f"{kind}-{hashlib.sha256(secret.encode(errors='surrogateescape')).hexdigest()}"
