"""Sessions: login tokens that each open one session, and the open sessions.

Each is a random secret whose SHA-256 names an empty file under the home: a reader of the folder learns no secret, and a
writer of the folder controls the home anyway. Using a token removes its file, which succeeds once.
"""

import hashlib
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ledger.kernel.clock import Clock, system_clock

TOKEN_LASTS: Final = timedelta(hours=1)
"""The validity of a printed login address."""

SESSION_LASTS: Final = timedelta(hours=12)
"""The length of a browser's session."""


class Sessions:
    """The tokens and sessions under one folder, shared by all processes of the installation."""

    def __init__(self, folder: Path, *, clock: Clock = system_clock) -> None:
        self._folder, self._clock = folder, clock

    def new_token(self) -> str:
        """Create a login token; deletes expired ones."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        self._clear()
        return self._new("token")

    def begin(self, token: str) -> str | None:
        """Exchange a token for the secret of a new session; None if it is used, expired or unknown."""
        return self._new("session") if self._take(self._path("token", token)) else None

    def knows(self, secret: str) -> bool:
        """Return whether the secret belongs to a session that has not expired."""
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
