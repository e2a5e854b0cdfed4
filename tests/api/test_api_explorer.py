"""GraphiQL in a real browser: it runs a query with a key, and no request leaves this origin."""

import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright

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


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser.new_page(viewport={"width": 1400, "height": 900})
        browser.close()


def _type(page: Page, editor: str, text: str) -> None:
    """Replace what stands in one of GraphiQL's editors."""
    page.locator(f"{editor} .CodeMirror").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def test_the_explorer_runs_a_query_and_stays_on_this_origin(page, shop, address, tmp_path):
    shop.account("bank")
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))

    page.goto(f"{address}/graphql", wait_until="networkidle")
    _type(page, ".graphiql-editor-tool .graphiql-editor:not(.hidden)", f'{{"Authorization": "Bearer {shop.key}"}}')
    page.locator(".graphiql-execute-button").click()
    page.locator(".result-window").get_by_text("shop:bank").wait_for(timeout=10_000)
    page.wait_for_timeout(500)
    page.screenshot(path=tmp_path / "explorer.png")

    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(address).netloc}
    assert complaints == []
    stored = page.evaluate("JSON.stringify(window.localStorage) + document.cookie")
    assert shop.key not in stored
    assert shop.key in page.evaluate("JSON.stringify(window.sessionStorage)")


def test_the_landing_page_leads_to_the_explorer(page, address):
    page.goto(address)

    page.get_by_role("link", name="GraphiQL").click()
    page.locator(".graphiql-execute-button").wait_for(timeout=10_000)

    assert page.title() == "GraphiQL of Cofferdam"
