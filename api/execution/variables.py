"""Variables: coerces the values of a request, by signatures that are read once of each operation."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from graphql import (
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    coerce_input_value,
    get_named_type,
    is_input_object_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.utilities import validate_input_value

Coerce = Callable[[Mapping[str, Any]], VariableValues | list[GraphQLError]]
"""Gives the variables of an operation their values; or what is wrong with the values that were sent."""

SECRET: Final = "SecretText"  # noqa: S105  # the name of a type
"""The scalar of secrets: no error repeats what was sent in a variable that may hold one."""

_ERRORS_MAX: Final = 50
"""Of the variables of one request; the number is graphql-core's."""


def compile_variables(operation: OperationDefinitionNode, schema: GraphQLSchema) -> Coerce:
    """Coerce the variables of an operation.

    What was sent is coerced here. Where there are defaults or errors, graphql-core coerces all of it, and says what is
    wrong.
    """
    definitions = operation.variable_definitions or ()
    signatures = [get_variable_signature(schema, each) for each in definitions]

    known = [each for each in signatures if isinstance(each, GraphQLVariableSignature)]
    secret = [each for each in known if _may_hold_secret(each.type, set())]

    def coerce_all(sent: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        if mistakes := [error for each in secret for error in _mistakes(each, sent)]:
            return mistakes
        return get_variable_values(schema, definitions, dict(sent), _ERRORS_MAX)

    if len(known) < len(signatures):
        return coerce_all

    def coerce(sent: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        values = VariableValues({}, {})
        with suppress(GraphQLError, RecursionError):  # graphql-core raises them again, and knows their place
            if all(_coerced(each, sent, values) for each in known):
                return values
        return coerce_all(sent)

    return coerce


def _may_hold_secret(type_: GraphQLInputType, met: set[str]) -> bool:
    """Return whether a value of the type may have a secret in it."""
    named = get_named_type(type_)
    if not is_input_object_type(named) or named.name in met:
        return named.name == SECRET
    met.add(named.name)
    return any(_may_hold_secret(field.type, met) for field in named.fields.values())


def _mistakes(signature: GraphQLVariableSignature, sent: Mapping[str, Any]) -> list[GraphQLError]:
    """Return what is wrong with a variable that may hold a secret, by its places: graphql-core repeats the value."""
    places: list[list[str | int]] = []
    value = sent.get(signature.name, Undefined)
    if value is not Undefined:
        validate_input_value(value, signature.type, lambda _error, place: places.append(place), hide_suggestions=True)
    said = f"is no {signature.type}; what was sent is not repeated, since it may be secret"
    return [
        GraphQLError(f"Variable '${'.'.join(map(str, (signature.name, *place)))}' {said}")
        for place in places[:_ERRORS_MAX]
    ]


def _coerced(signature: GraphQLVariableSignature, sent: Mapping[str, Any], values: VariableValues) -> bool:
    """Add the variable to the values; False where graphql-core is to say what becomes of it."""
    name = signature.name
    value = sent.get(name, Undefined)
    if value is Undefined:
        values.sources[name] = VariableValueSource(signature)
        return signature.default is None and not is_non_null_type(signature.type)
    coerced = coerce_input_value(value, signature.type)
    values.sources[name] = VariableValueSource(signature, value)
    values.coerced[name] = coerced
    return coerced is not Undefined
