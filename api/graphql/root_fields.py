"""Root fields: queries, mutations and subscriptions that a document asks for: the actions that policies are about."""

from collections.abc import Iterator
from typing import Final

from graphql import FieldNode, FragmentSpreadNode, GraphQLSchema, InlineFragmentNode, SelectionSetNode

from api.execution.documents import Document

_GROUPS: Final = {"revealVaultToken": "reveal"}
"""The fields in a group of their own, whatever their root."""

INTROSPECTION: Final = "introspect"
"""The action of the fields that tell the schema, which is public."""


def actions(schema: GraphQLSchema) -> dict[str, str]:
    """Return the group of each action of the schema: `read` for a query or subscription, `write` for a mutation.

    Revealing a secret is in the group `reveal`.
    """
    roots = {schema.query_type: "read", schema.subscription_type: "read", schema.mutation_type: "write"}
    groups = {name: group for root, group in roots.items() if root is not None for name in root.fields}
    return {INTROSPECTION: "read", **groups, **{name: _GROUPS[name] for name in _GROUPS.keys() & groups.keys()}}


def asked_actions(document: Document) -> frozenset[str]:
    """Return the actions that the operation of a valid document asks for, whatever its conditions leave out."""
    names = _names(document.operation.selection_set, document)
    return frozenset(INTROSPECTION if name.startswith("__") else name for name in names)


def _names(selected: SelectionSetNode, document: Document) -> Iterator[str]:
    for each in selected.selections:
        match each:
            case FieldNode():
                yield each.name.value
            case FragmentSpreadNode():
                yield from _names(document.fragments[each.name.value].selection_set, document)
            case InlineFragmentNode():
                yield from _names(each.selection_set, document)
