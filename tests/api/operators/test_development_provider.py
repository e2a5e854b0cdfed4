"""The development provider: what it says of itself, and where it refuses."""

import httpx
import pytest

from api.operators.development_provider import DevelopmentProvider
from api.sandbox.installation import is_sandbox
from api.sandbox.programme import ACTOR
from cofferdam.commands.operate.oidc import command
from ledger.kernel.errors import InvalidInput
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from tests.api.operators.conftest import bound_socket, serving, url_of


@pytest.fixture
def elsewhere():
    """A provider of an installation that has ceased to be a sandbox."""
    bound = bound_socket()
    provider = DevelopmentProvider(issuer=url_of(bound), origin="http://127.0.0.1:1", is_sandbox=lambda: False)
    with serving(provider.app(), bound) as address:
        yield address


def test_its_page_says_what_it_is(browser):
    page = browser.go(browser.to_provider())

    assert "not a real identity provider" in page.text
    assert "asks for no password" in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/.well-known/openid-configuration", "/authorize", "/keys", "/token"], ids=lambda path: path.strip("/.")
)
def test_it_refuses_everything_where_the_installation_is_no_sandbox(elsewhere, path):
    method = "POST" if path == "/token" else "GET"

    assert httpx.request(method, elsewhere + path, trust_env=False).status_code == 403


def test_it_answers_under_no_other_name(place):
    answer = httpx.get(f"{place.issuer}/keys", headers={"Host": "evil.example"}, trust_env=False)

    assert answer.status_code == 421


@pytest.mark.parametrize(
    "changed",
    [
        "redirect_uri=https://evil.example",
        "client_id=another",
        "code_challenge_method=plain",
        "response_type=token",
        "scope=email",
        "state=",
    ],
)
def test_it_leads_nobody_to_another_place_and_requires_pkce(browser, place, changed):
    name, value = changed.split("=", 1)
    asked = {**httpx.URL(browser.to_provider()).params, name: value}

    assert browser.go(f"{place.issuer}/authorize", params=asked).status_code == 400
    assert browser.http.post(f"{place.issuer}/authorize", data={**asked, "role": "admin"}).status_code == 400


def test_only_an_installation_whose_one_book_the_sandbox_opened_is_a_sandbox(engine):
    assert not is_sandbox(engine)
    assert is_sandbox(engine, is_begun=False)
    with begin(engine, actor=ACTOR) as work:
        open_book(work, name="sandbox", jurisdiction="US", currency="USD")
    assert is_sandbox(engine)

    with begin(engine, actor="operator:someone") as work:
        open_book(work, name="retail", jurisdiction="US", currency="USD")

    assert not is_sandbox(engine)
    assert not is_sandbox(engine, is_begun=False)


def test_a_book_that_is_only_named_like_the_sandbox_is_none(engine):
    with begin(engine, actor="operator:someone") as work:
        open_book(work, name="sandbox", jurisdiction="US", currency="USD")

    assert not is_sandbox(engine)


@pytest.mark.usefixtures("engine")
def test_its_command_refuses_elsewhere(database_url, monkeypatch, tmp_path):

    monkeypatch.setenv("COFFERDAM_HOME", str(tmp_path))
    monkeypatch.setenv("COFFERDAM_DATABASE_URL", database_url)

    with pytest.raises(InvalidInput, match="not a sandbox"):
        command(origin="http://127.0.0.1:1", port=8400)
