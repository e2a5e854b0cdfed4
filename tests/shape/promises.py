"""Rules of what is written down: docstrings, annotations, and the reasons beside exceptions to a check."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.shape.limits import Function, functions
from tests.shape.source import Fault, Source

_SENTENCE_BREAK: Final = re.compile(r"[.!?]\s+[A-Z]")
_SILENCED: Final = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|nosec)\b")
_REASONED: Final = re.compile(r"#\s*(noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*|type: ignore\[[\w, -]+\])\s+#\s*\w.*\w.*")
_UNFINISHED: Final = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_COMMENT: Final = re.compile(r"(#|--|//|<!--)(.*)")


def opening_sentence(source: Source) -> Iterator[Fault]:
    """A module opens with one sentence that says what it alone does; more may follow after a blank line."""
    opening = (ast.get_docstring(source.tree) or "").split("\n\n", 1)[0]
    if not opening:
        yield Fault(source.path, 1, "open the module with one sentence: what it alone does")
    elif not opening.endswith((".", ":")) or _SENTENCE_BREAK.search(opening):
        yield Fault(source.path, 1, "the opening is one sentence that ends in a period; leave a blank line before more")


def public_docstrings(source: Source) -> Iterator[Fault]:
    """Every public class, function and method has a docstring; a migration's one step is said by its module's."""
    migration = "migrations/versions/" in source.path
    for node in _public_definitions(source.tree):
        if not ast.get_docstring(node) and not migration:
            yield Fault(source.path, node.lineno, f"say in a docstring what {node.name} is or gives")


def annotations(source: Source) -> Iterator[Fault]:
    """Every parameter and every answer has a type."""
    for function in functions(source.tree):
        arguments = function.args
        parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        bare = [p.arg for p in parameters if p is not None and p.annotation is None and p.arg not in ("self", "cls")]
        for name in [*bare, *(["its answer"] if function.returns is None else [])]:
            yield Fault(source.path, function.lineno, f"{function.name}: {name} has no type")


def reasons(source: Source) -> Iterator[Fault]:
    """A silenced check names its code, and then why: `# noqa: S608  # names of a record, no input`."""
    for line, comment in source.comments():
        if _SILENCED.search(comment) and not _REASONED.search(comment):
            yield Fault(source.path, line, "a silenced check names its code and its reason: `# noqa: S608  # why`")


def finished(source: Source) -> Iterator[Fault]:
    """Nothing is left to be done in a comment: it is done, or it is an issue."""
    for number, line in enumerate(source.text.splitlines(), 1):
        comment = _COMMENT.search(line)
        if comment and (mark := _UNFINISHED.search(comment[2])):
            yield Fault(source.path, number, f"{mark[1]}: do it, or open an issue")


def public_first(source: Source) -> Iterator[Fault]:
    """Public functions stand before private ones, so that a module is read from the top."""
    private: str | None = None
    for node in source.tree.body:
        if not isinstance(node, Function) or node.decorator_list:
            continue
        if node.name.startswith("_"):
            private = private or node.name
        elif private is not None:
            yield Fault(source.path, node.lineno, f"{node.name} is public: it stands above {private}")


def _public_definitions(parent: ast.Module | ast.ClassDef) -> Iterator[Function | ast.ClassDef]:
    for node in parent.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public_definitions(node)
