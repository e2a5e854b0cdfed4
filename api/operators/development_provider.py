"""The development provider: a real OpenID provider on loopback for a sandbox, which asks nobody for a password.

It answers discovery, authorization, token and key requests (OpenID Connect Core 1.0), with PKCE required and each code
redeemed once. It refuses wherever the installation is not a sandbox, at its start and at every request.
"""

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from html import escape
from string import Template
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from api.operators.authorization import ROLES
from api.operators.identity_provider import CALLBACK, challenge_of
from api.pages import SECURITY, STATIC
from ledger.kernel.clock import system_clock
from ledger.kernel.oidc_settings import DEVELOPMENT_CLIENT

_ALGORITHM: Final = "Ed25519"
_CODE_SECONDS: Final = 60
_TOKEN_SECONDS: Final = 300
_CODES_MAX: Final = 1_000
_FORM_BYTES_MAX: Final = 10_000
_NOT_STORED: Final = {"Cache-Control": "no-store"}

_Answering = Callable[[Request], Awaitable[Response]]


class _Grant(NamedTuple):
    """The sign-in that a code is for, until it is redeemed or too old."""

    role: str
    nonce: str
    challenge: str
    issued_at: float


class _Wrong(Exception):
    """A request that the provider does not accept."""


class DevelopmentProvider:
    """The provider at one issuer for the pages of one origin; `is_sandbox` is asked at every request."""

    def __init__(self, *, issuer: str, origin: str, is_sandbox: Callable[[], bool]) -> None:
        self._issuer, self._origin, self._is_sandbox = issuer, origin, is_sandbox
        self.key: Final = OKPKey.generate_key("Ed25519", {"alg": _ALGORITHM, "use": "sig"})
        self.key.ensure_kid()
        self._grants: Final[OrderedDict[str, _Grant]] = OrderedDict()

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._guarded(self._metadata), methods=["GET"]),
                Route("/keys", self._guarded(self._keys), methods=["GET"]),
                Route("/authorize", self._guarded(self._ask), methods=["GET"]),
                Route("/authorize", self._guarded(self._authorize), methods=["POST"]),
                Route("/token", self._guarded(self._token), methods=["POST"]),
            ]
        )

    async def _metadata(self, _request: Request) -> Response:
        found = {
            "issuer": self._issuer,
            "authorization_endpoint": f"{self._issuer}/authorize",
            "token_endpoint": f"{self._issuer}/token",
            "jwks_uri": f"{self._issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [_ALGORITHM],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse(found)

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _ask(self, request: Request) -> Response:
        """Show the page on which one chooses who to be."""
        asked = dict(request.query_params)
        self._require_asked(asked)
        page = Template((STATIC / "development_provider.html").read_text(encoding="utf-8"))
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}" />' for name, value in asked.items()
        )
        roles = "".join(
            f'<label><input type="radio" name="role" value="{role}"{" checked" if role == ROLES[0] else ""} /> '
            f"{_name(role)}</label>"
            for role in ROLES
        )
        policy = f"default-src 'none'; style-src {self._origin}; img-src {self._origin}; base-uri 'none'; "
        policy += f"form-action 'self' {self._origin}; frame-ancestors 'none'"
        text = page.substitute(origin=escape(self._origin), hidden=hidden, roles=roles)
        return HTMLResponse(text, headers={**SECURITY, **_NOT_STORED, "Content-Security-Policy": policy})

    async def _authorize(self, request: Request) -> Response:
        """Give a code for the one who was chosen."""
        if request.headers.get("origin") not in (None, "null", self._issuer):
            raise _Wrong("the form is not this page's")
        asked = await _form(request)
        self._require_asked(asked)
        role = asked.get("role")
        if role not in ROLES:
            raise _Wrong("choose one of the operators")
        code = secrets.token_urlsafe(32)
        self._grants[code] = _Grant(role, asked.get("nonce", ""), asked["code_challenge"], time.monotonic())
        if len(self._grants) > _CODES_MAX:
            self._grants.popitem(last=False)
        answer = urlencode({"code": code, "state": asked.get("state", ""), "iss": self._issuer})
        return RedirectResponse(f"{self._origin}{CALLBACK}?{answer}", 303, headers=_NOT_STORED)

    async def _token(self, request: Request) -> Response:
        """Redeem a code, once, for an ID token."""
        form = await _form(request)
        grant = self._grants.pop(form.get("code", ""), None)
        is_right = (
            grant is not None
            and time.monotonic() - grant.issued_at <= _CODE_SECONDS
            and form.get("grant_type") == "authorization_code"
            and form.get("client_id") == DEVELOPMENT_CLIENT
            and form.get("redirect_uri") == self._origin + CALLBACK
            and hmac.compare_digest(challenge_of(form.get("code_verifier", "")), grant.challenge)
        )
        if grant is None or not is_right:
            return JSONResponse({"error": "invalid_grant"}, 400, headers=_NOT_STORED)
        said = {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "expires_in": _TOKEN_SECONDS,
            "id_token": self._id_token(grant),
        }
        return JSONResponse(said, headers=_NOT_STORED)

    def _id_token(self, grant: _Grant) -> str:
        now = int(system_clock().timestamp())
        claims = {
            "iss": self._issuer,
            "sub": f"development-{grant.role}",
            "aud": DEVELOPMENT_CLIENT,
            "iat": now,
            "exp": now + _TOKEN_SECONDS,
            "nonce": grant.nonce,
            "name": _name(grant.role),
            "roles": [grant.role],
        }
        return jwt.encode({"alg": _ALGORITHM, "kid": self.key.kid}, claims, self.key, algorithms=[_ALGORITHM])

    def _require_asked(self, asked: Mapping[str, str]) -> None:
        """Require an authorization request of the one client, with PKCE. Raises `_Wrong`."""
        wanted = {
            "client_id": DEVELOPMENT_CLIENT,
            "redirect_uri": self._origin + CALLBACK,
            "response_type": "code",
            "code_challenge_method": "S256",
        }
        wrong = [name for name, value in wanted.items() if asked.get(name) != value]
        wrong += [name for name in ("code_challenge", "state", "nonce") if not asked.get(name)]
        if "openid" not in asked.get("scope", "").split():
            wrong.append("scope")
        if wrong:
            raise _Wrong(f"the request is not that of this sandbox: {', '.join(wrong)} is missing or wrong")

    def _guarded(self, answering: _Answering) -> _Answering:
        """Answer in a sandbox, under the name of the issuer, so that no other site's name leads here."""

        async def answer(request: Request) -> Response:
            if request.headers.get("host") != urlsplit(self._issuer).netloc:
                return PlainTextResponse("open it at the address that cofferdam prints", 421)
            if not self._is_sandbox():
                return PlainTextResponse("this installation is not a sandbox: operators sign in elsewhere", 403)
            try:
                return await answering(request)
            except _Wrong as wrong:
                return PlainTextResponse(str(wrong), 400, headers={**SECURITY, **_NOT_STORED})

        return answer


async def _form(request: Request) -> dict[str, str]:
    """Read the form of a request. Raises `_Wrong` for anything else, and for a name that is there twice."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind != "application/x-www-form-urlencoded" or len(body) > _FORM_BYTES_MAX:
        raise _Wrong("send a form")
    fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
    if len(dict(fields)) < len(fields):
        raise _Wrong("a parameter is there twice")
    return dict(fields)


def _name(role: str) -> str:
    return f"Development {role}"
