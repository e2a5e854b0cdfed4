"""Arguments: the values that a resolver is called with, made once if nobody can change them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, NamedTuple
from uuid import UUID

from graphql import FieldNode, GraphQLError, Node, VariableNode, get_argument_values
from graphql.execution.values import coerce_argument

from api.execution.plan import Field
from api.execution.run import Run

Arguments = Callable[[Run], Mapping[str, Any]]
"""Gives a run the arguments of a field, by the names of its resolver's parameters. Raises the error of a wrong one."""

Conversion = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Makes the values that a resolver takes of those that graphql-core has coerced."""

_IMMUTABLE: Final = (str, int, float, bool, type(None), date, time, timedelta, Decimal, Enum, UUID)


def compile_arguments(field: Field, convert: Conversion) -> Arguments:
    """Make the arguments of a field: once for all runs, once for each run, or at each call."""
    node = field.nodes[0]
    if not field.definition.args:
        return _constant({})
    if not _has_variable(node):
        try:
            constant = convert(get_argument_values(field.definition, node))
        except Exception:  # noqa: BLE001  # it is the field's own error: each run finds it where it belongs
            return _of_run(field, node, convert)
        if _is_immutable(constant):
            return _constant(constant)
    return _of_run(field, node, convert)


def _constant(values: Mapping[str, Any]) -> Arguments:
    return lambda _run: values


def _of_run(field: Field, node: FieldNode, convert: Conversion) -> Arguments:
    definition, parts = field.definition, _parts_of(field, node)

    def read(run: Run) -> Mapping[str, Any]:
        known = run.arguments.get(field)
        if known is not None:
            return known
        filled = None if parts is None else parts.filled(run.variables.coerced)
        values = convert(get_argument_values(definition, node, run.variables) if filled is None else filled)
        if _is_immutable(values):
            run.arguments[field] = values
        return values

    return read


class _Parts(NamedTuple):
    """The arguments of a field that are known beforehand, and those that are a variable each, by their names."""

    constants: Mapping[str, Any]
    variables: Sequence[tuple[str, str]]

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return all arguments; None if a variable is absent or null, of which graphql-core says what becomes of it."""
        arguments = dict(self.constants)
        for name, variable in self.variables:
            value = arguments[name] = values.get(variable)
            if value is None:
                return None
        return arguments


def _parts_of(field: Field, node: FieldNode) -> _Parts | None:
    """Return the arguments in their parts; None if one has a variable inside of its value, or is wrong."""
    given = {each.name.value: each for each in node.arguments or ()}
    constants: dict[str, Any] = {}
    variables: list[tuple[str, str]] = []
    for name, definition in field.definition.args.items():
        argument = given.get(name)
        if argument is not None and isinstance(argument.value, VariableNode):
            variables.append((definition.out_name or name, argument.value.name.value))
        elif argument is not None and _has_variable(argument.value):
            return None
        else:
            try:
                coerce_argument(constants, node, name, definition, argument, None, None)
            except GraphQLError:
                return None
    return _Parts(constants, variables) if _is_immutable(constants) else None


def _is_immutable(values: Mapping[str, Any]) -> bool:
    return all(isinstance(value, _IMMUTABLE) for value in values.values())


def _has_variable(node: object) -> bool:
    if isinstance(node, VariableNode):
        return True
    if isinstance(node, FieldNode):
        return any(_has_variable(argument.value) for argument in node.arguments or ())
    if isinstance(node, Node):
        return any(_has_variable(each) for each in vars(node).values())
    return isinstance(node, tuple | list) and any(_has_variable(each) for each in node)
