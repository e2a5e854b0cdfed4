"""Settings of alerts: the addresses of a webhook and of a mail server, each optional."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from ledger.kernel.errors import InvalidInput

_WEBHOOK: Final = "COFFERDAM_ALERT_WEBHOOK"
_SMTP: Final = "COFFERDAM_ALERT_SMTP"
_FROM: Final = "COFFERDAM_ALERT_FROM"
_TO: Final = "COFFERDAM_ALERT_TO"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_MAILBOX: Final = re.compile(r"[^@\s,<>\"]+@[^@\s,<>\"]+")
_PORTS: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server: its host and port, whether TLS comes first (RFC 8314), and the login, if it needs one."""

    host: str
    port: int
    begins_with_tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def is_local(self) -> bool:
        """True if mail does not leave this machine on its way to the server."""
        return self.host in _LOOPBACK


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """The destinations of alerts: the URL of a webhook, which is a secret, and mailboxes with their mail server."""

    webhook_url: str | None = field(default=None, repr=False)
    mail_server: MailServer | None = None
    sender: str = ""
    recipients: tuple[str, ...] = ()


def alert_settings(environ: Mapping[str, str]) -> AlertSettings:
    """Read the settings. Raises `InvalidInput`, which repeats neither a password nor the webhook's path."""
    server = _mail_server(environ.get(_SMTP, ""))
    recipients = tuple(each.strip() for each in environ.get(_TO, "").split(",") if each.strip())
    sender = environ.get(_FROM, "") or (recipients[0] if recipients else "")
    if (server is None) != (not recipients):
        missing, standing = (_SMTP, _TO) if server is None else (_TO, _SMTP)
        raise InvalidInput(f"{standing} is set and {missing} is not; mail needs both")
    if wrong := [each for each in (sender, *recipients) if server and _MAILBOX.fullmatch(each) is None]:
        raise InvalidInput(f"{wrong[0]!r} is no mailbox; write {_TO} and {_FROM} as in ops@example.com")
    return AlertSettings(_webhook_url(environ.get(_WEBHOOK, "")), server, sender, recipients)


def _webhook_url(url: str) -> str | None:
    if not url:
        return None
    parts = _parts(url)
    if not parts.hostname or parts.scheme not in ("https", "http"):
        raise InvalidInput(f"{_WEBHOOK} is no URL; write it as in https://hooks.example.com/…")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise InvalidInput(f"{_WEBHOOK} is not encrypted; write https://")
    return url


def _mail_server(url: str) -> MailServer | None:
    if not url:
        return None
    parts = _parts(url)
    if not parts.hostname or parts.scheme not in _PORTS:
        raise InvalidInput(f"{_SMTP} is no mail server; write smtp://user:password@host:587 or smtps://host:465")
    user, password = (None if each is None else unquote(each) for each in (parts.username, parts.password))
    return MailServer(parts.hostname, parts.port or _PORTS[parts.scheme], parts.scheme == "smtps", user, password)


def _parts(url: str) -> SplitResult:
    """Return the parts of a URL; those of none if it cannot be read."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return urlsplit("")
    return parts
