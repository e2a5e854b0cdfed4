"""The documentation: every link leads somewhere, every field, code and event is found, and what it shows is true."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest
from graphql import GraphQLEnumType, GraphQLInterfaceType, build_schema, parse, validate

from api.documentation.error_catalogue import request_codes
from api.documentation.site import GUIDES, ROOT
from api.graphql.schema import sdl
from tests.npm_packages import node

FINDS = """
import { readFileSync } from "node:fs";
const { find } = await import(`data:text/javascript,${encodeURIComponent(readFileSync(process.argv[1], "utf8"))}`);
const { index, asked } = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(asked.map((text) => find(index, text).map((entry) => entry[2]))));
"""


class Links(HTMLParser):
    """Where a page leads, and the anchors that it has."""

    def __init__(self, text):
        super().__init__()
        self.leads, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, _tag, attrs):
        given = dict(attrs)
        self.anchors |= {given["id"]} if "id" in given else set()
        self.leads += [given[name] for name in ("href", "src") if name in given]


@pytest.fixture(scope="module")
def site(address):
    """Every page that can be reached from the first one, by its path."""
    found, waiting = {}, ["/docs"]
    with httpx.Client(base_url=address, trust_env=False, verify=False) as http:
        while waiting:
            path = waiting.pop()
            if path in found:
                continue
            response = http.get(path, headers={"Accept": "text/html"})
            found[path] = response
            if response.headers["content-type"].startswith("text/html") and path.startswith("/docs"):
                leads = (urljoin(path, urldefrag(lead)[0]) for lead in Links(response.text).leads)
                waiting += [lead for lead in leads if not urlsplit(lead).netloc]
    return found


@pytest.fixture(scope="module")
def index(address):
    return httpx.get(f"{address}/docs/search.json", trust_env=False, verify=False).json()


def test_every_link_leads_to_a_page_and_an_anchor_that_are_there(site):
    pages = {path: Links(response.text) for path, response in site.items() if path.startswith("/docs")}

    assert len(pages) > 140
    assert {path: response.status_code for path, response in site.items() if response.status_code != 200} == {}
    torn = [
        (path, lead)
        for path, links in pages.items()
        for lead in links.leads
        if (parts := urldefrag(urljoin(path, lead)))[0].startswith("/docs") or lead.startswith("#")
        if parts[1] and parts[1] not in pages[parts[0]].anchors
    ]
    assert torn == []


def test_every_page_keeps_to_this_origin_and_has_no_script_of_its_own(site):
    for path, response in site.items():
        if path.startswith("/docs"):
            assert "default-src 'none'; script-src 'self'" in response.headers["content-security-policy"]
            assert (
                re.findall(r"<script(?! type=\"module\" src=)|\son\w+=|https?://[^\s\"<]+\.(?:js|css)", response.text)
                == []
            )


def test_what_is_not_there_is_not_found(address):
    for path in (
        "/docs/nothing",
        "/docs/guides/operators",
        "/docs/guides/%2e%2e/%2e%2e/pyproject.toml",
        "/docs/reference/__Type",
    ):
        response = httpx.get(address + path, trust_env=False, verify=False)
        assert (response.status_code, "/docs" in response.text) == (404, True)


def test_every_field_code_and_event_is_found(index, tmp_path):
    schema = build_schema(sdl())
    codes = schema.type_map["RefusalCode"]
    event = schema.type_map["Event"]
    assert isinstance(codes, GraphQLEnumType)
    assert isinstance(event, GraphQLInterfaceType)
    first = {name: f"/docs/errors#{name}" for name in codes.values}
    first |= {each.name: f"/docs/reference/{each.name}" for each in schema.get_implementations(event).objects}
    for name, type_ in schema.type_map.items():
        if not name.startswith("__") and hasattr(type_, "fields"):
            first |= {f"{name}.{field}": f"/docs/reference/{name}#{field}" for field in type_.fields}
    among = {entry.code: f"/docs/errors#request-{entry.code}" for entry in request_codes()}
    among |= {title.rpartition(".")[2]: None for title in first}

    asked = [*first, *among]
    found = dict(zip(asked, _found(index, asked, tmp_path), strict=True))

    assert len(first) > 500
    assert {text: found[text][:1] for text, address in first.items() if found[text][:1] != [address]} == {}
    assert [text for text, address in among.items() if address and address not in found[text]] == []
    assert [text for text in among if not found[text]] == []


def _found(index, asked, folder):
    (folder / "asked.json").write_text(json.dumps({"index": index, "asked": asked}))
    search = ROOT / "api" / "static" / "documentation" / "search.js"
    done = node("--input-type=module", "--eval", FINDS, str(search), str(folder / "asked.json"))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_words_of_a_guide_are_found(index, tmp_path):
    freezing, resends, nothing = _found(index, ["freeze close", "resends", "zebra crossing"], tmp_path)

    assert freezing[0] == "/docs/guides/partners#11-freeze-limit-close"
    assert resends[0] == "/docs/guides/partners#resends-and-refusals"
    assert nothing == []


def test_every_found_address_is_there(site, index):
    anchors = {path: Links(response.text).anchors for path, response in site.items()}

    torn = [each for each in index if (parts := urldefrag(each[2]))[1] and parts[1] not in anchors[parts[0]]]
    assert torn == []
    assert all(urldefrag(each[2])[0] in site for each in index)


def test_every_example_and_its_answer_is_shown_as_the_tests_ran_it(site):
    examples = sorted((ROOT / "docs" / "examples").glob("*.graphql"))

    assert examples
    for path in examples:
        shown = _texts(site[f"/docs/examples/{path.stem}"].text)
        assert path.read_text().partition("\n")[2].strip() in shown
        assert path.with_suffix(".json").read_text().strip() in shown


class _Texts(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text = ""

    def handle_data(self, data):
        self.text += data


def _texts(html):
    parser = _Texts()
    parser.feed(html)
    return parser.text


def test_every_query_of_a_guide_is_valid():
    schema, wrong = build_schema(sdl()), []
    for name in GUIDES:
        text = (ROOT / "docs" / "guides" / f"{name}.md").read_text(encoding="utf-8")
        for block in re.findall(r"```graphql\n(.*?)```", text, re.DOTALL):
            wrong += [(name, str(error)) for error in validate(schema, parse(block))]

    assert wrong == []


def test_every_code_that_an_answer_may_have_is_in_the_catalogue(site):
    guide = (ROOT / "docs" / "guides" / "partners.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| \d{3}[\d, ]* \| (.*?) \|", guide, re.MULTILINE))
    anchors = Links(site["/docs/errors"].text).anchors

    codes = {code for cell in told for code in re.findall(r"`([A-Z_]+)`", cell)}
    assert {f"request-{code}" for code in codes} <= anchors
    assert len(codes) > 12


def test_language_models_are_led_to_what_they_can_read(address):
    with httpx.Client(base_url=address, trust_env=False, verify=False) as http:
        outline = http.get("/llms.txt").text
        leads = re.findall(r"\]\((.*?)\)", outline)

        assert outline.startswith("# Cofferdam\n\n> ")
        assert {lead: http.get(lead).status_code for lead in leads} == dict.fromkeys(leads, 200)
        assert http.get("/docs/guides/limits.md").text == (Path(ROOT) / "docs/guides/limits.md").read_text()
