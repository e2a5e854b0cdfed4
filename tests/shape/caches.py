"""The rule of caches: what a process of the API remembers is bounded, and the operators' guide says how."""

import ast
from collections.abc import Iterator
from typing import Final

from tests.shape.source import Fault, Source, walked

GUIDE: Final = "docs/guides/operators.md"

_DECORATORS: Final = {"cache", "lru_cache"}
_HOLDERS: Final = {"Cache", "OrderedDict", "WeakKeyDictionary", "WeakValueDictionary"}


def listed_caches(source: Source, guide: str) -> Iterator[Fault]:
    """A module of the API that remembers anything has a line in the table of caches, with the bounds of it."""
    if not source.path.startswith("api/") or f"| `{source.path}` |" in guide:
        return
    for node in walked(source.tree):
        if isinstance(node, ast.FunctionDef) and any(_name(each) in _DECORATORS for each in node.decorator_list):
            yield _fault(source, node.lineno)
        if isinstance(node, ast.Call) and _name(node.func) in _HOLDERS:
            yield _fault(source, node.lineno)
        if isinstance(node, ast.Assign | ast.AnnAssign) and _is_empty_mapping(node.value) and _is_held(node):
            yield _fault(source, node.lineno)


def _fault(source: Source, line: int) -> Fault:
    return Fault(source.path, line, f"it remembers something: say what, and its bounds, in the caches of {GUIDE}")


def _is_empty_mapping(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Dict) and not value.keys


def _is_held(node: ast.Assign | ast.AnnAssign) -> bool:
    """It is an attribute of an object, and not a name of a function that ends."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(each, ast.Attribute) for each in targets)


def _name(node: ast.AST) -> str:
    """The last name of `cache`, `functools.cache`, `lru_cache(…)` or `Cache[…]`."""
    if isinstance(node, ast.Call):
        return _name(node.func)
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
