"""Leaves: complete scalars and enums (GraphQL specification, section 6.4.3, result coercion)."""

from collections.abc import Callable, Mapping, Sequence
from enum import EnumMeta
from typing import Any, Final

from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLID, GraphQLLeafType, GraphQLString, Undefined
from graphql.pyutils import inspect

from api.execution.errors import Fail
from api.execution.plan import Field
from api.execution.run import Place, Run

Leaf = Callable[[Any], Any]
"""Completes a value: returns what the response has for it, or raises."""

_AS_IT_IS: Final[Mapping[GraphQLLeafType, type]] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}
"""The Python type whose values each of these scalars gives back as they are."""


def compile_leaf(type_: GraphQLLeafType, missing: str | None) -> Leaf:
    """Complete values of the type; `missing` is the error of a null, None where null may stand."""
    coerce = type_.coerce_output_value

    def complete(value: Any) -> Any:
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

    python_enum = getattr(type_, "wrapped_cls", None)  # as Strawberry keeps it
    if isinstance(type_, GraphQLEnumType) and isinstance(python_enum, EnumMeta):
        return _member_or(complete, list(python_enum.__members__.values()))
    return complete


def compile_leaf_field(
    field: Field, read: Callable[[Any], Any], complete: Leaf, fail: Fail, *, as_it_is: type | None
) -> Callable[[Any, Place, Run], Any]:
    """Execute a field that is read off its object; values of the type `as_it_is` are complete already."""
    key, typename = field.key, field.parent.name

    def execute(source: Any, place: Place, run: Run) -> Any:
        try:
            value = read(source)
            return value if type(value) is as_it_is else complete(value)
        except Exception as error:  # noqa: BLE001  # whatever a field raises is an error of the response
            return fail(error, (place, key, typename), run)

    return execute


def unchanged(type_: GraphQLLeafType) -> type | None:
    """Return the Python type whose values need no coercion; None if each value is coerced."""
    return _AS_IT_IS.get(type_)


def _member_or(complete: Leaf, members: Sequence[Any]) -> Leaf:
    """Look a member of a Python enum up by its identity, before anything else is asked of it."""
    names = {id(member): complete(member) for member in members}

    def complete_member(value: Any) -> Any:
        name = names.get(id(value))
        return complete(value) if name is None else name

    return complete_member
