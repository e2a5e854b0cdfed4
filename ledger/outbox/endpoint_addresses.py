"""Addresses of endpoints: the URLs that may be registered."""

import re
from typing import Final
from urllib.parse import urlsplit

from ledger.kernel.errors import InvalidInput

LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "::1")
"""The hosts of this machine, which an operator may register over plain HTTP."""

_LENGTH_MAX: Final = 2_000
_WRITTEN: Final = re.compile(r"[!-~]+")


def is_loopback(address: str) -> bool:
    """Return whether an address names a host of this machine."""
    try:
        return urlsplit(address).hostname in LOOPBACK_HOSTS
    except ValueError:
        return False


def require_address(address: str, *, is_plain_allowed: bool) -> None:
    """Raise `InvalidInput` unless the connection is encrypted, or may be plain."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as fault:
        raise InvalidInput(f"{address!r} is not an address: {fault}; write https://host/path") from fault
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_plain_allowed)
    if not (is_safe and parts.hostname and parts.username is None and _WRITTEN.fullmatch(address)):
        raise InvalidInput(f"{address!r} is not an address for calls; write https://host/path, without a user in it")
    if len(address) > _LENGTH_MAX:
        raise InvalidInput(f"an address has {_LENGTH_MAX} characters at most")
