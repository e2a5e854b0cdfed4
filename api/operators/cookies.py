"""Cookies of operators' browsers: the session, and the sign-in under way; scripts read neither."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.operators.authentication_requests import SIGN_IN_SECONDS
from ledger.tenancy.operator_sessions import LIFE

_SESSION: Final = "cofferdam-operator"
_SIGN_IN: Final = "cofferdam-sign-in"


class OperatorCookies:
    """The cookies of one origin. Over TLS their names bind them to this very host, and they are never sent without it.

    They are `Lax`, since the identity provider's redirect comes from another site; changes are protected by the headers
    that `api.operators.origins` requires.
    """

    def __init__(self, *, is_https: bool) -> None:
        self._is_https: Final = is_https

    def session(self, request: Request) -> str | None:
        """Return the secret of the session; None without one."""
        return request.cookies.get(self._named(_SESSION))

    def sign_in(self, request: Request) -> str | None:
        """Return the sealed sign-in that is under way; None without one."""
        return request.cookies.get(self._named(_SIGN_IN))

    def keep_session(self, response: Response, secret: str) -> None:
        """Let the browser keep a session."""
        self._keep(response, _SESSION, secret, int(LIFE.total_seconds()))

    def keep_sign_in(self, response: Response, sealed: str) -> None:
        """Let the browser keep a sign-in that begins."""
        self._keep(response, _SIGN_IN, sealed, SIGN_IN_SECONDS)

    def drop_session(self, response: Response) -> None:
        """Let the browser forget its session."""
        self._keep(response, _SESSION, "", 0)

    def drop_sign_in(self, response: Response) -> None:
        """Let the browser forget its sign-in: it serves once."""
        self._keep(response, _SIGN_IN, "", 0)

    def _keep(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            self._named(name), value, max_age=seconds, path="/", secure=self._is_https, httponly=True, samesite="lax"
        )

    def _named(self, name: str) -> str:
        return f"__Host-{name}" if self._is_https else name
