"""Fields: compiles a plan into closures, each of which executes one field on one object."""

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

from api.execution.completion import Complete, compile_abstract, compile_list, compile_object
from api.execution.errors import compile_fail
from api.execution.leaves import compile_leaf, compile_leaf_field, unchanged
from api.execution.plan import Field, Plan, Selection
from api.execution.resolvers import Read, Resolve, compile_read, compile_resolve
from api.execution.run import Place, Run

Execute = Callable[[Any, Place, Run], Any]
"""Executes a field on an object at a place of a run: gives its part of the response, or raises."""


def compile_plan(plan: Plan) -> Callable[[Run], dict[str, Any]]:
    """Execute the fields of the operation one after the other, as those of a mutation must be."""
    fields = _fields(plan.root, plan.schema)

    def execute(run: Run) -> dict[str, Any]:
        return {key: field(run.root, None, run) for key, field in fields}

    return execute


def _fields(selection: Selection, schema: GraphQLSchema) -> list[tuple[str, Execute]]:
    return [(field.key, _execution(field, schema)) for field in selection.fields]


def _execution(field: Field, schema: GraphQLSchema) -> Execute:
    return_type = field.definition.type
    fail, read = compile_fail(field, return_type), compile_read(field, schema)
    type_, missing = _nullable(field, return_type)
    if read is not None and is_leaf_type(type_):
        return compile_leaf_field(field, read, compile_leaf(type_, missing), fail, as_it_is=unchanged(type_))
    resolve = compile_resolve(field, schema) if read is None else _resolve_by(read)
    complete, key, typename = _completion(field, return_type, schema), field.key, field.parent.name

    def execute(source: Any, place: Place, run: Run) -> Any:
        here = (place, key, typename)
        try:
            return complete(resolve(source, here, run), here, run)
        except Exception as error:  # noqa: BLE001  # whatever a field raises is an error of the response
            return fail(error, here, run)

    return execute


def _resolve_by(read: Read) -> Resolve:
    return lambda source, _place, _run: read(source)


def _completion(field: Field, return_type: GraphQLOutputType, schema: GraphQLSchema) -> Complete:
    type_, missing = _nullable(field, return_type)
    if is_leaf_type(type_):
        leaf = compile_leaf(type_, missing)
        return lambda value, _place, _run: leaf(value)
    if is_list_type(type_):
        item = _completion(field, type_.of_type, schema)
        return compile_list(field, missing, item, compile_fail(field, type_.of_type))
    objects = {
        name: compile_object(field, missing, inner.type, _fields(inner, schema))
        for name, inner in field.selections.items()
    }
    return compile_abstract(field, missing, type_, objects) if is_abstract_type(type_) else objects[type_.name]


def _nullable(field: Field, type_: GraphQLOutputType) -> tuple[Any, str | None]:
    """Return the type without its non-null, and the error of a null in its place, if it had one."""
    if is_non_null_type(type_):
        return type_.of_type, f"Cannot return null for non-nullable field {field}."
    return type_, None
