"""The documentation in a real browser: by keyboard, light and dark, without network, and without barriers (axe)."""

import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tests.npm_packages import HERE, install

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PAGES = ["", "/guides/sdks", "/examples/01-open-accounts", "/reference/Transfer", "/errors"]

RULES = {"light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "dark": ["color-contrast"]}
"""What axe looks at: all that it knows of WCAG 2.1 AA, and once more what depends on colours."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (Debian: apt-get install chromium)")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


def test_a_field_is_found_by_keyboard_alone_and_nothing_leaves_this_origin(page, address):
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))

    page.goto(f"{address}/docs")
    page.keyboard.press("/")
    page.keyboard.type("creditline")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/docs/reference/Account#creditLine")

    assert page.locator("#creditLine").is_visible()
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(address).netloc}
    assert complaints == []


def test_the_first_stop_of_the_keyboard_leads_to_the_content(page, address):
    page.goto(f"{address}/docs/errors")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_barriers_and_fit_their_window(page, address, scheme):
    install(HERE)
    axe = (HERE / "node_modules" / "axe-core" / "axe.min.js").read_text()
    page.emulate_media(color_scheme=scheme)
    found = {}
    for path in PAGES:
        page.goto(f"{address}/docs{path}")
        page.evaluate(axe)
        result = page.evaluate("(rules) => axe.run({ runOnly: rules })", RULES[scheme])
        found |= {f"{path} {each['id']}": each["nodes"][0]["html"] for each in result["violations"]}
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, width)

    assert found == {}
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((each) => each < 128)")
    assert dark == (scheme == "dark")
