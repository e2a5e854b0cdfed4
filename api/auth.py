"""Authentication: reads the key that a request carries, and answers the requests that carry none."""

import re
from typing import Final

from starlette.datastructures import Headers

from ledger.kernel.errors import Refusal

CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="cofferdam"'}
"""What a refused caller is told to send (RFC 6750, section 3)."""

_BEARER: Final = re.compile(r"bearer +([!-~]{1,200})", re.IGNORECASE)


class Unauthenticated(Refusal):
    """The request carries no key that works."""

    code = "unauthenticated"


def bearer_key(headers: Headers) -> str:
    """The key of `Authorization: Bearer cdk_…`. Raises `Unauthenticated`."""
    match = _BEARER.fullmatch(headers.get("authorization", ""))
    if match is None:
        raise Unauthenticated("send your API key in the header «Authorization: Bearer cdk_…»")
    return match[1]
