"""The token endpoint: `POST /oauth/token`, client credentials for a token (RFC 6749, section 4.4), and its keys.

The client id is the id of an API key, `key_018f…`; the client secret is the last part of the key's text
`cdk_<id>_<secret>`, or `cdk_test_<id>_<secret>`. With a proof in the header DPoP, the token is bound to the key of the
proof.
"""

import binascii
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.access.authentication import Authenticator, Presented
from api.access.proofs import ProvedRequest
from api.access.refusals import AddressNotAllowed, ProofRefused, Unauthenticated
from api.access.tokens import issue_token
from api.bodies import discard_body, read_body
from api.statuses import headers_of, status_of
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import InvalidId, Refusal
from ledger.public_ids import parse_public
from ledger.tenancy.api_keys import Principal
from ledger.tenancy.key_texts import key_text
from ledger.tenancy.records import ApiKeyId

_BODY_BYTES_MAX: Final = 4_000
_BODY_SECONDS: Final = 10
_NOT_STORED: Final = {"Cache-Control": "no-store"}
_KEYS_KEPT: Final = {"Cache-Control": "public, max-age=3600"}
_SECRET_NAMES: Final = ("client_id", "client_secret")


class TokenNotGiven(Refusal):
    """The request for a token is refused; `code` is that of RFC 6749, section 5.2."""

    def __init__(self, code: str, says: str, status: int = 400) -> None:
        super().__init__(says)
        self.error, self.status = code, status


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request for a token: the text of the client's key, and the scopes that it wants, all of its own if None."""

    key_text: str
    scopes: frozenset[str] | None


class TokenEndpoint:
    """Gives tokens for API keys, and publishes the keys that sign them.

    `identify` returns the principal of a request, and counts the keys that fail by their address.
    """

    def __init__(self, authenticator: Authenticator, identify: Callable[[Presented], Awaitable[Principal]]) -> None:
        self._access: Final = authenticator
        self._identify: Final = identify

    @property
    def routes(self) -> list[Route]:
        """The routes of the endpoint."""
        return [
            Route("/oauth/token", self._token, methods=["POST"]),
            Route("/.well-known/jwks.json", self._published, methods=["GET"]),
        ]

    async def _token(self, request: Request) -> Response:
        try:
            asked = _asked(request, await _form(request))
            principal = await self._identify(_presented(asked, request))
            answer = self._given(asked, principal, request)
        except Refusal as refusal:
            await discard_body(request)
            return _refused(refusal)
        return Response(orjson.dumps(answer), 200, _NOT_STORED, "application/json")

    async def _published(self, _request: Request) -> Response:
        keys = self._access.keys.published(system_clock())
        return Response(orjson.dumps(keys), 200, _KEYS_KEPT, "application/jwk-set+json")

    def _given(self, asked: _Asked, principal: Principal, request: Request) -> dict[str, str | int]:
        scopes = _scopes(asked, principal)
        thumbprint, now = self._thumbprint(request), system_clock()
        token, seconds = issue_token(self._access.keys, principal, scopes, now, thumbprint=thumbprint)
        kind = "Bearer" if thumbprint is None else "DPoP"
        return {
            "access_token": token,
            "token_type": kind,
            "expires_in": seconds,
            "scope": " ".join(sorted(scopes)),
        }

    def _thumbprint(self, request: Request) -> str | None:
        proofs = request.headers.getlist("dpop")
        if not proofs:
            return None
        with self._access.counting():
            proved = ProvedRequest(request.method, str(request.url))
            return self._access.proofs.thumbprint(proofs, proved, system_clock())


def _presented(asked: _Asked, request: Request) -> Presented:
    """Return what a request would present that sent the client's key as it is."""
    address = "" if request.client is None else request.client.host
    return Presented(f"Bearer {asked.key_text}", (), request.method, "", address)


async def _form(request: Request) -> Mapping[str, str]:
    """Read the form of a request. Raises `TokenNotGiven` for anything else, and for a name that is there twice."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    too_large = TokenNotGiven("invalid_request", f"the form has at most {_BODY_BYTES_MAX} bytes", 413)
    if kind != "application/x-www-form-urlencoded":
        raise TokenNotGiven("invalid_request", "send a form: application/x-www-form-urlencoded")
    with anyio.move_on_after(_BODY_SECONDS):
        body = await read_body(request, _BODY_BYTES_MAX, too_large)
        fields = parse_qsl(body.decode("latin-1"), keep_blank_values=False)
        if len(dict(fields)) < len(fields):
            raise TokenNotGiven("invalid_request", "a parameter is there twice")
        return dict(fields)
    raise TokenNotGiven("invalid_request", f"the form did not arrive within {_BODY_SECONDS} seconds", 408)


def _asked(request: Request, form: Mapping[str, str]) -> _Asked:
    if form.get("grant_type") != "client_credentials":
        code = "unsupported_grant_type" if "grant_type" in form else "invalid_request"
        raise TokenNotGiven(code, "the grant type is client_credentials")
    client_id, secret = _client(request.headers.get("authorization"), form)
    wanted = form.get("scope")
    try:
        text = key_text(ApiKeyId(parse_public("api_key", client_id)), secret)
    except InvalidId:
        raise _invalid_client() from None
    return _Asked(text, None if wanted is None else frozenset(wanted.split()))


def _client(authorization: str | None, form: Mapping[str, str]) -> tuple[str, str]:
    """Return id and secret of the client, from `Authorization: Basic` or from the form, never from both."""
    in_form = [form.get(name) for name in _SECRET_NAMES]
    if authorization is None:
        client_id, secret = in_form
        if client_id is None or secret is None:
            raise _invalid_client()
        return client_id, secret
    if in_form[1] is not None:
        raise TokenNotGiven("invalid_request", "send the client's secret in one place")
    return _basic(authorization)


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, _, secret = b64decode(encoded.strip(), validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _invalid_client() from None
    if scheme.lower() != "basic":
        raise _invalid_client()
    return unquote_plus(client_id), unquote_plus(secret)


def _scopes(asked: _Asked, principal: Principal) -> frozenset[str]:
    scopes = principal.scopes if asked.scopes is None else asked.scopes
    if not scopes <= principal.scopes:
        own = " ".join(sorted(principal.scopes)) or "none"
        raise TokenNotGiven("invalid_scope", f"the scopes of this key are: {own}")
    return scopes


def _invalid_client() -> TokenNotGiven:
    return TokenNotGiven("invalid_client", "the client id is a key's id, key_018f…, with the secret of its text", 401)


def _refused(refusal: Refusal) -> Response:
    status, headers = status_of(refusal), {**_NOT_STORED, **headers_of(refusal)}
    if isinstance(refusal, TokenNotGiven):
        error, status = refusal.error, refusal.status
    elif isinstance(refusal, ProofRefused):
        error, status = "invalid_dpop_proof", 400
    elif isinstance(refusal, Unauthenticated):
        error = "invalid_client"
    elif isinstance(refusal, AddressNotAllowed):
        error = "unauthorized_client"
    else:
        error = "temporarily_unavailable"
    if status == 401:  # noqa: PLR2004  # RFC 6749, section 5.2
        headers["WWW-Authenticate"] = 'Basic realm="cofferdam"'
    said = {"error": error, "error_description": _described(refusal)}
    return Response(orjson.dumps(said), status, headers, "application/json")


def _described(refusal: Refusal) -> str:
    """Return the text of a refusal in the letters that RFC 6749 allows (section 5.2)."""
    return str(refusal).replace("…", "...").replace('"', "'").replace("\\", "/").encode("ascii", "replace").decode()
