"""Rules of prose: docstrings and comments are plain English that an engineer reads once and understands."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.shape.source import Fault, Source

PLAIN: Final = (
    "api/",
    "bench/",
    "cofferdam/",
    "lake/",
    "ledger/",
    "pipelines/",
)
"""The folders that these rules hold for; a folder joins once its docstrings are rewritten."""

_NEVER_EDITED: Final = "ledger/migrations/versions/"
"""Revisions of the schema, which stay as they were applied."""

_HEADLESS: Final = re.compile(
    r"((of|by|in|on|for|from|to|with|since|until) )?(what|whether|who|whom|whose|whoever|how|where|which|when|why)\b",
    re.IGNORECASE,
)
"""A relative or indirect clause without its noun, such as "What is due" or "By whom"."""

_OF_THE_HOUSE: Final = re.compile(
    r"\b(whoever|(?:of|by|for|to|from|with) who|wanted|said|told|lies|stands (?!for\b)\w+|crossings?|thaws?)\b",
    re.IGNORECASE,
)
"""Words that only this house used so; use caller, requested, stated, is in, inter-book transfer."""

_CODE: Final = re.compile(r"`[^`\n]*`")


def openings(source: Source) -> Iterator[Fault]:
    """A docstring begins with a verb, or with a noun phrase that a stranger can picture."""
    for line, text in docstrings(source):
        opening = text.strip().split("\n", 1)[0]
        if _HEADLESS.match(opening):
            says = f"{opening[:40]!r} has no head: begin with a verb (Return, Lock, Read) or with a noun"
            yield Fault(source.path, line, says)


def words(source: Source) -> Iterator[Fault]:
    """Docstrings and comments use the words of the field; names in backticks are code, and may be any."""
    prose = [*docstrings(source), *source.comments()] if _is_plain(source) else []
    for start, text in prose:
        for line, each in enumerate(_CODE.sub("", text).splitlines(), start):
            if (found := _OF_THE_HOUSE.search(each)) is not None:
                yield Fault(source.path, line, f"{found[0]!r} is a word of this house: say it in the field's word")


def docstrings(source: Source) -> Iterator[tuple[int, str]]:
    """Line and text of the docstrings of modules, classes, functions and constants, where the rules hold."""
    for node in ast.walk(source.tree) if _is_plain(source) else ():
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def _is_plain(source: Source) -> bool:
    return source.path.startswith(PLAIN) and not source.path.startswith(_NEVER_EDITED)
