"""Repeats: counts fields that are selected again in the same object, before a rule compares each with every other.

The rule of the specification on fields that can be merged takes time in the square of the fields of one name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

REPEATS_MAX: Final = 100


def count_repeats(document: DocumentNode) -> int:
    """Count the fields with the response name of another of the same object, up to just beyond the limit."""
    repeats = _Repeats(fragments_of(document))
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            repeats.add([definition.selection_set])
    return repeats.count


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Return the fragments of a document by name."""
    return {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}


@dataclass(slots=True)
class _Repeats:
    """Counts over selection sets that are merged in one object, each group of them once."""

    fragments: dict[str, FragmentDefinitionNode]
    count: int = 0
    _seen: set[frozenset[int]] = field(default_factory=set)

    def add(self, merged: Sequence[SelectionSetNode]) -> None:
        group = frozenset(map(id, merged))
        if group in self._seen or self.count > REPEATS_MAX:
            return
        self._seen.add(group)
        named: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for each in merged:
            for node in self._fields(each, spread):
                named.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        self.count += sum(len(nodes) - 1 for nodes in named.values())
        for nodes in named.values():
            self.add([node.selection_set for node in nodes if node.selection_set is not None])

    def _fields(self, selections: SelectionSetNode, spread: set[str]) -> Iterator[FieldNode]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(node.selection_set, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                if (fragment := self.fragments.get(node.name.value)) is not None:
                    yield from self._fields(fragment.selection_set, spread)
