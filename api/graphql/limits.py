"""Limits on documents: depth, aliases, fields and repeated fields, checked before anything else of a document.

One rule of the specification compares each field with every other of its name, so that repeats are counted before it.
A fragment counts as often as it is spread, but is measured once: the check is linear in the document's size, whatever
it expands to.
"""

from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

from api.graphql.repeats import REPEATS_MAX, count_repeats, fragments_of
from ledger.kernel.waiting import give_way

TOKENS_MAX: Final = 1_000
DEPTH_MAX: Final = 12
ALIASES_MAX: Final = 15
FIELDS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Extent:
    """The size of a selection with its fragments expanded: depth, aliases, fields."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0

    def beside(self, other: "Extent") -> "Extent":
        """Return the extent of both selections side by side."""
        return Extent(max(self.depth, other.depth), self.aliases + other.aliases, self.fields + other.fields)


class DocumentLimits(ValidationRule):
    """Rejects documents that exceed the limits."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        extent = measure(context.document)
        for what, found, most in (
            ("levels", extent.depth, DEPTH_MAX),
            ("aliases", extent.aliases, ALIASES_MAX),
            ("fields", extent.fields, FIELDS_MAX),
            ("fields that repeat another", count_repeats(context.document), REPEATS_MAX),
        ):
            if found > most:
                context.report_error(GraphQLError(f"a document has at most {most} {what}"))


class GivesWay(ValidationRule):
    """Lets the event loop do other work while the other rules, which visit each node too, go through a document."""

    def enter(self, *_: object) -> None:
        """Give way if it is time to."""
        give_way()


def measure(document: DocumentNode) -> Extent:
    """Return the extent of all operations of a document together."""
    fragments = fragments_of(document)
    known: dict[str, Extent] = {}
    total = Extent()
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            total = total.beside(_extent(definition.selection_set, fragments, known))
    return total


def _extent(
    selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], known: dict[str, Extent]
) -> Extent:
    total = Extent()
    for selection in selections.selections:
        if isinstance(selection, FragmentSpreadNode):
            part = _fragment_extent(selection.name.value, fragments, known)
        elif isinstance(selection, FieldNode):
            part = _field_extent(selection, fragments, known)
        else:
            assert isinstance(selection, InlineFragmentNode)
            part = _extent(selection.selection_set, fragments, known)
        total = total.beside(part)
    return total


def _field_extent(field: FieldNode, fragments: dict[str, FragmentDefinitionNode], known: dict[str, Extent]) -> Extent:
    renamed = 1 if field.alias else 0
    if field.selection_set is None or field.name.value.startswith("__"):  # the schema itself is public and small
        return Extent(1, renamed, 1)
    inner = _extent(field.selection_set, fragments, known)
    return Extent(inner.depth + 1, inner.aliases + renamed, inner.fields + 1)


def _fragment_extent(name: str, fragments: dict[str, FragmentDefinitionNode], known: dict[str, Extent]) -> Extent:
    if name not in known:
        known[name] = Extent()  # a fragment cycle ends here; a rule of the specification rejects it
        if name in fragments:
            known[name] = _extent(fragments[name].selection_set, fragments, known)
    return known[name]
