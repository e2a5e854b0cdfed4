"""Authentication of operators: by a session that the identity provider's word began, and that the server keeps."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

import sqlalchemy as sa
from starlette.requests import Request

from api.access.refusals import ApiKeyNotAccepted, SignInNotConfigured, SignInRequired
from api.errors import note, store_refusal
from api.operators.cookies import OperatorCookies
from api.operators.identity_provider import IdentityProvider
from api.operators.origins import require_same_site
from ledger.kernel.log_context import bind
from ledger.kernel.oidc_settings import OidcSettings
from ledger.kernel.work import Work, begin
from ledger.tenancy.operator_sessions import ActiveSession, OperatorIdentity, begin_session, end_session, session_of

_T = TypeVar("_T")

_ACTOR: Final = "sign-in"


class Operators:
    """The operators of an installation and their sessions; without settings nobody signs in."""

    def __init__(self, engine: sa.Engine, settings: OidcSettings | None) -> None:
        self._engine: Final = engine
        self._settings: Final = settings
        self._provider: Final = None if settings is None else IdentityProvider(settings)
        self.cookies: Final = OperatorCookies(is_https=settings is not None and settings.is_https)

    @property
    def provider(self) -> IdentityProvider:
        """The identity provider. Raises `SignInNotConfigured`."""
        if self._provider is None:
            raise SignInNotConfigured("operators cannot sign in: this installation has no COFFERDAM_OIDC_ISSUER")
        return self._provider

    @property
    def origin(self) -> str:
        """The origin of the operators' pages. Raises `SignInNotConfigured`."""
        if self._settings is None:
            raise SignInNotConfigured("operators cannot sign in: this installation has no COFFERDAM_OIDC_ISSUER")
        return self._settings.origin

    async def authenticated(self, request: Request) -> ActiveSession:
        """Return the session of a request that a page of this origin sent.

        Raises `ApiKeyNotAccepted`, `CrossSiteRequest`, `SignInRequired`, `SignInNotConfigured` and `Unavailable`.
        """
        if "authorization" in request.headers:
            raise ApiKeyNotAccepted("operators have no API keys: sign in at /operators; partners call /graphql")
        require_same_site(request, self.origin)
        session = await self.session(request)
        if session is None:
            raise SignInRequired("sign in at /operators: there is no session, or it has ended")
        return session

    async def session(self, request: Request) -> ActiveSession | None:
        """Return the session of a browser; None if there is none that stands. Raises `Unavailable`."""
        secret = self.cookies.session(request)
        if not secret:
            return None
        found = await self._in_work(lambda work: session_of(work, secret))
        if found is not None:
            bind(actor=f"operator:{found.subject}")
        return found

    async def begin(self, request: Request, who: OperatorIdentity) -> str:
        """Begin a session and return its secret; the one that the browser had before is ended."""
        earlier = self.cookies.session(request)

        def begin_anew(work: Work) -> str:
            former = session_of(work, earlier) if earlier else None
            if former is not None:
                end_session(work, former.session_id)
            return begin_session(work, who)

        bind(actor=f"operator:{who.subject}")
        return await self._in_work(begin_anew)

    async def end(self, session: ActiveSession) -> None:
        """End a session at once. Raises `Unavailable`."""
        await self._in_work(lambda work: end_session(work, session.session_id))

    async def _in_work(self, do: Callable[[Work], _T]) -> _T:
        def in_one() -> _T:
            with begin(self._engine, actor=_ACTOR) as work:
                return do(work)

        try:
            return await asyncio.to_thread(_again_if_dead, in_one)
        except sa.exc.DBAPIError as fault:
            note(fault)
            raise store_refusal(fault) from fault


def _again_if_dead(do: Callable[[], _T]) -> _T:
    """Call again if the pooled connection had died since its last use."""
    try:
        return do()
    except sa.exc.OperationalError as fault:
        if not fault.connection_invalidated:
            raise
        return do()
