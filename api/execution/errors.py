"""Errors of fields: located where they happened, and collected where a null can stand in their place."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLOutputType, is_non_null_type, located_error

from api.execution.plan import Field
from api.execution.run import Place, Run, keys_of

Fail = Callable[[Exception, Place, Run], Any]
"""Collects an error and gives the null in its place; raises it, located, where null may not stand."""


def compile_fail(field: Field, type_: GraphQLOutputType) -> Fail:
    """Compile what an error becomes of the field's value, or of an item of it that has this type."""
    is_required = is_non_null_type(type_)

    def fail(error: Exception, place: Place, run: Run) -> None:
        located = located_error(error, list(field.nodes), keys_of(place))
        if is_required:
            raise located
        run.errors.append(located)

    return fail
