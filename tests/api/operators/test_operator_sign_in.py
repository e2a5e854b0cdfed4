"""The sign-in of operators, walked over real HTTP with the development provider."""

from tests.api.operators.conftest import query_of


def test_an_operator_signs_in_asks_and_signs_out(browser):
    assert "Sign in" in browser.go("/operators").text

    browser.sign_in("viewer")

    assert browser.ask("{ me { name roles subject } }")["me"] == {
        "name": "Development viewer", "roles": ["viewer"], "subject": "development-viewer",
    }  # fmt: skip
    assert "Sign out" in browser.go("/operators").text
    cookies = browser.http.cookies.copy()
    out = browser.http.post(f"{browser.origin}/operators/sign-out", headers={"Cofferdam-Operator": "1"})
    assert out.status_code == 204
    browser.http.cookies = cookies  # as a thief of the cookie would have it
    assert browser.post("{ me { name } }").status_code == 401
    assert query_of(browser.to_provider())["code_challenge_method"] == "S256"
