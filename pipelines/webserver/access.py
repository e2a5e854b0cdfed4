"""Access to Dagster's web UI: checks host, origin, method and session of every request."""

from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs

from pipelines.webserver.sessions import SESSION_LASTS, Sessions

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LOGIN: Final = "/login"
"""The path that exchanges a token for a session cookie."""

_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_READS: Final = frozenset({"GET", "HEAD"})
_GUARDS: Final = [(b"x-frame-options", b"DENY"), (b"referrer-policy", b"same-origin")]
_HOW: Final = "run `cofferdam ui` on the machine and open the address that it prints"


class Access:
    """An ASGI application around Dagster's that forwards only requests from a logged-in page of this host.

    Another site's page fails three checks: it has no cookie (SameSite), its origin differs, and only POST can change
    anything. A domain that an attacker points to loopback (DNS rebinding) is not an accepted host.
    """

    def __init__(self, application: Application, sessions: Sessions) -> None:
        self._application, self._sessions = application, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request, log it in, or refuse it."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        if refusal := self._refused(scope):
            await _refuse(scope, send, *refusal)
        elif scope["path"] == LOGIN:
            await self._log_in(scope, send)
        elif not self._is_logged_in(scope):
            await _refuse(scope, send, 401, f"You are not logged in: {_HOW}.")
        else:
            await self._application(scope, receive, _guarding(send))

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and text of a refusal that needs no session; None to go on."""
        hosts, origins = _header(scope, b"host"), _header(scope, b"origin")
        if len(hosts) != 1 or _name(hosts[0]) not in _HOSTS:
            return (
                403,
                f"The host {' '.join(hosts)!r} is none of this machine's: open http://127.0.0.1 at the same port.",
            )
        reads = scope["type"] == "http" and scope["method"] in _READS
        if origins != [f"http://{hosts[0]}"] and (origins or not reads):
            return 403, f"The origin {' '.join(origins)!r} is another site's: only this page's own requests are taken."
        if scope["type"] == "http" and not reads and scope["method"] != "POST":
            return 405, f"{scope['method']} is not taken: read by GET, change by POST."
        if reads and scope["path"].rstrip("/") == "/graphql" and scope["query_string"]:
            return 405, "A query in an address is not taken, for it could change something: send it by POST."
        return None

    async def _log_in(self, scope: Scope, send: Send) -> None:
        tokens = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [])
        secret = self._sessions.begin(tokens[0]) if len(tokens) == 1 and scope["type"] == "http" else None
        if secret is None:
            await _refuse(scope, send, 401, f"This address was used already, or has run out: {_HOW}.")
            return
        seconds = int(SESSION_LASTS.total_seconds())
        cookie = f"{_cookie(scope)}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}"
        headers = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store"), *_GUARDS]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _is_logged_in(self, scope: Scope) -> bool:
        try:
            cookies = SimpleCookie("; ".join(_header(scope, b"cookie")))
        except CookieError:
            return False
        found = cookies.get(_cookie(scope))
        return found is not None and self._sessions.knows(found.value)


def _cookie(scope: Scope) -> str:
    """Return the cookie's name, one per port, since browsers share cookies among the ports of a host."""
    _, port = scope.get("server") or ("", 0)
    return f"cofferdam_session_{port}"


def _header(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for each, value in scope["headers"] if each == name]


def _name(host: str) -> str:
    """Return the host without its port."""
    name, separator, port = host.rpartition(":")
    return name.lower() if separator and port.isdecimal() else host.lower()


def _guarding(send: Send) -> Send:
    """Add headers that forbid other pages to frame this one, and to see its address as referrer."""

    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            kept = [(key, value) for key, value in message.get("headers", []) if key.lower() != b"x-frame-options"]
            message = {**message, "headers": [*kept, *_GUARDS]}
        await send(message)

    return guarded


async def _refuse(scope: Scope, send: Send, status: int, text: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the handshake gets 403
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), *_GUARDS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
