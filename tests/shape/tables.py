"""The rule of tables: SQL names the tables of its own context and of those below it, as imports do."""

import ast
import re
from collections.abc import Iterator
from typing import Final, TypeGuard

from ledger.records import RECORDS
from tests.shape.source import Fault, Source, walked

_FLOORS: Final = ("kernel", "journal", "timers", "tenancy", "book", "vault", "vault_tokens")
"""The rooms of the ledger from the ground up; above them lie the contexts side by side, and over all of them flows."""

_ABOVE_ALL: Final = ("flows", "migrations")
_OWNERS: Final = {record.TABLE: record.__module__.split(".")[1] for record in RECORDS}
_RECORDS: Final = {record.__name__: record.TABLE for record in RECORDS}
_NAMED: Final = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+({'|'.join(sorted(_OWNERS))})\b(?!\s*\.)")


def named_tables(source: Source) -> Iterator[Fault]:
    """A table is named by its context, by those above it, and by nobody outside of the ledger."""
    room = source.path.split("/")[1] if source.path.startswith("ledger/") else None
    if source.path.startswith(("bench/", "lake/")) or room in _ABOVE_ALL:
        return  # a benchmark measures the tables themselves; the lake has tables of the same names, and no SQL database
    for line, table in sorted(set(_tables(source.tree))):
        owner = _OWNERS[table]
        if room is None or not (room == owner or _floor(owner) < _floor(room)):
            says = f"{table} is a table of ledger/{owner}: ask a function there, or above both"
            yield Fault(source.path, line, says)


def _tables(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in walked(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno, named[1]) for named in _NAMED.finditer(node.value))
        elif (found := _RECORDS.get(ast.unparse(node.args[0]) if _is_table(node) else "")) is not None:
            yield node.lineno, found


def _is_table(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "table" and bool(node.args)


def _floor(room: str) -> int:
    return _FLOORS.index(room) if room in _FLOORS else len(_FLOORS)
