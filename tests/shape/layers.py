"""Layers that a list of modules cannot state, because new contexts come: what contexts and the lake may import."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.shape.source import Fault, Source, walked

_GROUND: Final = {"kernel", "records", "public_ids", "journal", "tenancy", "book", "vault", "vault_tokens", "timers"}
"""What every context stands on."""

_NO_CONTEXT: Final = {*_GROUND, "flows", "migrations"}
_OF_THE_LAKE: Final = re.compile(r"ledger\.(kernel|records|public_ids|\w+\.records)\b")


def contexts(source: Source) -> Iterator[Fault]:
    """A context imports no other one; what composes two of them is a flow."""
    parts = source.path.split("/")
    if parts[0] != "ledger" or len(parts) < 3 or parts[1] in _NO_CONTEXT:
        return
    for line, module in _imported(source.tree):
        if module.startswith("ledger.") and module.split(".")[1] not in {*_GROUND, parts[1]}:
            yield Fault(source.path, line, f"a context does not import {module}: compose both in ledger/flows")


def lake(source: Source) -> Iterator[Fault]:
    """The lake knows the ledger's records and its kernel, and nothing else of it."""
    for line, module in _imported(source.tree) if source.path.startswith("lake/") else ():
        if module.startswith("ledger") and not _OF_THE_LAKE.match(module):
            yield Fault(source.path, line, f"the lake does not import {module}: it knows records and the kernel")


def _imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in walked(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, each.name) for each in node.names)
