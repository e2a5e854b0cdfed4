"""Authentication: resolves the API key of a request to the partner that it belongs to."""

import re
from typing import Final

import sqlalchemy as sa
from starlette.datastructures import Headers

from api.context import Snapshot
from ledger.kernel.errors import Refusal
from ledger.kernel.log_context import bind
from ledger.public_ids import public
from ledger.tenancy.api_keys import Principal, authenticate

CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="cofferdam"'}
"""The header of a 401 answer, which names the authentication scheme (RFC 6750, section 3)."""

_BEARER: Final = re.compile(r"bearer +([!-~]{1,200})", re.IGNORECASE)


class Unauthenticated(Refusal):
    """The request has no valid API key."""

    code = "unauthenticated"


class NotAllowed(Refusal):
    """The API key is valid, but lacks the scope."""

    code = "not_allowed"


def bearer_key(headers: Headers) -> str:
    """Return the key of `Authorization: Bearer cdk_…`. Raises `Unauthenticated`."""
    match = _BEARER.fullmatch(headers.get("authorization", ""))
    if match is None:
        raise Unauthenticated('send your API key in the header "Authorization: Bearer cdk_…"')
    return match[1]


def authenticated(snapshot: Snapshot, key: str, *, pepper: bytes) -> Principal:
    """Return the principal of the key. Raises `Unauthenticated`.

    If the pooled connection has died since its last use, retries once on a new one.
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
    bind(partner=public("partner", principal.partner_id), book=principal.book_id)
    return principal
