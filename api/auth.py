"""Authentication: the API key of a request, and the refusals of those who have none."""

import re
from typing import Final

from starlette.datastructures import Headers

from api.access.refusals import Unauthenticated
from ledger.kernel.errors import Refusal

CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="cofferdam"'}
"""The header of a 401 answer, which names the authentication scheme (RFC 6750, section 3)."""

_BEARER: Final = re.compile(r"bearer +([!-~]{1,200})", re.IGNORECASE)


class NotAllowed(Refusal):
    """The API key is valid, but lacks the scope."""

    code = "not_allowed"


def bearer_key(headers: Headers) -> str:
    """Return the key of `Authorization: Bearer cdk_…`. Raises `Unauthenticated`."""
    match = _BEARER.fullmatch(headers.get("authorization", ""))
    if match is None:
        raise Unauthenticated('send your API key in the header "Authorization: Bearer cdk_…"')
    return match[1]
