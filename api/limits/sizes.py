"""Sizes: the number of items that a list of an answer may have, from the arguments of its field."""

from typing import Final

from graphql import (
    FieldNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_list_type,
)

from api.execution.plan import Field
from api.limits.expressions import Number, Unknown, Variables, greatest, total
from ledger.kernel.errors import InvalidInput

PAGE_ITEMS_MAX: Final = 100
PAGE_ITEMS_DEFAULT: Final = 20
LIST_ITEMS: Final = 5
"""The items that a list counts with if no argument bounds it, such as the metadata of an account."""

_PAGE_ARGUMENTS: Final = {"first": "after", "last": "before"}
"""The arguments that ask for a page, each with the one that continues it."""


def page_of(field: Field) -> Number | None:
    """Return the size of the page that the field asks for; None if it has no pages.

    Of a page outside of 1 to `PAGE_ITEMS_MAX`, the number raises the error when it is computed.
    """
    asked = [name for name in _PAGE_ARGUMENTS if name in field.definition.args]
    if not asked:
        return None
    given = [_page(field, name, value) for name in asked if (value := _value(field.nodes[0], name)) is not None]
    default = _default(field, asked)
    return _otherwise(greatest(given), default)


def input_items(field: Field) -> Number:
    """Return the number of items in all lists among the arguments of the field."""
    return total(_items(argument.value) for argument in field.nodes[0].arguments or ())


def listed_items(field: Field) -> Number | None:
    """Return the number of items that the field was given to look up, such as ids; None if it takes no list."""
    takes_list = any(is_list_type(get_nullable_type(each.type)) for each in field.definition.args.values())
    return input_items(field) if takes_list else None


def is_page(size: int) -> bool:
    """Return whether a page may have this size."""
    return 1 <= size <= PAGE_ITEMS_MAX


def out_of_bounds(name: str) -> InvalidInput:
    """Return the refusal of a page of another size, asked for by `first` or `last`."""
    refusal = InvalidInput(f"{name} is 1 to {PAGE_ITEMS_MAX}; use {_PAGE_ARGUMENTS[name]} to read further pages")
    refusal.path = (name,)
    return refusal


def _default(field: Field, asked: list[str]) -> int:
    defaults = [field.definition.args[name].default_value for name in asked]
    return max((each for each in defaults if isinstance(each, int)), default=PAGE_ITEMS_DEFAULT)


def _otherwise(size: Number, default: int) -> Number:
    """Return the size; the default where it is 0."""
    if isinstance(size, int):
        return size or default
    return lambda variables: size(variables) or default


def _page(field: Field, name: str, value: ValueNode) -> Number:
    """Return the size that an argument asks for, 0 for null."""
    refuse = _refusing(field, name)
    if isinstance(value, IntValueNode):
        size = int(value.value)
        return size if is_page(size) else refuse
    if not isinstance(value, VariableNode):
        return 0
    variable = value.name.value

    def size_of(variables: Variables) -> int:
        size = variables.get(variable)
        if size is None:
            return 0
        return int(size) if is_page(size) else refuse(variables)

    return size_of


def _refusing(field: Field, name: str) -> Unknown:
    """Return a number that raises the error of the page."""
    refusal = out_of_bounds(name)
    node = field.nodes[0]

    def refuse(_variables: Variables) -> int:
        raise GraphQLError(str(refusal), [node], original_error=refusal)

    return refuse


def _value(node: FieldNode, name: str) -> ValueNode | None:
    return next((each.value for each in node.arguments or () if each.name.value == name), None)


def _items(value: ValueNode) -> Number:
    """Count the items of a literal, and of the variables in it."""
    if isinstance(value, VariableNode):
        name = value.name.value
        return lambda variables: _count(variables.get(name, Undefined))
    if isinstance(value, ListValueNode):
        return total([len(value.values), *map(_items, value.values)])
    if isinstance(value, ObjectValueNode):
        return total(_items(each.value) for each in value.fields)
    return 0


def _count(value: object) -> int:
    """Count the items of all lists in a coerced value."""
    if isinstance(value, list):
        return len(value) + sum(map(_count, value))
    if isinstance(value, dict):
        return sum(map(_count, value.values()))
    return 0
