"""The schema: joins the nouns, describes them by their docstrings, and executes documents."""

import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLError, GraphQLNamedType, GraphQLObjectType
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from api.context import Call
from api.graphql import nouns
from api.graphql.limits import TOKENS_MAX, DocumentLimits, OneOperation
from api.graphql.nodes import Finder, Node, parse_any
from api.graphql.scalars import SCALARS

NOUNS: Final[tuple[ModuleType, ...]] = tuple(
    import_module(each.name) for each in iter_modules(nouns.__path__, f"{nouns.__name__}.")
)
"""The modules that the schema joins.

Each may have classes named `...Queries` and `...Mutations`, whose fields are the schema's; `SHOWN`, the records that it
shows; and `NODES`, what finds a thing of its noun by id.
"""

_FINDERS: Final[dict[str, Finder]] = {noun: find for each in NOUNS for noun, find in getattr(each, "NODES", {}).items()}


def named(kind: str) -> tuple[type, ...]:
    """The classes of the nouns whose names end in `kind`."""
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
        """Anything of yours by its id; null where you have no such thing."""
        noun, value = parse_any(id)
        find = _FINDERS.get(noun)
        return None if find is None else find(info.context, value)


Query: Final = strawberry.type(
    type("Query", (*named("Queries"), strawberry.type(_NodeQueries)), {}),
    description="What can be read. Every answer is about your own partner, or was released to all.",
)

Mutation: Final = strawberry.type(
    type("Mutation", named("Mutations"), {}),
    description="What can be changed. Every change takes an idempotency key, and is durable when its answer comes.",
)


def execute(
    query: str,
    call: Call,
    *,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    allowed: frozenset[OperationType],
) -> ExecutionResult:
    """Execute one operation of the document; the errors in the result are not yet masked."""
    return _SCHEMA.execute_sync(
        query,
        variable_values=None if variables is None else dict(variables),
        context_value=call,
        operation_name=operation_name,
        allowed_operation_types=allowed,
    )


def sdl() -> str:
    """The schema in the language of schemas, with its descriptions: what `schema.graphql` holds."""
    return _SCHEMA.as_str().strip() + "\n"


def introspection() -> dict[str, Any]:
    """The schema as the answer to the introspection query: what tools read."""
    return _SCHEMA.introspect()


class _Schema(strawberry.Schema):
    """A schema whose types and fields are described by the docstrings of the code, and which leaves logging to us."""

    def describe(self) -> None:
        """Give each type and each computed field its docstring as description, where it has none of its own."""
        for named in self._schema.type_map.values():
            definition = named.extensions.get("strawberry-definition")
            origin = getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None)
            if named.description is None and origin is not None and origin.__doc__:
                named.description = _opening(origin.__doc__)
            _describe_fields(named)

    def _log_nothing(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Leave logging to the endpoint, which knows the request's id, and what is a fault."""

    process_errors = _log_nothing


class _Rules(AddValidationRules):
    """Our rules beside those of the specification."""

    def on_operation(self) -> Iterator[None]:
        """Hold a nameless request to one operation; without this rule the first of several would be executed."""
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
        # Rules are made once: a rule made per request would be another rule, and never be found in the cache.
        extensions=[
            lambda: MaxTokensLimiter(max_token_count=TOKENS_MAX),
            lambda: _Rules([DocumentLimits]),
            lambda: ParserCache(maxsize=512),
            lambda: ValidationCache(maxsize=512),
        ],
    )
    schema.describe()
    return schema


_SCHEMA: Final = _built()
