"""Variables: coerces the values of a request, by signatures that are read once of each operation."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    coerce_input_value,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

Coerce = Callable[[Mapping[str, Any]], VariableValues | list[GraphQLError]]
"""Gives the variables of an operation their values; or what is wrong with the values that were sent."""

_ERRORS_MAX: Final = 50
"""Of the variables of one request; the number is graphql-core's."""


def compile_variables(operation: OperationDefinitionNode, schema: GraphQLSchema) -> Coerce:
    """Coerce the variables of an operation.

    What was sent is coerced here. Where there are defaults or errors, graphql-core coerces all of it, and says what is
    wrong.
    """
    definitions = operation.variable_definitions or ()
    signatures = [get_variable_signature(schema, each) for each in definitions]

    def coerce_all(sent: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        return get_variable_values(schema, definitions, dict(sent), _ERRORS_MAX)

    known = [each for each in signatures if isinstance(each, GraphQLVariableSignature)]
    if len(known) < len(signatures):
        return coerce_all

    def coerce(sent: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        values = VariableValues({}, {})
        with suppress(GraphQLError, RecursionError):  # graphql-core raises them again, and knows their place
            if all(_coerced(each, sent, values) for each in known):
                return values
        return coerce_all(sent)

    return coerce


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
