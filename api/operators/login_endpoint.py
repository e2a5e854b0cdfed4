"""The sign-in over HTTP: leads an operator to the identity provider and back, begins the session, and ends it."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from api.access.refusals import IdentityRefused, SignInExpired, SignInFailed
from api.errors import told_alone
from api.operators.authentication import Operators
from api.operators.authentication_requests import HOME, SealedSignIns, SignIn, new_sign_in
from api.operators.endpoint import OperatorEndpoint
from api.operators.identity_provider import CALLBACK
from api.operators.pages import (
    NOT_STORED,
    failure_page,
    operator_explorer,
    operator_schema_json,
    sign_in_page,
)
from api.statuses import headers_of, status_of
from ledger.kernel.errors import Refusal

_SIGN_IN: Final = "/operators/sign-in"
_SEE_OTHER: Final = 303

_Answering = Callable[[Request], Awaitable[Response]]


class SignInEndpoint:
    """The pages of operators, and the two ways through the identity provider."""

    def __init__(self, operators: Operators, graphql: OperatorEndpoint, *, pepper: bytes) -> None:
        self._operators: Final = operators
        self._graphql: Final = graphql
        self._sealed: Final = SealedSignIns(pepper)

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes of operators."""
        return [
            Route(HOME, _shown(self._home), methods=["GET"]),
            Route("/operators/graphql", self._graphql.answer, methods=["POST"]),
            Route("/operators/schema.json", _told(self._schema), methods=["GET"]),
            Route(_SIGN_IN, _shown(self._leave), methods=["GET"]),
            Route(CALLBACK, _shown(self._return), methods=["GET"]),
            Route("/operators/sign-out", _told(self._sign_out), methods=["POST"]),
        ]

    async def _home(self, request: Request) -> Response:
        """Show the explorer to an operator, and to anybody else the page to sign in at."""
        self._operators.provider  # noqa: B018  # which raises where nobody can sign in
        return operator_explorer() if await self._operators.session(request) is not None else sign_in_page()

    async def _schema(self, request: Request) -> Response:
        await self._operators.authenticated(request)
        return operator_schema_json()

    async def _leave(self, request: Request) -> Response:
        """Begin a sign-in, and lead the browser to the provider; on another name of this host, first to the origin."""
        provider, origin, next_path = self._operators.provider, self._operators.origin, request.query_params.get("next")
        if request.headers.get("host") != urlsplit(origin).netloc:
            asked = f"?{urlencode({'next': next_path})}" if next_path else ""
            return _redirect(f"{origin}{_SIGN_IN}{asked}")
        sign_in = new_sign_in(next_path)
        response = _redirect(await asyncio.to_thread(provider.address, sign_in))
        self._operators.cookies.keep_sign_in(response, self._sealed.seal(sign_in))
        return response

    async def _return(self, request: Request) -> Response:
        """Take the provider's answer, begin the session, and lead the browser to the page that it came from."""
        provider = self._operators.provider
        sign_in = self._sealed.open(self._operators.cookies.sign_in(request))
        try:
            code = _code(request, sign_in, provider.issuer)
            who = await asyncio.to_thread(provider.identity, code, sign_in)
            secret = await self._operators.begin(request, who)
        except Refusal as refusal:
            response = failure_page(refusal, status_of(refusal))
        else:
            response = _redirect(sign_in.next_path)
            self._operators.cookies.keep_session(response, secret)
        self._operators.cookies.drop_sign_in(response)
        return response

    async def _sign_out(self, request: Request) -> Response:
        session = await self._operators.authenticated(request)
        await self._operators.end(session)
        response = Response(status_code=204, headers=NOT_STORED)
        self._operators.cookies.drop_session(response)
        return response


def _code(request: Request, sign_in: SignIn, issuer: str) -> str:
    """Return the code that the provider sent for this sign-in. Raises a `SignInFailed`."""
    asked = request.query_params
    if len(asked.multi_items()) != len(asked):
        raise SignInFailed("the answer of the identity provider has a parameter twice; sign in again")
    if not hmac.compare_digest(asked.get("state", "").encode(), sign_in.state.encode()):
        raise SignInExpired("the answer is not for the sign-in that was begun in this browser; begin again")
    if asked.get("iss", issuer) != issuer:
        raise IdentityRefused("the answer comes from another identity provider")
    code = asked.get("code")
    if code is None or "error" in asked:
        raise SignInFailed("the identity provider did not let you in; sign in again, or ask its administrator")
    return code


def _redirect(url: str) -> Response:
    return RedirectResponse(url, _SEE_OTHER, headers=NOT_STORED)


def _shown(answering: _Answering) -> _Answering:
    """Answer a browser: a refusal is a page."""

    async def answer(request: Request) -> Response:
        try:
            return await answering(request)
        except Refusal as refusal:
            return failure_page(refusal, status_of(refusal))

    return answer


def _told(answering: _Answering) -> _Answering:
    """Answer a script: a refusal is the JSON object that GraphQL requests get."""

    async def answer(request: Request) -> Response:
        try:
            return await answering(request)
        except Refusal as refusal:
            body = told_alone(refusal, request.state.request_id)
            return JSONResponse(body, status_of(refusal), headers={**NOT_STORED, **headers_of(refusal)})

    return answer
