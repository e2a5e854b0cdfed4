"""The sign-in of operators over real HTTP with the development provider, and each way in which it is refused."""

import base64
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey

from ledger.kernel.oidc_settings import DEVELOPMENT_CLIENT
from ledger.kernel.work import begin
from ledger.tenancy.operator_sessions import IDLE, LIFE, OperatorIdentity, begin_session, session_of
from tests.api.operators.conftest import OWN, query_of


def _claims(place, own_nonce, **changed):
    now = int(time.time())
    claims = {
        "iss": place.issuer, "sub": "someone", "aud": DEVELOPMENT_CLIENT, "iat": now, "exp": now + 300,
        "nonce": own_nonce, "name": "Someone", "roles": ["admin"],
    }  # fmt: skip
    return {name: value for name, value in (claims | changed).items() if value is not None}


def _signed(place, claims, *, algorithm="Ed25519", key=None, kid=None):
    key = key or place.provider.key
    return jwt.encode({"alg": algorithm, "kid": kid or place.provider.key.kid}, claims, key, algorithms=[algorithm])


def _unsigned(claims):
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts) + "."


def test_an_operator_signs_in_asks_and_signs_out(browser):
    assert "Sign in" in browser.go("/operators").text

    browser.sign_in("viewer")

    assert browser.ask("{ me { name roles subject } }")["me"] == {
        "name": "Development viewer", "roles": ["viewer"], "subject": "development-viewer",
    }  # fmt: skip
    assert "Sign out" in browser.go("/operators").text
    kept = dict(browser.http.cookies)
    assert browser.http.post(f"{browser.origin}/operators/sign-out", headers=OWN).status_code == 204
    assert not browser.http.cookies.get("cofferdam-operator")
    browser.http.cookies.update(kept)  # as a thief of the cookie would have it
    assert browser.post("{ me { name } }").status_code == 401


def test_the_cookie_of_a_session_is_hidden_from_scripts_and_from_other_sites(browser):
    returned = browser.go(browser.to_callback("viewer"))

    cookies = {each.split("=")[0]: each for each in returned.headers.get_list("set-cookie")}
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookies["cofferdam-operator"].split("; "))
    assert "Max-Age=0" in cookies["cofferdam-sign-in"]
    assert returned.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [DEVELOPMENT_CLIENT, "another-client"]},
        {"azp": "another-client"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 1},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": "line\nbreak"},
    ],
    ids=lambda changed: "-".join(f"{name}-{value}" for name, value in changed.items()).replace("\n", ""),
)
def test_a_token_with_a_wrong_claim_is_refused(browser, place, monkeypatch, changed):
    monkeypatch.setattr(
        place.provider, "_id_token", lambda grant: _signed(place, _claims(place, grant.nonce, **changed))
    )

    returned = browser.go(browser.to_callback("admin"))

    assert (returned.status_code, "identity_refused" in returned.text) == (403, True)
    assert "cofferdam-operator" not in browser.http.cookies


def test_a_token_with_the_right_claims_is_accepted(browser, place, monkeypatch):
    claims = {"roles": "admin support owner", "aud": [DEVELOPMENT_CLIENT]}
    monkeypatch.setattr(
        place.provider, "_id_token", lambda grant: _signed(place, _claims(place, grant.nonce, **claims))
    )

    browser.go(browser.to_callback("viewer"))

    assert browser.ask("{ me { name roles } }")["me"] == {"name": "Someone", "roles": ["admin", "support"]}


@pytest.mark.parametrize(
    "forged", ["unsigned", "another key", "shared secret", "another kind", "unknown id", "no token"]
)
def test_a_token_that_the_provider_did_not_sign_is_refused(browser, place, monkeypatch, forged):
    def token(grant):
        claims = _claims(place, grant.nonce)
        public = place.provider.key.as_dict(private=False)["x"]
        return {
            "unsigned": lambda: _unsigned(claims),
            "another key": lambda: _signed(place, claims, key=OKPKey.generate_key("Ed25519")),
            "shared secret": lambda: _signed(place, claims, algorithm="HS256", key=OctKey.import_key(public)),
            "another kind": lambda: _signed(place, claims, algorithm="ES256", key=ECKey.generate_key("P-256")),
            "unknown id": lambda: _signed(place, claims, kid="unknown"),
            "no token": lambda: "x" * 40_000,
        }[forged]()

    monkeypatch.setattr(place.provider, "_id_token", token)

    returned = browser.go(browser.to_callback("admin"))

    assert (returned.status_code, "identity_refused" in returned.text) == (403, True)
    assert "cofferdam-operator" not in browser.http.cookies


def test_an_operator_without_a_role_is_refused(browser, place, monkeypatch):
    claims = {"roles": ["owner", 7, ["admin"]]}
    monkeypatch.setattr(
        place.provider, "_id_token", lambda grant: _signed(place, _claims(place, grant.nonce, **claims))
    )

    returned = browser.go(browser.to_callback("admin"))

    assert (returned.status_code, "no_role" in returned.text) == (403, True)


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(open_browser):
    victim, attacker = open_browser(), open_browser()
    of_attacker = attacker.to_callback("viewer")

    without = victim.go(of_attacker)
    victim.to_provider()
    other = victim.go(of_attacker)

    assert [each.status_code for each in (without, other)] == [403, 403]
    assert all("sign_in_expired" in each.text for each in (without, other))
    assert "cofferdam-operator" not in victim.http.cookies


@pytest.mark.parametrize("added", ["&iss=https://evil.example", "&error=access_denied", "&state=x", "&code=x"])
def test_an_answer_with_a_strange_parameter_is_refused(browser, added):
    returned = browser.to_callback("viewer")
    returned = returned.split("&iss=")[0] if "iss" in added else returned

    assert browser.go(returned + added).status_code == 403


def test_a_code_is_redeemed_once_and_only_by_the_browser_that_asked(browser):
    returned = browser.to_callback("viewer")
    sign_in = browser.http.cookies["cofferdam-sign-in"]
    assert browser.go(returned).status_code == 303

    browser.http.cookies.set("cofferdam-sign-in", sign_in)
    again = browser.go(returned)

    assert (again.status_code, "sign_in_failed" in again.text) == (403, True)


def test_a_code_of_another_browser_does_not_fit_the_verifier(open_browser):
    victim, attacker = open_browser(), open_browser()
    stolen = query_of(victim.to_callback("admin"))["code"]
    own = attacker.to_callback("viewer")

    injected = attacker.go(own.replace(query_of(own)["code"], stolen))

    assert (injected.status_code, "sign_in_failed" in injected.text) == (403, True)


@pytest.mark.parametrize(
    "next_path",
    [
        "//evil.example", "https://evil.example", "/\\evil.example", "/operators//evil", "/operators/../x",
        "/graphql", "/operators\r\nX: y",
    ],
)  # fmt: skip
def test_a_sign_in_leads_to_no_other_place_than_a_page_of_operators(browser, next_path):
    returned = browser.go(browser.to_callback("viewer", next_path))

    assert returned.headers["location"] == "/operators"


def test_a_sign_in_replaces_the_session_that_the_browser_had(browser, open_browser):
    browser.sign_in("viewer")
    planted = browser.http.cookies["cofferdam-operator"]
    victim = open_browser()
    victim.http.cookies.set("cofferdam-operator", planted)

    victim.sign_in("admin")

    assert victim.ask("{ me { roles } }")["me"]["roles"] == ["admin"]
    assert browser.post("{ me { name } }").status_code == 401


def test_a_session_ends_when_it_is_idle_and_when_its_time_is_over(store):
    who = OperatorIdentity("someone", "Someone", frozenset({"viewer"}))
    with begin(store, actor="test") as work:
        secret, began = begin_session(work, who), work.now

    def stands(at):
        with begin(store, actor="test", clock=lambda: at) as work:
            return session_of(work, secret) is not None

    assert not stands(began + IDLE)
    busy = began
    while busy + IDLE / 2 < began + LIFE:
        busy += IDLE / 2
        assert stands(busy)
    assert not stands(began + LIFE)


def test_another_operator_ends_a_session(browser, open_browser):
    security = open_browser()
    browser.sign_in("viewer")
    security.sign_in("security")
    session = browser.ask("{ me { id } }")["me"]["id"]

    ending = "mutation ($input: EndOperatorSessionInput!) { endOperatorSession(input: $input) { __typename } }"
    ended = security.ask(ending, input={"session": session, "reason": "left the company"})

    assert ended["endOperatorSession"]["__typename"] == "EndedOperatorSession"
    assert browser.post("{ me { name } }").status_code == 401


def test_a_sign_in_begins_at_the_origin_of_the_pages(browser, place):
    elsewhere = browser.origin.replace("127.0.0.1", "localhost")

    leaving = browser.http.get(f"{elsewhere}/operators/sign-in")

    assert leaving.headers["location"] == f"{place.origin}/operators/sign-in"
