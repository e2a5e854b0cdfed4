"""Statuses: the HTTP status of a refusal, and the headers that go with it."""

from collections.abc import Mapping
from typing import Final

from api.access.refusals import AccessRefused
from api.auth import challenge
from api.limits.refusals import LimitExceeded
from api.requests import BadRequest, TooSlow, UnsupportedCoding, WrongMethod
from ledger.kernel.errors import Refusal, Unavailable

_STATUSES: Final[Mapping[type[Refusal], int]] = {Unavailable: 503}
_HEADERS: Final[Mapping[type[Refusal], Mapping[str, str]]] = {
    Unavailable: {"Retry-After": "1"},
    WrongMethod: {"Allow": "POST"},
    UnsupportedCoding: {"Accept-Encoding": "gzip"},  # RFC 9110, section 15.5.16
    TooSlow: {"Connection": "close"},  # the rest of the body is not read
}


def status_of(refusal: Refusal) -> int:
    """Return the status of the answer."""
    if isinstance(refusal, BadRequest | LimitExceeded | AccessRefused):
        return refusal.status
    return next((status for kind, status in _STATUSES.items() if isinstance(refusal, kind)), 400)


def headers_of(refusal: Refusal) -> dict[str, str]:
    """Return the headers of the answer."""
    if isinstance(refusal, LimitExceeded):
        return refusal.headers
    if isinstance(refusal, AccessRefused):
        return challenge(refusal)
    return dict(next((headers for kind, headers in _HEADERS.items() if isinstance(refusal, kind)), {}))
