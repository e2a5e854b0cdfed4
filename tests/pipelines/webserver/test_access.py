"""The web UI takes only what a logged-in page of its own host sent."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.webserver.access import Access
from pipelines.webserver.sessions import SESSION_LASTS, TOKEN_LASTS, Sessions

HOST = "http://127.0.0.1:3000"


class Hands:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def sessions(tmp_path: Path, clock: Hands) -> Sessions:
    return Sessions(tmp_path / "sessions", clock=clock)


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""


async def dagster(scope, _receive, send):
    """What stands behind the access: it says that it was reached."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    headers = [(b"X-Frame-Options", b"ALLOWALL")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": f"{scope['method']} was let in".encode()})


class Browser:
    """Sends requests as a browser would, with the cookies that it got."""

    def __init__(self, access: Access) -> None:
        self.access, self.cookie = access, ""

    def get(self, address: str, **headers: str) -> Answer:
        return self.send("GET", address, **headers)

    def post(self, address: str, **headers: str) -> Answer:
        return self.send("POST", address, **headers)

    def subscribe(self, address: str, **headers: str) -> bool:
        """Whether the websocket was accepted."""
        return self._sent("websocket", "GET", address, headers)[0]["type"] == "websocket.accept"

    def send(self, method: str, address: str, **headers: str) -> Answer:
        start, body = self._sent("http", method, address, headers)
        told = {key.decode(): value.decode() for key, value in start["headers"]}
        if "set-cookie" in told:
            self.cookie = told["set-cookie"].split(";")[0]
        return Answer(start["status"], told, body["body"].decode())

    def _sent(self, kind, method, address, headers):
        path, _, query = address.partition("?")
        given = {"host": "127.0.0.1:3000", "cookie": self.cookie} | headers
        scope = {
            "type": kind,
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "server": ("127.0.0.1", 3000),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
        sent = []

        async def send(message):
            sent.append(message)

        asyncio.run(self.access(scope, None, send))
        return sent


@pytest.fixture
def stranger(sessions: Sessions) -> Browser:
    return Browser(Access(dagster, sessions))


@pytest.fixture
def browser(stranger: Browser, sessions: Sessions) -> Browser:
    """One that opened the printed address."""
    assert stranger.get(f"/login?token={sessions.new_token()}").status == 303
    return stranger


def test_a_printed_address_logs_in_once_and_its_cookie_is_for_pages_of_this_host_alone(stranger, sessions):
    token = sessions.new_token()

    first = stranger.get(f"/login?token={token}")
    again = Browser(stranger.access).get(f"/login?token={token}")

    assert (first.status, first.headers["location"]) == (303, "/")
    cookie = first.headers["set-cookie"]
    assert all(said in cookie for said in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert token not in cookie
    assert stranger.get("/").text == "GET was let in"
    assert again.status == 401
    assert "cofferdam ui" in again.text


@pytest.mark.parametrize("path", ["/", "/graphql", "/server_info", "/logs/x", "/static/main.js", "/login/", "//login"])
def test_who_is_not_logged_in_gets_nothing_and_is_told_how_to_get_in(stranger, path):
    answer = stranger.get(path)

    assert answer.status == 401
    assert "cofferdam ui" in answer.text
    assert stranger.post(path, origin=HOST).status == 401


@pytest.mark.parametrize(
    "cookie",
    ["", "cofferdam_session_3000=", "cofferdam_session_3000=x", "other=1", '="; =;,', "cofferdam_session_3000=%00/../"],
)
def test_a_made_up_cookie_opens_nothing(stranger, cookie):
    assert stranger.get("/", cookie=cookie).status == 401


@pytest.mark.parametrize(
    "host", ["evil.example:3000", "127.0.0.1.evil.example", "10.0.0.5:3000", "", "127.0.0.1@evil", "localhost.:3000"]
)
def test_a_name_that_leads_to_loopback_is_no_host_of_ours(browser, host):
    assert browser.get("/", host=host).status == 403
    assert browser.post("/graphql", host=host, origin=f"http://{host}").status == 403


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost:3000", "LOCALHOST:8080", "[::1]:3000", "localhost"])
def test_every_name_of_this_machine_at_whatever_tunnelled_port_is_taken(browser, host):
    assert browser.post("/graphql", host=host, origin=f"http://{host}").status == 200


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1:3000", "http://localhost:3000", None],
)
def test_a_page_of_another_origin_changes_nothing_even_with_the_cookie(browser, origin):
    headers = {} if origin is None else {"origin": origin}

    assert browser.post("/graphql", **headers).status == 403
    assert browser.post("/report_asset_materialization/x", **headers).status == 403
    assert not browser.subscribe("/graphql", **headers)


def test_a_page_of_its_own_posts_and_subscribes(browser):
    assert browser.post("/graphql", origin=HOST).text == "POST was let in"
    assert browser.subscribe("/graphql", origin=HOST)


def test_a_stranger_does_not_subscribe(stranger):
    assert not stranger.subscribe("/graphql", origin=HOST)


@pytest.mark.parametrize("path", ["/graphql?query=mutation{x}", "/graphql/?query=x", "/graphql?a=1"])
def test_nothing_is_asked_in_an_address(browser, path):
    assert browser.get(path).status == 405
    assert browser.send("HEAD", path).status == 405
    assert browser.get("/graphql").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_what_is_neither_read_nor_posted_is_refused(browser, method):
    assert browser.send(method, "/", origin=HOST).status == 405


def test_no_other_page_may_frame_it(browser):
    assert browser.get("/").headers["x-frame-options"] == "DENY"


def test_tokens_and_sessions_run_out_and_are_cleared_away(stranger, sessions, clock, tmp_path):
    token, late = sessions.new_token(), sessions.new_token()
    assert stranger.get(f"/login?token={token}").status == 303

    clock.now += TOKEN_LASTS
    assert stranger.get(f"/login?token={late}").status == 401
    assert stranger.get("/").status == 200

    clock.now += SESSION_LASTS - TOKEN_LASTS - timedelta(seconds=1)
    assert stranger.get("/").status == 200
    clock.now += timedelta(seconds=1)
    assert stranger.get("/").status == 401
    sessions.new_token()
    assert len(list((tmp_path / "sessions").iterdir())) == 1


def test_what_lies_in_the_home_is_no_secret_that_opens_anything(sessions, tmp_path):
    token = sessions.new_token()
    (kept,) = (tmp_path / "sessions").iterdir()

    assert token not in kept.name
    assert sessions.begin(kept.name.removeprefix("token-")) is None
    assert (tmp_path / "sessions").stat().st_mode & 0o077 == 0
