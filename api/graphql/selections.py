"""Selections beside a field: what its aliases and other fields of the root name, so that all of it is read at once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    print_ast,
    value_from_ast_untyped,
)

from api.context import Call
from api.graphql.loaders import loaded_once
from ledger.kernel.errors import InvalidId
from ledger.public_ids import Key, parse_any

_ID_ARGUMENTS: Final = ("id", "ids")


def ids_beside(info: strawberry.Info[Call, None], noun: str) -> list[Key]:
    """Return the ids of a noun that fields of the root ask for, of aliases and of `node` and `nodes` as well.

    Only fields that select the same count, so that no list below is read for an object that does not show it.
    """
    named = loaded_once(info.context, "ids of the root", lambda: _ids_of_root(info))
    return named.get((noun, _shape(info._raw_info.field_nodes[0])), []) if named else []  # noqa: SLF001  # as below


def arguments_beside(info: strawberry.Info[Call, None]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return this field of the root and its aliases: the name of each in the response, and its arguments as written."""
    return [
        (node.alias.value if node.alias else node.name.value, _arguments(info, node))
        for node in _fields_of_root(info)
        if node.name.value == info.field_name
    ]


def names_of_nodes(info: strawberry.Info[Call, None]) -> frozenset[str]:
    """Return the names of the fields that a list is asked for of its nodes, whatever their conditions."""
    written = info._raw_info.field_nodes  # noqa: SLF001  # as above
    key = ("names of nodes", *map(id, written))
    return loaded_once(info.context, key, lambda: frozenset(_names_of_nodes(info)))


def _names_of_nodes(info: strawberry.Info[Call, None]) -> Iterator[str]:
    raw = info._raw_info  # noqa: SLF001  # as above
    fragments = raw.fragments
    for each in _below(raw.field_nodes, fragments):
        inner = [each] if each.name.value == "nodes" else []
        if each.name.value == "edges":
            inner = [edge for edge in _below([each], fragments) if edge.name.value == "node"]
        yield from (node.name.value for node in _below(inner, fragments))


def _below(nodes: Sequence[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    for node in nodes:
        if node.selection_set is not None:
            yield from _fields(node.selection_set, fragments, set())


def _ids_of_root(info: strawberry.Info[Call, None]) -> Mapping[tuple[str, str], list[Key]]:
    fields = list(_fields_of_root(info))
    named: dict[tuple[str, str], list[Key]] = {}
    for node in fields if len(fields) > 1 else ():
        arguments = _arguments(info, node)
        for text in (each for name in _ID_ARGUMENTS for each in _texts(arguments.get(name))):
            try:
                noun, value = parse_any(text)
            except InvalidId:  # the field that it was given to refuses it
                continue
            named.setdefault((noun, _shape(node)), []).append(value)
    return named


def _shape(node: FieldNode) -> str:
    return "" if node.selection_set is None else print_ast(node.selection_set)


def _fields_of_root(info: strawberry.Info[Call, None]) -> Iterator[FieldNode]:
    raw = info._raw_info  # noqa: SLF001  # Strawberry shows no operation of its own
    return _fields(raw.operation.selection_set, raw.fragments, set())


def _fields(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], spread: set[str]
) -> Iterator[FieldNode]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, fragments, spread)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
            spread.add(node.name.value)
            yield from _fields(fragments[node.name.value].selection_set, fragments, spread)


def _arguments(info: strawberry.Info[Call, None], node: FieldNode) -> Mapping[str, Any]:
    variables = info.variable_values
    return {each.name.value: value_from_ast_untyped(each.value, variables) for each in node.arguments or ()}


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]
