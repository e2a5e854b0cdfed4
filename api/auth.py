"""Authentication: everything in a request that says who sends it, and the answer to those who may not."""

from typing import Final

from starlette.requests import Request

from api.access.authentication import Presented
from api.access.refusals import AccessRefused

_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="cofferdam"'}
"""The header of a 401 answer, which names the authentication scheme (RFC 6750, section 3)."""

_UNAUTHORIZED: Final = 401


def presented(request: Request) -> Presented:
    """Return the credentials of a request, with what they are for and where they come from."""
    headers, client = request.headers, request.client
    proofs = headers.getlist("dpop")
    return Presented(
        headers.get("authorization", ""),
        proofs,
        request.method,
        str(request.url) if proofs else "",  # nobody else asks for it, and it takes longer than all the rest
        "" if client is None else client.host,
    )


def challenge(refusal: AccessRefused) -> dict[str, str]:
    """Return the headers of the answer to a caller that is not let in."""
    return dict(_CHALLENGE) if refusal.status == _UNAUTHORIZED else {}
