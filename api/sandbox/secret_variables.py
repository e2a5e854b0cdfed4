"""Leaves secret texts out of the variables of a request, by the types that its operation declares for them."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    is_input_object_type,
    parse,
    type_from_ast,
)
from graphql.type import is_input_type

from api.execution.variables import SECRET

LEFT_OUT: Final = "***"
"""The text in place of a secret one."""


def without_secrets(
    schema: GraphQLSchema, query: str, operation_name: str | None, variables: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the variables of an operation that was executed, with `LEFT_OUT` in place of each secret text.

    A document cannot have a secret in it: the schema takes one as a variable alone. A variable that the operation does
    not declare is left out.
    """
    declared = _declared(schema, query, operation_name)
    return {name: _masked(declared[name], value) for name, value in variables.items() if name in declared}


def _declared(schema: GraphQLSchema, query: str, operation_name: str | None) -> dict[str, GraphQLInputType]:
    operations = [
        each for each in parse(query, no_location=True).definitions if isinstance(each, OperationDefinitionNode)
    ]
    named = [each for each in operations if operation_name in (None, each.name.value if each.name else None)]
    found = {}
    for each in named[0].variable_definitions or () if named else ():
        type_ = type_from_ast(schema, each.type)
        if type_ is not None and is_input_type(type_):
            found[each.variable.name.value] = type_
    return found


def _masked(type_: GraphQLInputType, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, list):
        return [_masked(type_, each) for each in value]
    named = get_named_type(type_)
    if named.name == SECRET:
        return LEFT_OUT
    if is_input_object_type(named) and isinstance(value, dict):
        return {name: _masked(named.fields[name].type, each) for name, each in value.items() if name in named.fields}
    return value
