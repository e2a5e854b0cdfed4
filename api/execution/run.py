"""The run: one execution of a plan, with its variables and context, and the errors of its fields."""

from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from graphql import Executor, GraphQLError, GraphQLResolveInfo, GraphQLSchema, parse
from graphql.execution.values import VariableValues
from graphql.pyutils import Path

from api.execution.plan import Field, Plan

Place = tuple[Any, str | int, str | None] | None
"""The place of a value: the place above it, its key or index, its parent's type; None for the root.

A plain tuple, because one is made for each object; a `Path` is made of it where somebody asks.
"""


class Run:
    """One execution: its context and variables, and what it collects.

    `pattern` is an executor of graphql-core: a copy of it makes the info of resolvers, and judges runtime types.
    `between` is called after each item of a list: a long run may pause there.
    """

    __slots__ = ("_executor", "_pattern", "arguments", "between", "context", "errors", "plan", "root", "variables")

    def __init__(
        self, plan: Plan, pattern: Executor[Any], *, root: Any, context: Any, variables: VariableValues
    ) -> None:
        self.plan, self.root, self.context, self.variables = plan, root, context, variables
        self.between: Callable[[], None] = _go_on
        self.errors: list[GraphQLError] = []
        self.arguments: dict[Field, Mapping[str, Any]] = {}
        self._pattern = pattern
        self._executor: Executor[Any] | None = None

    def executor(self) -> Executor[Any]:
        """Return graphql-core's executor of this run, made at its first use."""
        if self._executor is None:
            self._executor = executor = object.__new__(type(self._pattern))
            vars(executor).update(vars(self._pattern))  # as `copy` does, in a third of its time
            executor.operation, executor.fragment_definitions = self.plan.operation, dict(self.plan.fragments)
            executor.root_value, executor.context_value = self.root, self.context
            executor.variable_values = self.variables
        return self._executor

    def resolve_info(self, field: Field, place: Place) -> GraphQLResolveInfo[Any]:
        """Return the info of the field for resolvers; inside a list, the info of the whole field."""
        return self.executor().build_resolve_info(
            field.definition, list(field.nodes), field.parent, path_of(_of_field(place))
        )


def pattern_of(schema: GraphQLSchema, executor_class: type[Executor[Any]]) -> Executor[Any]:
    """Make an executor of graphql-core for each run to copy, which is faster than making one."""
    made = executor_class.build(schema, parse("{ __typename }"), is_awaitable=_never, is_async_iterable=_never)
    assert isinstance(made, Executor), made
    return made


def path_of(place: Place) -> Path:
    """Return the place as a path of graphql-core."""
    assert place is not None
    above, key, typename = place
    return Path(None if above is None else path_of(above), key, typename)


def keys_of(place: Place) -> list[str | int]:
    """Return the keys from the root down to the place."""
    keys: list[str | int] = []
    while place is not None:
        place, key, _ = place
        keys.append(key)
    return keys[::-1]


def _of_field(place: Place) -> Place:
    while place is not None and isinstance(place[1], int):
        place = place[0]
    return place


def _never(_value: object) -> TypeGuard[Any]:
    return False


def _go_on() -> None:
    """Pause nowhere."""
