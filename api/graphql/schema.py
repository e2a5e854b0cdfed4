"""The schema: joins the modules of `nouns`, takes descriptions from docstrings, and executes documents."""

import inspect
from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLError, GraphQLNamedType, GraphQLObjectType
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, SchemaExtension, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.context import Call
from api.execution.documents import DocumentRefused
from api.execution.executor import PlanExecutor
from api.graphql import nouns
from api.graphql.limits import TOKENS_MAX, DocumentLimits
from api.graphql.nodes import Finder, Node, parse_any
from api.graphql.scalars import SCALARS
from ledger.kernel.log_context import bind

NOUNS: Final[tuple[ModuleType, ...]] = tuple(
    import_module(each.name) for each in iter_modules(nouns.__path__, f"{nouns.__name__}.")
)
"""The modules that the schema joins.

A module may have classes named `...Queries` and `...Mutations` with fields of the schema; `SHOWN`, the records that it
shows; and `NODES`, the finders of its objects by id.
"""

_FINDERS: Final[dict[str, Finder]] = {noun: find for each in NOUNS for noun, find in getattr(each, "NODES", {}).items()}

_LOGGED_NAME_LENGTH_MAX: Final = 64


def named(kind: str) -> tuple[type, ...]:
    """Return the classes of the nouns whose names end in `kind`."""
    defined = (vars(each).values() for each in NOUNS)
    return tuple(
        each for values in defined for each in values if isinstance(each, type) and each.__name__.endswith(kind)
    )


class _NodeQueries:
    @strawberry.field
    def node(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")],  # noqa: A002  # the argument's public name
    ) -> Node | None:
        """One of your objects by its id; null if you have no such object."""
        noun, value = parse_any(id)
        find = _FINDERS.get(noun)
        return None if find is None else find(info.context, value)


Query: Final = strawberry.type(
    type("Query", (*named("Queries"), strawberry.type(_NodeQueries)), {}),
    description="Read operations. Every answer is about your own partner, or was released to all partners.",
)

Mutation: Final = strawberry.type(
    type("Mutation", named("Mutations"), {}),
    description="Write operations. Each takes an idempotency key, and is durable when its answer arrives.",
)


def execute(
    query: str,
    call: Call,
    *,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    allowed: frozenset[OperationType],
) -> ExecutionResult:
    """Execute one operation of the document; the errors of the result are not yet masked."""
    return _SCHEMA.execute_sync(
        query,
        variable_values=None if variables is None else dict(variables),
        context_value=call,
        operation_name=operation_name,
        allowed_operation_types=allowed,
    )


def sdl() -> str:
    """Return the schema in SDL with its descriptions, as in `schema.graphql`."""
    return _SCHEMA.as_str().strip() + "\n"


def introspection() -> dict[str, Any]:
    """Return the answer to the introspection query, for tools."""
    return _SCHEMA.introspect()


class _Schema(strawberry.Schema):
    """A schema that takes missing descriptions from docstrings, and does not log."""

    def describe(self) -> None:
        """Set the description of each type and resolver field that has none to its docstring."""
        for named in self._schema.type_map.values():
            definition = named.extensions.get("strawberry-definition")
            origin = getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None)
            if named.description is None and origin is not None and origin.__doc__:
                named.description = _opening(origin.__doc__)
            _describe_fields(named)

    def _log_nothing(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing: the endpoint logs, since it knows the request id and which errors are bugs."""

    process_errors = _log_nothing


class _LoggedOperation(SchemaExtension):
    """Names the operation in the log of its request, once it is known to be one of the document."""

    def on_execute(self) -> Iterator[None]:
        """Bind its name, unless it is long: it is text of the caller's."""
        asked = self.execution_context
        name = asked.operation_name or ""
        is_short = 0 < len(name) <= _LOGGED_NAME_LENGTH_MAX
        bind(operation=name if is_short else None, operation_type=asked.operation_type.value)
        yield


class _Rules(AddValidationRules):
    """Our validation rules, beside those of the specification."""

    def on_operation(self) -> Iterator[None]:
        """Require one operation if the request names none; otherwise the first of several would be executed."""
        named = self.execution_context._provided_operation_name  # noqa: SLF001  # the public name is never empty
        if named is None and OneOperation not in self.validation_rules:
            self.validation_rules = [*self.validation_rules, OneOperation]
        yield from super().on_operation()


def _describe_fields(named: GraphQLNamedType) -> None:
    if not isinstance(named, GraphQLObjectType):
        return
    for field in named.fields.values():
        resolver = getattr(field.extensions.get("strawberry-definition"), "base_resolver", None)
        if field.description is None and resolver is not None:
            field.description = _opening(resolver.wrapped_func.__doc__)


def _opening(docstring: str) -> str:
    return " ".join(inspect.cleandoc(docstring).split("\n\n", 1)[0].split())


def _built() -> _Schema:
    schema = _Schema(
        query=Query,
        mutation=Mutation,
        config=StrawberryConfig(scalar_map=SCALARS),
        # Rules are created once: one created per request would differ each time, and never be found in the cache.
        extensions=[
            lambda: MaxTokensLimiter(max_token_count=TOKENS_MAX),
            lambda: _Rules([DocumentLimits]),
            lambda: ParserCache(maxsize=512),
            lambda: ValidationCache(maxsize=512),
            _LoggedOperation,
        ],
    )
    schema.describe()
    return schema


_SCHEMA: Final = _built()
_EXECUTOR: Final = PlanExecutor(
    _SCHEMA.built,
    # The limits come first: what they refuse would cost the other rules more than it is worth.
    stages=[(DocumentLimits,), (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)],
    tokens_max=TOKENS_MAX,
    executor_class=_SCHEMA.execution_context_class,
)
