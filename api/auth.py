"""Authentication: everything in a request that says who sends it, and the answer to those who may not."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from api.access.authentication import Presented
from api.access.proofs import PROOF_ALGORITHMS
from api.access.refusals import AccessRefused, ProofRefused, SignInRequired, TokenRefused

_REALM: Final = 'Bearer realm="cofferdam"'
"""The authentication scheme that a 401 answer names (RFC 6750, section 3)."""

_CHALLENGES: Final[Mapping[type[AccessRefused], str]] = {
    TokenRefused: f'{_REALM}, error="invalid_token"',
    SignInRequired: 'Session realm="cofferdam operators"',
    ProofRefused: f'DPoP algs="{" ".join(PROOF_ALGORITHMS)}", error="invalid_dpop_proof"',
}
_UNAUTHORIZED: Final = 401


def presented(request: Request) -> Presented:
    """Return the credentials of a request, with what they are for and where they come from."""
    headers, client = request.headers, request.scope["client"]
    proofs = headers.getlist("dpop")
    return Presented(
        headers.get("authorization", ""),
        proofs,
        request.method,
        str(request.url) if proofs else "",  # nobody else asks for it, and it takes longer than all the rest
        "" if client is None else client[0],
    )


def challenge(refusal: AccessRefused) -> dict[str, str]:
    """Return the headers of the answer to a caller that is not let in (RFC 6750, section 3; RFC 9449, section 7.1)."""
    if refusal.status != _UNAUTHORIZED:
        return {}
    named = (text for kind, text in _CHALLENGES.items() if isinstance(refusal, kind))
    return {"WWW-Authenticate": next(named, _REALM)}
