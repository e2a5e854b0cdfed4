"""The rule of personal data: only the flow that records a reading reads what is personal of a customer."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from ledger.kernel.record import columns
from ledger.tenancy.records import Customer
from tests.shape.source import Fault, Source, walked

_FLOW: Final = "ledger/personal_data/customers.py"
_TABLE: Final = "_CUSTOMERS"
_PERSONAL: Final = frozenset(column.name for column in columns(Customer) if column.col.pii)
_SQL: Final = re.compile(r"\b(?:from|join)\s+customers\b", re.IGNORECASE)


def personal_reads(source: Source) -> Iterator[Fault]:
    """Elsewhere the table of customers is only asked for columns that are not personal, and never in text."""
    if source.path == _FLOW:
        return
    says = f"what is personal of a customer is read by {_FLOW}, which records the reading"
    yield from (Fault(source.path, line, says) for line in sorted(set(_reads(source.tree))))


def _reads(tree: ast.Module) -> Iterator[int]:
    parents = {id(child): node for node in walked(tree) for child in ast.iter_child_nodes(node)}
    collections = {f"{_TABLE}.c", *_other_names(tree)}
    for node in walked(tree):
        parent = parents.get(id(node), tree)
        if _is_hidden(node, parent) or (_is_read(node) and not _is_plain(node, parent, collections)):
            yield node.lineno  # type: ignore[attr-defined]  # both kinds of node stand at a line


def _other_names(tree: ast.Module) -> Iterator[str]:
    """What a module calls the columns: `table = CUSTOMERS.c`."""
    for node in walked(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == f"{_TABLE}.c":
            yield from map(ast.unparse, node.targets)


def _is_hidden(node: ast.AST, parent: ast.AST) -> bool:
    """The table in text, under another name, or through another module."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and _SQL.search(node.value) is not None
    if isinstance(node, ast.ImportFrom):
        return any(each.name == _TABLE for each in node.names)
    if isinstance(node, ast.Call) and ast.unparse(node) == "table(Customer)":
        return not isinstance(parent, ast.AnnAssign) or ast.unparse(parent.target) != _TABLE
    return isinstance(node, ast.Attribute) and node.attr == _TABLE


def _is_read(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)


def _is_plain(node: ast.AST, parent: ast.AST, collections: set[str]) -> bool:
    """It is no name of the table or its columns, or leads on to a column that is not personal."""
    text = ast.unparse(node)
    if text == _TABLE:
        return isinstance(parent, ast.Attribute) and parent.attr == "c"
    if text in collections:
        return isinstance(parent, ast.Assign) or (isinstance(parent, ast.Attribute) and parent.attr not in _PERSONAL)
    return True
