"""Markdown as HTML: headings get anchors, links between guides lead within the site, and raw HTML is shown as text."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

_HEADINGS: Final = {"h2", "h3"}
_WIDE: Final = {
    "pre": ('<pre tabindex="0">', "</pre>"),
    "table": ('<div class="wide" role="region" aria-label="Table" tabindex="0"><table>', "</table></div>"),
}
_OUTSIDE: Final = ("https://", "http://", "#", "/")


class Heading(NamedTuple):
    """A heading of an article, with the anchor that leads to it."""

    level: int
    text: str
    anchor: str


class Article(NamedTuple):
    """A Markdown file as HTML: its title, which is not part of the HTML, and its headings of the levels 2 and 3."""

    title: str
    html: str
    headings: tuple[Heading, ...]


def article(text: str, folder: str, pages: Mapping[str, str]) -> Article:
    """Render a file of a folder of the repository.

    `pages` has the address on the site of each file that is shown there. A link to any other file keeps its text only.
    """
    tokens = _parser().parse(text)
    titles = [_text(tokens[at + 1]) for at, token in enumerate(tokens) if token.tag == "h1" and token.nesting == 1]
    headings = tuple(_with_anchors(tokens))
    for token in tokens:
        token.children = _linked(token.children or [], folder, pages) if token.type == "inline" else token.children
    html: str = _parser().renderer.render(_without_title(tokens), _parser().options, {})
    return Article(titles[0] if titles else "", _scrolled(html), headings)


def inline(text: str) -> str:
    """Render a description of the schema, which has no blocks."""
    html: str = _parser().renderInline(text)
    return html


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _with_anchors(tokens: Sequence[Token]) -> list[Heading]:
    headings: list[Heading] = []
    for at, token in enumerate(tokens):
        if token.tag in _HEADINGS and token.nesting == 1:
            text = _text(tokens[at + 1])
            anchor = _slug(text)
            same = sum(each.anchor.rstrip("-0123456789") == anchor.rstrip("-0123456789") for each in headings)
            anchor = f"{anchor}-{same}" if anchor in {each.anchor for each in headings} else anchor
            token.attrSet("id", anchor)
            headings.append(Heading(int(token.tag[1]), text, anchor))
    return headings


def _text(token: Token) -> str:
    return "".join(child.content for child in token.children or [])


def _slug(text: str) -> str:
    """Return the anchor of a heading, as GitHub makes it, so that links hold in both places."""
    return re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")


def _without_title(tokens: list[Token]) -> list[Token]:
    at = next((at for at, token in enumerate(tokens) if token.tag == "h1"), None)
    return tokens if at is None else tokens[:at] + tokens[at + 3 :]


def _scrolled(html: str) -> str:
    """Let what is wider than its page be scrolled by keyboard; all tags are the renderer's, as raw HTML is escaped."""
    for tag, words in _WIDE.items():
        html = html.replace(f"<{tag}>", words[0]).replace(f"</{tag}>", words[1])
    return html


def _linked(children: list[Token], folder: str, pages: Mapping[str, str]) -> list[Token]:
    kept: list[Token] = []
    is_dropped = False
    for child in children:
        if child.type == "link_open":
            address = _address(str(child.attrGet("href")), folder, pages)
            is_dropped = address is None
            child.attrSet("href", address or "")
        if not (is_dropped and child.type in {"link_open", "link_close"}):
            kept.append(child)
        is_dropped = is_dropped and child.type != "link_close"
    return kept


def _address(href: str, folder: str, pages: Mapping[str, str]) -> str | None:
    if href.startswith(_OUTSIDE):
        return href
    path, _, anchor = href.partition("#")
    address = pages.get(posixpath.normpath(posixpath.join(folder, path)))
    return None if address is None else f"{address}#{anchor}" if anchor else address
