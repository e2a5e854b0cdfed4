"""The pages of operators in a real browser, light and dark: the sign-in, the explorer, and the sign-out."""

import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (Debian: apt-get install chromium)")


@pytest.fixture(params=["light", "dark"])
def page(request):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser.new_page(viewport={"width": 1400, "height": 900}, color_scheme=request.param)
        browser.close()


def test_an_operator_signs_in_runs_a_query_and_signs_out(page, place, tmp_path):
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))

    page.goto(f"{place.origin}/operators")
    page.screenshot(path=tmp_path / "sign_in.png")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Development security").check()
    page.screenshot(path=tmp_path / "provider.png")
    page.get_by_role("button", name="Continue").click()
    page.locator(".graphiql-execute-button").wait_for(timeout=30_000)
    page.get_by_text("Development security (security)").wait_for(timeout=30_000)
    page.locator(".graphiql-query-editor .CodeMirror").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("query FirstLook { me { subject } books { name position } }")
    page.locator(".graphiql-execute-button").click()
    page.locator(".result-window").get_by_text("development-security").wait_for(timeout=30_000)
    page.wait_for_timeout(500)
    page.screenshot(path=tmp_path / "explorer.png")
    seen_by_scripts = page.evaluate("document.cookie")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").wait_for(timeout=30_000)

    hosts = {urlsplit(url).netloc for url in asked if not url.startswith("data:")}
    assert hosts == {urlsplit(place.origin).netloc, urlsplit(place.issuer).netloc}
    assert complaints == []
    assert seen_by_scripts == ""
    assert page.evaluate("window.sessionStorage.length") == 0
