"""Completion: makes lists and objects of the response (GraphQL specification, section 6.4.3, CompleteValue)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
    Undefined,
    default_type_resolver,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import inspect, is_iterable

from api.execution.errors import Fail
from api.execution.plan import Field
from api.execution.resolvers import CAST_ATTRIBUTE, plain_class
from api.execution.run import Place, Run

Complete = Callable[[Any, Place, Run], Any]
"""Completes the value at a place of a run: gives its part of the response, or raises."""


def compile_list(field: Field, missing: str | None, item: Complete, fail: Fail) -> Complete:
    """Complete a list by its items; `fail` ends the error of an item."""

    def complete(value: Any, place: Place, run: Run) -> list[Any] | None:
        if type(value) is not list:
            if _is_null(value, missing):
                return None
            if not is_iterable(value):
                raise GraphQLError(f"Expected Iterable, but did not find one for field '{field}'.")
        completed: list[Any] = []
        between = run.between
        for index, each in enumerate(value):
            here = (place, index, None)
            try:
                completed.append(item(each, here, run))
            except Exception as error:  # noqa: BLE001  # whatever an item raises is an error of the response
                completed.append(fail(error, here, run))
            between()
        return completed

    return complete


def compile_object(
    field: Field, missing: str | None, type_: GraphQLObjectType, fields: Sequence[tuple[str, Complete]]
) -> Complete:
    """Complete an object by executing its fields on it."""
    plain, is_type_of = plain_class(type_), type_.is_type_of

    def complete(value: Any, place: Place, run: Run) -> dict[str, Any] | None:
        if type(value) is not plain or getattr(value, CAST_ATTRIBUTE, None) is not None:
            if _is_null(value, missing):
                return None
            if is_type_of is not None and not is_type_of(value, run.resolve_info(field, place)):
                raise GraphQLError(f"Expected value of type '{type_}' but got: {inspect(value)}.", list(field.nodes))
        completed = {}
        for key, execute in fields:  # a comprehension would be one call more
            completed[key] = execute(value, place, run)
        return completed

    return complete


def compile_abstract(
    field: Field, missing: str | None, type_: GraphQLAbstractType, types: Mapping[str, Complete]
) -> Complete:
    """Complete a value of an interface or a union as one of its object type; `types` has those by name."""
    resolve_type = type_.resolve_type or default_type_resolver

    def complete(value: Any, place: Place, run: Run) -> dict[str, Any] | None:
        if _is_null(value, missing):
            return None
        info = run.resolve_info(field, place)
        name = resolve_type(value, info, type_)
        if not isinstance(name, str) or name not in types:
            details = [FieldDetails(node, None) for node in field.nodes]
            name = run.executor().ensure_valid_runtime_type(name, type_, details, info, value).name
        completed: dict[str, Any] | None = types[name](value, place, run)
        return completed

    return complete


def _is_null(value: Any, missing: str | None) -> bool:
    """Return True for an allowed null; raise the error of a null that is not, and a value that is an error."""
    if isinstance(value, Exception):
        raise value
    if value is not None and value is not Undefined:
        return False
    if missing is not None:
        raise TypeError(missing)
    return True
