"""Arguments: the values that a resolver is called with, made once if nobody can change them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import FieldNode, GraphQLError, get_argument_values
from graphql.execution.values import coerce_argument

from api.execution.literals import Literal, Unclear, compile_literal, constant, has_variable, is_immutable
from api.execution.plan import Field
from api.execution.run import Run

Arguments = Callable[[Run], Mapping[str, Any]]
"""Gives a run the arguments of a field, by the names of its resolver's parameters. Raises the error of a wrong one."""

Conversion = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Makes the values that a resolver takes of those that graphql-core has coerced."""


def compile_arguments(field: Field, convert: Conversion) -> Arguments:
    """Make the arguments of a field: once for all runs, once for each run, or at each call."""
    node = field.nodes[0]
    if not field.definition.args:
        return _constant({})
    if not has_variable(node):
        try:
            constant = convert(get_argument_values(field.definition, node))
        except Exception:  # noqa: BLE001  # it is the field's own error: each run finds it where it belongs
            return _of_run(field, node, convert)
        if _are_immutable(constant):
            return _constant(constant)
    return _of_run(field, node, convert)


def _constant(values: Mapping[str, Any]) -> Arguments:
    return lambda _run: values


def _of_run(field: Field, node: FieldNode, convert: Conversion) -> Arguments:
    definition, fill = field.definition, _filled(field, node)

    def read(run: Run) -> Mapping[str, Any]:
        known = run.arguments.get(field)
        if known is not None:
            return known
        try:
            filled = None if fill is None else fill(run.variables.coerced)
        except Unclear:
            filled = None
        values = convert(get_argument_values(definition, node, run.variables) if filled is None else filled)
        if _are_immutable(values):
            run.arguments[field] = values
        return values

    return read


def _filled(field: Field, node: FieldNode) -> Literal | None:
    """Return what gives all arguments for the variables; None if one of them is not compiled, or is wrong."""
    given = {each.name.value: each.value for each in node.arguments or ()}
    arguments: list[tuple[str, Literal]] = []
    try:
        for name, definition in field.definition.args.items():
            if name in given:
                arguments.append((definition.out_name or name, compile_literal(given[name], definition.type)))
            else:
                arguments += _default(field, node, name)
    except (GraphQLError, Unclear):
        return None
    return lambda variables: {name: value(variables) for name, value in arguments}


def _default(field: Field, node: FieldNode, name: str) -> Sequence[tuple[str, Literal]]:
    """Return the default of an argument that is not given. Raises `Unclear` and `GraphQLError`."""
    found: dict[str, Any] = {}
    coerce_argument(found, node, name, field.definition.args[name], None, None, None)
    return [(name, constant(value)) for name, value in found.items()]


def _are_immutable(values: Mapping[str, Any]) -> bool:
    return all(map(is_immutable, values.values()))
