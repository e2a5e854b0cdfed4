"""The operators' pages over real HTTP: an API whose identity provider is the development provider, on loopback."""

import html
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

from api.operators.development_provider import DevelopmentProvider
from ledger.kernel.oidc_settings import DEVELOPMENT_CLIENT, OidcSettings
from ledger.kernel.settings import Settings

OWN = {"Cofferdam-Operator": "1"}


def bound_socket() -> socket.socket:
    """A socket on a free loopback port, so that its address is known before anything serves it."""
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen(64)
    return made


def url_of(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def serving(app: ASGIApp, bound: socket.socket) -> Iterator[str]:
    """An application that is served in a thread while the block runs."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, args=([bound],))
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield url_of(bound)
    finally:
        server.should_exit = True
        thread.join(20)
        bound.close()


@dataclass(frozen=True)
class Browser:
    """A browser: it keeps cookies, and follows no redirect by itself."""

    origin: str
    http: httpx.Client

    def go(self, url: str, **more: Any) -> httpx.Response:
        """Open an address of the API or of the provider."""
        return self.http.get(url if url.startswith("http") else self.origin + url, **more)

    def to_provider(self, next_path: str | None = None) -> str:
        """Begin a sign-in; the address at the provider to which the browser is led."""
        leaving = self.go("/operators/sign-in", params={"next": next_path} if next_path else {})
        assert leaving.status_code == 303, leaving.text
        return leaving.headers["location"]

    def to_callback(self, role: str, next_path: str | None = None) -> str:
        """Choose who to be at the provider; the address to which it leads back."""
        at_provider = self.to_provider(next_path)
        page = self.go(at_provider)
        assert page.status_code == 200, page.text
        hidden = re.findall(r'name="([^"]+)" value="([^"]*)" />(?! )', page.text)
        form = {name: html.unescape(value) for name, value in hidden if name != "role"} | {"role": role}
        issuer = "{0.scheme}://{0.netloc}".format(urlsplit(at_provider))
        chosen = self.http.post(f"{issuer}/authorize", data=form, headers={"Origin": issuer})
        assert chosen.status_code == 303, chosen.text
        return chosen.headers["location"]

    def sign_in(self, role: str) -> None:
        """Sign in as the development operator of a role."""
        returned = self.go(self.to_callback(role))
        assert returned.status_code == 303, returned.text

    def post(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        body = {"query": query, "variables": variables}
        sent = {**OWN, "Origin": self.origin, **headers}
        return self.http.post(f"{self.origin}/operators/graphql", json=body, headers=sent)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        body = self.post(query, variables).json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    def error(self, query: str, **variables: Any) -> str:
        """The code of the one error of an answer."""
        (error,) = self.post(query, variables).json()["errors"]
        return error["extensions"]["code"]

    def change(
        self, name: str, answer: str = "", /, *, kind: str | None = None, key: str | None = None, **wanted: Any
    ) -> dict[str, Any]:
        """Call a mutation with an input; refusals show their code."""
        kind = kind or name[0].upper() + name[1:] + "Input"
        query = f"mutation ($input: {kind}!, $key: String!) {{ {name}(input: $input, idempotencyKey: $key) {{"
        shown = "__typename ... on Change { position isReplay } ... on Refusal { code message }"
        return self.ask(f"{query} {shown} {answer} }} }}", input=wanted, key=key or uuid4().hex)[name]


@dataclass(frozen=True)
class Place:
    """An API, and the development provider that it trusts."""

    origin: str
    issuer: str
    provider: DevelopmentProvider


@pytest.fixture(scope="session")
def place(api_database: str, serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The API of the shared database with the development provider as its identity provider."""
    for_provider, for_api = bound_socket(), bound_socket()
    issuer, origin = url_of(for_provider), url_of(for_api)
    provider = DevelopmentProvider(issuer=issuer, origin=origin, is_sandbox=lambda: True)
    home = tmp_path_factory.mktemp("operators")
    settings = Settings(home=home, lake_url=str(home), oidc=OidcSettings(issuer, DEVELOPMENT_CLIENT, origin))
    with serving(provider.app(), for_provider), serve(api_database, settings=settings, bound=for_api):
        yield Place(origin, issuer, provider)


@pytest.fixture
def open_browser(place: Place) -> Iterator[Callable[[], Browser]]:
    """A function that opens another browser."""
    opened: list[httpx.Client] = []

    def browser() -> Browser:
        opened.append(httpx.Client(timeout=30, trust_env=False))
        return Browser(place.origin, opened[-1])

    yield browser
    for each in opened:
        each.close()


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    return open_browser()


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
