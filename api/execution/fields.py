"""Fields: makes the closures that execute a plan, each of which is one field of one object type."""

from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLOutputType,
    GraphQLSchema,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from api.execution.completion import Complete, Position, abstract_of, list_of, object_of
from api.execution.errors import Fail, failing
from api.execution.leaves import leaf_field, leaf_of, unchanged
from api.execution.plan import Field, Plan, Selection
from api.execution.resolvers import reading, resolving
from api.execution.run import Place, Run

Execute = Callable[[Any, Place, Run], Any]
"""Executes a field on an object that stands at a place of a run: gives what stands in the response, or raises."""


def root_of(plan: Plan) -> Callable[[Run], dict[str, Any]]:
    """Executes the fields of the operation in their order: of a mutation one after the other, as all of them are."""
    fields = _fields(plan.root, plan.schema)

    def execute(run: Run) -> dict[str, Any]:
        return {key: field(run.root, None, run) for key, field in fields}

    return execute


def _fields(selection: Selection, schema: GraphQLSchema) -> list[tuple[str, Execute]]:
    return [(field.key, _execution(field, schema)) for field in selection.fields]


def _execution(field: Field, schema: GraphQLSchema) -> Execute:
    return_type = field.definition.type
    fail, read = failing(field, return_type), reading(field, schema)
    if read is None:
        return _resolved(field, resolving(field, schema), _completion(field, return_type, schema), fail)
    type_, missing = _nullable(field, return_type)
    if is_leaf_type(type_):
        return leaf_field(field, read, leaf_of(type_, missing), fail, as_it_is=unchanged(type_))
    return _read(field, read, _completion(field, return_type, schema), fail)


def _read(field: Field, read: Callable[[Any], Any], complete: Complete, fail: Fail) -> Execute:
    key, typename = field.key, field.parent.name

    def execute(source: Any, place: Place, run: Run) -> Any:
        here = (place, key, typename)
        try:
            return complete(read(source), here, run)
        except Exception as error:  # noqa: BLE001  # whatever a field raises is an error of the response
            return fail(error, here, run)

    return execute


def _resolved(field: Field, resolve: Execute, complete: Complete, fail: Fail) -> Execute:
    key, typename = field.key, field.parent.name

    def execute(source: Any, place: Place, run: Run) -> Any:
        here = (place, key, typename)
        try:
            return complete(resolve(source, here, run), here, run)
        except Exception as error:  # noqa: BLE001  # whatever a field raises is an error of the response
            return fail(error, here, run)

    return execute


def _completion(field: Field, return_type: GraphQLOutputType, schema: GraphQLSchema) -> Complete:
    type_, missing = _nullable(field, return_type)
    position = Position(field, missing)
    if is_leaf_type(type_):
        leaf = leaf_of(type_, missing)
        return lambda value, _place, _run: leaf(value)
    if is_list_type(type_):
        item = _completion(field, type_.of_type, schema)
        return list_of(item, failing(field, type_.of_type), position)
    objects = {
        name: object_of(inner.type, _fields(inner, schema), position) for name, inner in field.selections.items()
    }
    if is_abstract_type(type_):
        return abstract_of(type_, objects, position)
    (only,) = objects.values()
    return only


def _nullable(field: Field, type_: GraphQLOutputType) -> tuple[Any, str | None]:
    """The type without its non-null, and the error of a null in its place, if it had one."""
    if is_non_null_type(type_):
        return type_.of_type, f"Cannot return null for non-nullable field {field}."
    return type_, None
