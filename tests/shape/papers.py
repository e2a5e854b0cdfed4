"""Rules of the papers: what they promise is there, and nothing in the repository speaks of one machine."""

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import PurePosixPath
from typing import Final

from tests.shape.source import Fault, Source

SECTIONS: Final = ("Context", "Decision", "Consequences", "Alternatives", "Enforced by")
"""What a decision record has, in this order."""

_FOLDERS: Final = {
    "api",
    "bench",
    "cofferdam",
    "dagster_home",
    "dbt_project",
    "docs",
    "lake",
    "ledger",
    "pipelines",
    "sdks",
}
TOP_LEVEL: Final = frozenset(
    _FOLDERS
    | {"tests", ".ci", ".gitattributes", ".gitignore", "Makefile", "pyproject.toml", "requirements.lock"}
    | {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md"}
)
"""The whole top level: the user's folders, the command, the papers, and what tools look for there."""

_SPAN: Final = re.compile(r"`([^`\n]+)`")
_LINK: Final = re.compile(r"\]\(([^)#:\n]+)(#[^)\s]*)?\)")
_MAKE: Final = re.compile(r"(?:^(?: {4})?|`|&& )make ([a-z][a-z-]*)(?=`| *(?:#.*)?$| [A-Z]+=)", re.MULTILINE)
"""In code: between backticks, or alone on a line but for a comment. Prose may make do with other words."""

_OURS: Final = re.compile(r"(?:`|bin/)cofferdam ([a-z]+(?:-[a-z]+)*)")
_TARGET: Final = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_MACHINE: Final = re.compile(r"(?<![\w.~}<>-])/(?:work|home|root|Users|mnt)/\w+")
_REGISTRY: Final = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|(?<!emit-)index-url[ =]")

Exists = Callable[[str], bool]
"""Whether what a decision names is there: a path, or a path with the name of a test behind `::`."""


def decision(source: Source, exists: Exists) -> Iterator[Fault]:
    """A decision record has its five sections in order, and what it says enforces it exists."""
    found = tuple(re.findall(r"^## (.+)$", source.text, re.MULTILINE))
    if found != SECTIONS:
        yield Fault(source.path, 1, f"its sections are {', '.join(SECTIONS)}; here: {', '.join(found)}")
        return
    enforcing = source.text.split("## Enforced by", 1)[1]
    spans = _SPAN.findall(enforcing)
    if not any(map(_is_place, spans)):
        yield Fault(source.path, _line(source, "## Enforced by"), "name the test, contract or file that enforces it")
    for span in filter(_is_place, spans):
        if not exists(span):
            yield Fault(source.path, _line(source, f"`{span}`"), f"{span} does not exist")


def links(source: Source, exists: Exists) -> Iterator[Fault]:
    """Every link to a file of the repository leads to one."""
    for target, _ in _LINK.findall(source.text):
        parts: list[str] = []
        for part in (PurePosixPath(source.path).parent / target).parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        if not exists("/".join(parts)):
            yield Fault(source.path, _line(source, f"]({target}"), f"the link to {target} leads nowhere")


def commands(source: Source, makefile: str, ours: Collection[str]) -> Iterator[Fault]:
    """Every command that a paper names exists: of `make` in the Makefile, of `cofferdam` among `ours`."""
    for name in sorted(set(_MAKE.findall(source.text)) - set(_TARGET.findall(makefile))):
        yield Fault(source.path, _line(source, f"make {name}"), f"the Makefile has no target {name}")
    for name in sorted(set(_OURS.findall(source.text)) - set(ours)):
        yield Fault(source.path, _line(source, f"cofferdam {name}"), f"cofferdam has no command {name}")


def portable(source: Source) -> Iterator[Fault]:
    """Nothing names a folder of one machine, or the host of a package registry."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if found := _MACHINE.search(line):
            yield Fault(source.path, number, f"{found[0]} is a folder of one machine")
        if found := _REGISTRY.search(line):
            yield Fault(source.path, number, f"{found[0]}: which registry is used is the installer's configuration")


def top_level(paths: list[str]) -> Iterator[Fault]:
    """Nothing stands at the top of the repository but what was agreed."""
    for name in sorted({path.split("/", 1)[0] for path in paths} - TOP_LEVEL):
        yield Fault(name, 1, "the top level is agreed: put it in a folder, or change the rule and say why")


def _is_place(span: str) -> bool:
    return "/" in span.split("::", 1)[0] or span.split("::", 1)[0].endswith((".toml", ".md", ".lock", "Makefile"))


def _line(source: Source, text: str) -> int:
    return source.text[: source.text.index(text)].count("\n") + 1
