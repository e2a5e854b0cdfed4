"""Authentication: who calls, by the key that a request carries."""

import re
from typing import Final

import sqlalchemy as sa
from starlette.datastructures import Headers

from api.context import Snapshot
from ledger.kernel.errors import Refusal
from ledger.tenancy.api_keys import Principal, authenticate

CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="cofferdam"'}
"""What a refused caller is told to send (RFC 6750, section 3)."""

_BEARER: Final = re.compile(r"bearer +([!-~]{1,200})", re.IGNORECASE)


class Unauthenticated(Refusal):
    """The request carries no key that works."""

    code = "unauthenticated"


class NotAllowed(Refusal):
    """The key works, but may not do this."""

    code = "not_allowed"


def bearer_key(headers: Headers) -> str:
    """The key of `Authorization: Bearer cdk_…`. Raises `Unauthenticated`."""
    match = _BEARER.fullmatch(headers.get("authorization", ""))
    if match is None:
        raise Unauthenticated("send your API key in the header «Authorization: Bearer cdk_…»")
    return match[1]


def authenticated(snapshot: Snapshot, key: str, *, pepper: bytes) -> Principal:
    """Who calls. Raises `Unauthenticated`.

    A pooled connection may have died since it was last used: then a new one is tried, once.
    """
    try:
        principal = authenticate(snapshot.connection, key, pepper=pepper)
    except sa.exc.OperationalError as fault:
        if not fault.connection_invalidated:
            raise
        snapshot.release()
        principal = authenticate(snapshot.connection, key, pepper=pepper)
    if principal is None:
        raise Unauthenticated("this API key is unknown, or was revoked")
    return principal
