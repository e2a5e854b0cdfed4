"""Rules of size: how long a file and a function may be, how much a module may show, how much a function may ask for."""

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from tests.shape.source import Fault, Source, walked

FILE_LINES_MAX: Final = 400
FUNCTION_LINES_MAX: Final = 50
_PUBLIC_NAMES_MAX: Final = 8
_POSITIONAL_MAX: Final = 4

Function = ast.FunctionDef | ast.AsyncFunctionDef


def file_length(source: Source) -> Iterator[Fault]:
    """A file has at most 400 lines."""
    lines = source.text.count("\n")
    if lines > FILE_LINES_MAX:
        yield Fault(source.path, lines, f"{lines} lines; split it by its nouns ({FILE_LINES_MAX} at most)")


def function_length(source: Source) -> Iterator[Fault]:
    """A function has at most 50 lines, its docstring counted."""
    for function in functions(source.tree):
        if (lines := function_lines(function)) > FUNCTION_LINES_MAX:
            says = f"{function.name} has {lines} lines; give its steps names ({FUNCTION_LINES_MAX} at most)"
            yield Fault(source.path, function.lineno, says)


def public_names(source: Source) -> Iterator[Fault]:
    """A module shows at most 8 names; the records of a context are a list, and have no limit.

    A tree of classes counts as its root: who knows that one knows how to use all.
    """
    is_list = source.stem in ("__init__", "records") or "/records/" in source.path
    names = [] if is_list else list(_public_names(source.tree))
    if len(names) > _PUBLIC_NAMES_MAX:
        says = f"{len(names)} public names ({_PUBLIC_NAMES_MAX} at most): {', '.join(names)}"
        yield Fault(source.path, 1, says)


def positional_parameters(source: Source) -> Iterator[Fault]:
    """A function takes at most 4 positional parameters beside `self`; the others are named at the call."""
    for function in functions(source.tree):
        names = [parameter.arg for parameter in (*function.args.posonlyargs, *function.args.args)]
        if len(taken := [name for name in names if name not in ("self", "cls")]) > _POSITIONAL_MAX:
            says = (
                f"{function.name} takes {len(taken)} positional parameters ({_POSITIONAL_MAX} at most); put a * before"
            )
            yield Fault(source.path, function.lineno, f"{says} {taken[_POSITIONAL_MAX]}")


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    return (node for node in walked(tree) if isinstance(node, Function))


def function_lines(function: Function) -> int:
    """Lines from `def` to the end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def ninetieth(sizes: Sequence[int]) -> int:
    """The 90th percentile by nearest rank: nine of ten are not larger."""
    return sorted(sizes)[-(len(sizes) // 10) - 1]


def _public_names(tree: ast.Module) -> Iterator[str]:
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            names = [] if bases & classes else [node.name]
        elif isinstance(node, Function):
            names = [node.name]
        else:
            names = [name for name in _assigned(node) if name.isupper()]
        yield from (name for name in names if not name.startswith("_"))


def _assigned(node: ast.stmt) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    for target in targets:
        yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))
