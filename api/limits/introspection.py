"""Introspection: the mean length of the lists by which a schema describes itself."""

from collections.abc import Iterator
from typing import Final

from graphql import (
    GraphQLSchema,
    is_abstract_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
)

_ITEMS_MIN: Final = 1


def schema_items(schema: GraphQLSchema, name: str) -> int:
    """Return the mean length of the list of this name, such as `fields` or `args`, rounded."""
    types = len(schema.type_map)
    if name in ("types", "directives"):
        return types if name == "types" else len(schema.directives)
    found, lists = (sum(_arguments(schema)), _fields(schema)) if name == "args" else (_length(schema, name), types)
    return max(_ITEMS_MIN, round(found / lists))


def _length(schema: GraphQLSchema, name: str) -> int:
    """Return the length of the lists of this name of all types together."""
    types = schema.type_map.values()
    if name == "fields":
        return _fields(schema)
    if name == "inputFields":
        return sum(len(each.fields) for each in types if is_input_object_type(each))
    if name == "enumValues":
        return sum(len(each.values) for each in types if is_enum_type(each))
    if name == "possibleTypes":
        return sum(len(schema.get_possible_types(each)) for each in types if is_abstract_type(each))
    return sum(len(each.interfaces) for each in types if is_object_type(each))


def _fields(schema: GraphQLSchema) -> int:
    return sum(1 for _ in _arguments(schema))


def _arguments(schema: GraphQLSchema) -> Iterator[int]:
    """Yield the number of arguments of each field."""
    for each in schema.type_map.values():
        if is_object_type(each) or is_interface_type(each):
            yield from (len(field.args) for field in each.fields.values())
