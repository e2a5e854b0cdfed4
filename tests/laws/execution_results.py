"""Results of executions as values that compare: bytes, and all that an error has."""

import json
from typing import Any

from graphql import ExecutionResult, GraphQLError


def shown(result: ExecutionResult) -> tuple[str, list[tuple[Any, ...]] | None]:
    """The data as text in their order, and each error with its places and its cause."""
    errors = None if result.errors is None else [_shown(error) for error in result.errors]
    return json.dumps(result.data), errors


def _shown(error: GraphQLError) -> tuple[Any, ...]:
    cause = error.original_error
    return json.dumps(error.formatted), str(error), error.nodes, type(cause), str(cause)
