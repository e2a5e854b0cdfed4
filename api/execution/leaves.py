"""Leaves: how values of scalars and enums are completed."""

from collections.abc import Callable, Mapping
from enum import EnumMeta
from typing import Any, Final

from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLID, GraphQLLeafType, GraphQLString, Undefined
from graphql.pyutils import inspect

Leaf = Callable[[Any], Any]
"""Completes a value: gives what stands in the response, or raises."""

_AS_IT_IS: Final[Mapping[GraphQLLeafType, type]] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}
"""The Python type whose values each of these scalars gives back as they are."""


def leaf_of(type_: GraphQLLeafType, missing: str | None) -> Leaf:
    """How a value of the type is completed; `missing` is the error of a null, None where null may stand."""
    coerce, as_it_is = _coercion(type_), _AS_IT_IS.get(type_)

    def complete(value: Any) -> Any:
        if type(value) is as_it_is:
            return value
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            if missing is not None:
                raise TypeError(missing)
            return None
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise TypeError(
                f"Expected `{type_}.coerce_output_value({inspect(value)})` to return non-nullable value, "
                f"returned: {inspect(coerced)}"
            )
        return coerced

    return complete


def _coercion(type_: GraphQLLeafType) -> Leaf:
    """The type's own coercion; of an enum that wraps a Python one, its members are looked up first."""
    coerce = type_.coerce_output_value
    members = getattr(type_, "wrapped_cls", None)
    if not isinstance(type_, GraphQLEnumType) or not isinstance(members, EnumMeta):
        return coerce
    names = {id(each): coerce(each) for each in vars(members)["_member_map_"].values()}  # they live as long as the type

    def named(value: Any) -> Any:
        return names.get(id(value)) or coerce(value)

    return named
