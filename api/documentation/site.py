"""The site: its pages by their addresses, each rendered when it is first asked for, and what its search looks in."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

from graphql import GraphQLSchema
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from api.documentation.error_catalogue import refusal_codes, refusal_types, request_codes
from api.documentation.markdown import Article, article, inline
from api.documentation.reference import TypePage, type_pages

ROOT: Final = Path(__file__).parents[2]
"""The repository, whose guides, examples and released schemas the site shows."""

GUIDES: Final = ("partners", "sandbox", "sdks", "webhooks", "subscriptions", "ledger", "limits", "insights")
"""The guides that partners need, in the order of the navigation."""

_CODE: Final = {
    "shop_wallet.py": ROOT / "sdks" / "python" / "examples" / "shop_wallet.py",
    "shop-wallet.ts": ROOT / "sdks" / "typescript" / "examples" / "shop-wallet.ts",
}
_CHANGES: Final = ROOT / "api" / "graphql" / "versions" / "CHANGES.md"


class Found(NamedTuple):
    """Something that the search finds: its title, what it is, its address, and a sentence about it."""

    title: str
    kind: str
    address: str
    text: str


class Site:
    """The pages of one schema; threads share it. Its size is that of the schema and the guides."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema: Final = schema
        self._lock: Final = Lock()
        self._rendered: Final[dict[str, bytes]] = {}
        self._environment: Final = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True
        )
        self._environment.filters["inline"] = lambda text: Markup(inline(text))  # noqa: S704  # it escapes HTML

    def page(self, path: str) -> bytes | None:
        """Return the page at a path below `/docs/`, None if there is none."""
        with self._lock:
            if path not in self._rendered and path in self._pages:
                self._rendered[path] = self._pages[path]().encode()
            return self._rendered.get(path)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The paths of all pages."""
        return tuple(self._pages)

    @cached_property
    def index(self) -> list[Found]:
        """Entries that the search looks in: every type, field, argument's owner, code, heading and example."""
        return [*self._found_in_papers(), *self._found_in_schema()]

    def outline(self) -> str:
        """Return the site for language models, in the form of llms.txt (https://llmstxt.org)."""
        text: str = self._environment.get_template("llms.txt").render(
            guides=[(title, f"/docs/guides/{name}.md") for name, title in self._titles.items()],
            examples=[(_titled(path), f"/docs/examples/{path.name}") for path in self._examples],
        )
        return text

    def source(self, path: str) -> Path | None:
        """Return the file behind a path such as `guides/limits.md` or an example's, None if there is none."""
        files = {f"guides/{name}.md": _guide_path(name) for name in GUIDES}
        files |= {f"examples/{each.name}": each for each in self._examples}
        return files.get(path)

    @cached_property
    def _pages(self) -> Mapping[str, Callable[[], str]]:
        pages: dict[str, Callable[[], str]] = {"": self._home}
        pages |= {f"guides/{name}": partial(self._guide_page, name) for name in GUIDES}
        pages |= {f"examples/{each.stem}": partial(self._example_page, each) for each in self._examples}
        pages |= {f"examples/{name}": partial(self._code_page, name) for name in _CODE}
        pages |= {"reference": self._reference_page, "errors": self._errors_page, "changes": self._changes_page}
        pages |= {f"reference/{name}": partial(self._type_page, name) for name in self._types}
        return pages

    @cached_property
    def _titles(self) -> dict[str, str]:
        """The titles of the guides, all of which are for partner developers here."""
        titles = {name: self._guide(name).title.removeprefix("For partner developers: ") for name in GUIDES}
        return {name: title[0].upper() + title[1:] for name, title in titles.items()}

    @cached_property
    def _types(self) -> dict[str, TypePage]:
        return type_pages(self._schema)

    @cached_property
    def _examples(self) -> list[Path]:
        return sorted((ROOT / "docs" / "examples").glob("*.graphql"))

    @cached_property
    def _addresses(self) -> dict[str, str]:
        """The address on the site of each file of the repository that has a page."""
        files = {f"docs/guides/{name}.md": f"/docs/guides/{name}" for name in GUIDES}
        files |= {file.relative_to(ROOT).as_posix(): f"/docs/examples/{name}" for name, file in _CODE.items()}
        return files | {"docs/examples": "/docs#examples"}

    def _guide(self, name: str) -> Article:
        return article(_guide_path(name).read_text(encoding="utf-8"), "docs/guides", self._addresses)

    def _home(self) -> str:
        return self._shown("home.html", "", "Documentation")

    def _guide_page(self, name: str) -> str:
        guide = self._guide(name)
        return self._shown("article.html", f"guides/{name}", self._titles[name], article=guide, body=Markup(guide.html))  # noqa: S704  # rendered without raw HTML

    def _changes_page(self) -> str:
        changes = article(_CHANGES.read_text(encoding="utf-8"), "api/graphql/versions", {})
        return self._shown("article.html", "changes", changes.title, article=changes, body=Markup(changes.html))  # noqa: S704  # the same

    def _example_page(self, path: Path) -> str:
        says, _, document = path.read_text(encoding="utf-8").partition("\n")
        answer = path.with_suffix(".json").read_text(encoding="utf-8")
        shown = {"says": says.lstrip("# "), "document": document, "answer": answer}
        return self._shown("example.html", f"examples/{path.stem}", _titled(path), **shown)

    def _code_page(self, name: str) -> str:
        code = _CODE[name].read_text(encoding="utf-8")
        return self._shown("code.html", f"examples/{name}", f"A shop's wallet: {name}", code=code)

    def _reference_page(self) -> str:
        return self._shown("reference.html", "reference", "Reference", types=self._types)

    def _type_page(self, name: str) -> str:
        return self._shown("type.html", f"reference/{name}", name, type=self._types[name], types=self._types)

    def _errors_page(self) -> str:
        catalogue = {
            "refusals": refusal_codes(self._schema),
            "types": refusal_types(self._schema),
            "requests": request_codes(),
        }
        return self._shown("errors.html", "errors", "Errors", **catalogue)

    def _shown(self, template: str, path: str, title: str, **values: Any) -> str:
        navigation = {
            "guides": [(f"guides/{name}", title) for name, title in self._titles.items()],
            "examples": [(f"examples/{each.stem}", _titled(each)) for each in self._examples],
            "programs": [(f"examples/{name}", name) for name in _CODE],
        }
        text: str = self._environment.get_template(template).render(path=path, title=title, **navigation, **values)
        return text

    def _found_in_papers(self) -> Iterator[Found]:
        for name in GUIDES:
            guide = self._guide(name)
            yield Found(self._titles[name], "guide", f"/docs/guides/{name}", "")
            for heading in guide.headings:
                yield Found(heading.text, "guide", f"/docs/guides/{name}#{heading.anchor}", self._titles[name])
        for each in self._examples:
            says = each.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
            yield Found(_titled(each), "example", f"/docs/examples/{each.stem}", says)
        for name in _CODE:
            yield Found(f"A shop's wallet: {name}", "example", f"/docs/examples/{name}", "A complete application.")
        yield Found("Changes of the schema", "page", "/docs/changes", "Versions, and what each changed.")
        yield Found("Errors", "page", "/docs/errors", "Every code that an answer may have.")
        for entry in [*refusal_codes(self._schema), *request_codes()]:
            kind = "code" if entry.status == 0 else f"code, HTTP {entry.status}"
            yield Found(entry.code, kind, f"/docs/errors#{_anchor(entry.code, entry.status)}", entry.text)

    def _found_in_schema(self) -> Iterator[Found]:
        for page in self._types.values():
            address = f"/docs/reference/{page.name}"
            yield Found(page.name, page.kind, address, page.text)
            for part in page.parts if page.kind != "union" else ():
                if page.kind == "interface" and part.name == part.type_name:
                    continue
                kind = {"enum": "value", "input": "input field"}.get(page.kind, "field")
                yield Found(f"{page.name}.{part.name}", kind, f"{address}#{part.name}", part.text)


def _anchor(code: str, status: int) -> str:
    return code if status == 0 else f"request-{code}"


def _guide_path(name: str) -> Path:
    return ROOT / "docs" / "guides" / f"{name}.md"


def _titled(path: Path) -> str:
    """Return the title of an example: `Open accounts` of `01-open-accounts.graphql`."""
    words = path.stem.partition("-")[2].replace("-", " ")
    return words[0].upper() + words[1:]
