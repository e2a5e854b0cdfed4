"""Settings of the sign-in of operators: the identity provider that it trusts, and the address that operators open."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ledger.kernel.errors import InvalidInput

DEVELOPMENT_CLIENT: Final = "cofferdam-development"
"""The id under which the development sign-in of a sandbox knows the one installation that it serves."""

_ISSUER: Final = "COFFERDAM_OIDC_ISSUER"
_CLIENT: Final = "COFFERDAM_OIDC_CLIENT_ID"
_SECRET_FILE: Final = "COFFERDAM_OIDC_CLIENT_SECRET_FILE"  # noqa: S105  # the name of a variable
_ROLES: Final = "COFFERDAM_OIDC_ROLES_CLAIM"
_ORIGIN: Final = "COFFERDAM_ORIGIN"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_PLAIN: Final = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """An OpenID provider by its issuer, this installation's registration there, and the origin of its pages.

    Without a `secret_file` the client is a public one, which proves itself by PKCE alone. `roles_claim` names the claim
    of the ID token with the roles of an operator.
    """

    issuer: str
    client_id: str
    origin: str
    secret_file: Path | None = None
    roles_claim: str = "roles"

    @property
    def is_https(self) -> bool:
        """True if operators reach the pages over TLS."""
        return self.origin.startswith("https://")

    def environ(self) -> dict[str, str]:
        """Return the variables by which a child process reads the same settings."""
        told = {_ISSUER: self.issuer, _CLIENT: self.client_id, _ORIGIN: self.origin, _ROLES: self.roles_claim}
        return told if self.secret_file is None else {**told, _SECRET_FILE: str(self.secret_file)}

    def client_secret(self) -> str | None:
        """Read the secret of the client. Raises `InvalidInput`, which does not repeat it."""
        if self.secret_file is None:
            return None
        try:
            secret = self.secret_file.read_text("utf-8").strip()
        except (OSError, ValueError):
            secret = ""
        if _PLAIN.fullmatch(secret) is None:
            raise InvalidInput(f"{_SECRET_FILE}: {self.secret_file} holds no secret; write it there in one line")
        return secret


def oidc_settings(environ: Mapping[str, str]) -> OidcSettings | None:
    """Read the settings; None without an issuer. Raises `InvalidInput`."""
    issuer = environ.get(_ISSUER)
    if not issuer:
        return None
    _require_safe(_ISSUER, issuer)
    origin = environ.get(_ORIGIN, "").rstrip("/")
    _require_safe(_ORIGIN, origin)
    if urlsplit(origin)._replace(scheme="", netloc="").geturl():
        raise InvalidInput(f"{_ORIGIN} is {origin!r}, which has a path; write the scheme and the host alone")
    if not environ.get(_CLIENT):
        raise InvalidInput(f"{_CLIENT} is missing; write the id under which the provider knows this installation")
    file = environ.get(_SECRET_FILE)
    path = Path(file).expanduser().absolute() if file else None
    found = OidcSettings(issuer, environ[_CLIENT], origin, path, environ.get(_ROLES) or "roles")
    found.client_secret()
    return found


def _require_safe(name: str, url: str) -> None:
    """Raise `InvalidInput` unless a URL is encrypted, or does not leave this machine."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not (is_safe and parts.hostname and parts.username is None and not parts.query and not parts.fragment):
        raise InvalidInput(f"{name} is {url!r}; write an address such as https://login.example.com")
