"""Literals: values of arguments as a document writes them, with variables in them, by closures compiled once.

They give what graphql-core's `coerce_input_literal` gives where all is well. Where it is not, they raise `Unclear`, and
graphql-core says what becomes of the value.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from graphql import (
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    ListValueNode,
    Node,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_input_object_type,
    is_list_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal

Literal = Callable[[Mapping[str, Any]], Any]
"""Gives the coerced value for coerced variables. Raises `Unclear`."""

_IMMUTABLE: Final = (str, int, float, bool, type(None), date, time, timedelta, Decimal, Enum, UUID)


class Unclear(Exception):
    """A variable is absent or null, or the value is of a kind that is not compiled."""


def compile_literal(node: ValueNode, type_: GraphQLInputType) -> Literal:
    """Compile a value of a type. Raises `Unclear`."""
    nullable: Any = get_nullable_type(type_)
    if isinstance(node, VariableNode):
        return _variable(node.name.value)
    if isinstance(node, ListValueNode) and is_list_type(nullable):
        return _list([compile_literal(each, nullable.of_type) for each in node.values])
    if isinstance(node, ObjectValueNode) and is_input_object_type(nullable):
        return _object(nullable, _fields(node, nullable))
    return constant(Undefined if has_variable(node) else coerce_input_literal(node, type_))


def constant(value: Any) -> Literal:
    """Give the same value whatever the variables are; a list as a copy. Raises `Unclear` for one that can change."""
    if isinstance(value, list) and all(map(is_immutable, value)):
        return lambda _variables: list(value)
    if value is Undefined or not is_immutable(value):
        raise Unclear
    return lambda _variables: value


def is_immutable(value: object) -> bool:
    """Return True if nobody can change the value, so that all who ask may have the same one."""
    return isinstance(value, _IMMUTABLE)


def has_variable(node: object) -> bool:
    """Return whether there is a variable in a part of a document."""
    if isinstance(node, VariableNode):
        return True
    if isinstance(node, Node):
        return any(has_variable(each) for each in vars(node).values())
    return isinstance(node, tuple | list) and any(has_variable(each) for each in node)


def _fields(node: ObjectValueNode, type_: GraphQLInputObjectType) -> Sequence[tuple[str, Literal]]:
    given = {each.name.value: each.value for each in node.fields}
    if type_.is_one_of or not given.keys() <= type_.fields.keys():
        raise Unclear
    fields: list[tuple[str, Literal]] = []
    for name, field in type_.fields.items():
        if name in given:
            fields.append((field.out_name or name, compile_literal(given[name], field.type)))
        else:
            fields += _default(name, field)
    return fields


def _default(name: str, field: GraphQLInputField) -> Sequence[tuple[str, Literal]]:
    """Return the field with its default; nothing if it has none, and is not required."""
    value = coerce_default_value(field)
    if value is not Undefined:
        return [(field.out_name or name, constant(value))]
    if get_nullable_type(field.type) is not field.type:
        raise Unclear
    return []


def _variable(name: str) -> Literal:
    def read(variables: Mapping[str, Any]) -> Any:
        value = variables.get(name)
        if value is None:
            raise Unclear
        return value

    return read


def _list(items: Sequence[Literal]) -> Literal:
    return lambda variables: [each(variables) for each in items]


def _object(type_: GraphQLInputObjectType, fields: Sequence[tuple[str, Literal]]) -> Literal:
    out_type = type_.out_type
    return lambda variables: out_type({name: each(variables) for name, each in fields})
