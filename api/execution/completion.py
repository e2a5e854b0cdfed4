"""Completion: how a value of each type becomes what stands in the response (section 6.4.3, CompleteValue)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

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
"""Completes the value at a place of a run: gives what stands in the response, or raises."""


class Position(NamedTuple):
    """What a value is completed for: its field, and the error of a null there; None where null may stand."""

    field: Field
    missing: str | None

    def is_null(self, value: Any) -> bool:
        """Whether the value is null where it may be. Raises what the value is, and where it may not be."""
        if isinstance(value, Exception):
            raise value
        if value is not None and value is not Undefined:
            return False
        if self.missing is not None:
            raise TypeError(self.missing)
        return True


def list_of(item: Complete, fail: Fail, position: Position) -> Complete:
    """Completes a list by its items; `fail` ends the errors of an item."""
    field = position.field

    def complete(value: Any, place: Place, run: Run) -> list[Any] | None:
        if type(value) is not list:
            if position.is_null(value):
                return None
            if not is_iterable(value):
                raise GraphQLError(f"Expected Iterable, but did not find one for field '{field}'.")
        completed: list[Any] = []
        for index, each in enumerate(value):
            here = (place, index, None)
            try:
                completed.append(item(each, here, run))
            except Exception as error:  # noqa: BLE001  # whatever an item raises is an error of the response
                completed.append(fail(error, here, run))
        return completed

    return complete


def object_of(type_: GraphQLObjectType, fields: Sequence[tuple[str, Complete]], position: Position) -> Complete:
    """Completes an object by its fields, each of which is executed on it."""
    plain, is_type_of, field = plain_class(type_), type_.is_type_of, position.field

    def complete(value: Any, place: Place, run: Run) -> dict[str, Any] | None:
        if type(value) is not plain or getattr(value, CAST_ATTRIBUTE, None) is not None:
            if position.is_null(value):
                return None
            if is_type_of is not None and not is_type_of(value, run.resolve_info(field, place)):
                raise GraphQLError(f"Expected value of type '{type_}' but got: {inspect(value)}.", list(field.nodes))
        completed = {}
        for key, execute in fields:  # a comprehension would be one call more
            completed[key] = execute(value, place, run)
        return completed

    return complete


def abstract_of(type_: GraphQLAbstractType, types: Mapping[str, Complete], position: Position) -> Complete:
    """Completes a value of an interface or a union as that of its object type."""
    resolve_type, field = type_.resolve_type or default_type_resolver, position.field

    def complete(value: Any, place: Place, run: Run) -> dict[str, Any] | None:
        if position.is_null(value):
            return None
        info = run.resolve_info(field, place)
        name = resolve_type(value, info, type_)
        if not isinstance(name, str) or name not in types:
            details = [FieldDetails(node, None) for node in field.nodes]
            name = run.executor().ensure_valid_runtime_type(name, type_, details, info, value).name
        completed: dict[str, Any] | None = types[name](value, place, run)
        return completed

    return complete
