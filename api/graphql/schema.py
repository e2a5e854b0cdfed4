"""The schema: joins the modules of `nouns`, takes descriptions from docstrings, and executes documents."""

import inspect
from collections.abc import Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Annotated, Any, Final

import strawberry
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    build_schema,
    lexicographic_sort_schema,
    print_schema,
    specified_rules,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.context import Call
from api.execution.documents import Document, DocumentRefused
from api.execution.executor import PlanExecutor, Prepared
from api.graphql import nouns
from api.graphql.limits import TOKENS_MAX, DocumentLimits
from api.graphql.nodes import Finder, Node, NodeSchema, find
from api.graphql.occurrences import Occurrence
from api.graphql.scalars import SCALARS
from api.graphql.selections import ids_beside
from api.limits.cost import Costs
from api.limits.sizes import PAGE_ITEMS_MAX
from ledger.kernel.errors import InvalidInput
from ledger.kernel.log_context import bind
from ledger.public_ids import Key, parse_any

NOUNS: Final[tuple[ModuleType, ...]] = tuple(
    import_module(each.name) for each in iter_modules(nouns.__path__, f"{nouns.__name__}.")
)
"""The modules that the schema joins.

A module may have classes named `...Queries`, `...Mutations` and `...Subscriptions` with fields of the schema; `SHOWN`,
the records that it shows; `NODES`, the finders of its objects by id; and `MEMBERS`, types of its interfaces that no
field names.
"""

_FINDERS: Final[dict[str, Finder]] = {noun: find for each in NOUNS for noun, find in getattr(each, "NODES", {}).items()}

_CLASSES: Final = [each for noun in NOUNS for each in vars(noun).values() if isinstance(each, type)]

_DOCUMENTS_BYTES_MAX: Final = 16 * 1024 * 1024
"""The memory of the documents that are known: less than a tenth of a server's."""

_LOGGED_NAME_LENGTH_MAX: Final = 64


class _NodeQueries:
    @strawberry.field
    def node(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")],  # noqa: A002  # the argument's public name
    ) -> Node | None:
        """One of your objects by its id; null if you have no such object."""
        noun, value = parse_any(id)
        return _found(info, {noun: [value]})[noun, value]

    @strawberry.field
    def nodes(
        self,
        info: strawberry.Info[Call, None],
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description=f"Their ids, at most {PAGE_ITEMS_MAX}, of any types.")
        ],
    ) -> list[Node | None]:
        """Your objects by their ids, in this order; null for each that you do not have."""
        if len(ids) > PAGE_ITEMS_MAX:
            raise InvalidInput(f"{len(ids)} ids are given; ask for at most {PAGE_ITEMS_MAX} at once")
        named = [parse_any(each) for each in ids]
        wanted: dict[str, list[Key]] = {}
        for noun, value in named:
            wanted.setdefault(noun, []).append(value)
        found = _found(info, wanted)
        return [found[each] for each in named]


Query: Final = strawberry.type(
    type(
        "Query", (*(each for each in _CLASSES if each.__name__.endswith("Queries")), strawberry.type(_NodeQueries)), {}
    ),
    description="Read operations. Every answer is about your own partner, or was released to all partners.",
)

Mutation: Final = strawberry.type(
    type("Mutation", tuple(each for each in _CLASSES if each.__name__.endswith("Mutations")), {}),
    description="Write operations. Each takes an idempotency key, and is durable when its answer arrives.",
)

Subscription: Final = strawberry.type(
    type("Subscription", tuple(each for each in _CLASSES if each.__name__.endswith("Subscriptions")), {}),
    description="Streams of what happens to your own partner, over WebSocket or server-sent events. Each event has its "
    "position, from which another stream continues.",
)


def is_known(query: str, operation_name: str | None) -> bool:
    """Return whether the document is validated already, so that `prepare` takes no time."""
    return _EXECUTOR.is_known(query, operation_name)


def prepare(query: str, operation_name: str | None, *, allowed: frozenset[OperationType]) -> Prepared:
    """Parse, validate and plan one operation of the document, unless that is known.

    Raises `DocumentRefused`, `UnknownOperation` and `OperationNotAllowed`.
    """
    try:
        prepared = _EXECUTOR.prepare(query, operation_name, allowed=allowed)
    except RecursionError as error:
        raise DocumentRefused([GraphQLError(str(error), original_error=error)]) from error
    if prepared.document.is_ambiguous:
        raise DocumentRefused([GraphQLError("the document has several operations: name one as operationName")])
    return prepared


def cost(prepared: Prepared, variables: Mapping[str, Any] | None) -> int | None:
    """Return the points of the operation with these variables; None if it has no plan.

    Wrong variables cost one point: nothing is executed. Raises `DocumentRefused` for a page that is out of bounds.
    """
    asked = _EXECUTOR.asked(prepared, variables)
    if asked is None:
        return 1
    try:
        return None if asked.plan is None else _COSTS.of(asked.plan, asked.variables)
    except GraphQLError as error:
        raise DocumentRefused([error]) from error


def execute(
    prepared: Prepared, call: Call, *, variables: Mapping[str, Any] | None, occurrence: Occurrence | None = None
) -> ExecutionResult:
    """Execute the operation, a subscription on an occurrence; the errors of the result are not yet masked.

    Raises `Following` for a subscription without an occurrence, unless its arguments are wrong.
    """
    _name_in_log(prepared.document)
    return _EXECUTOR.execute(prepared, root=occurrence, context=call, variables=variables)


def sdl() -> str:
    """Return the schema in SDL with its descriptions, as in `schema.graphql`: sorted, so that a change shows alone."""
    return print_schema(lexicographic_sort_schema(build_schema(_SCHEMA.as_str()))).strip() + "\n"


def introspection() -> dict[str, Any]:
    """Return the answer to the introspection query, for tools."""
    return _SCHEMA.introspect()


class _Schema(NodeSchema):
    """A schema whose types and fields are described by the docstrings of the code."""

    finders = _FINDERS

    @property
    def built(self) -> GraphQLSchema:
        """The schema as graphql-core knows it."""
        return self._schema

    def describe(self) -> None:
        """Set the description of each type and resolver field that has none to its docstring."""
        for named in self._schema.type_map.values():
            definition = named.extensions.get("strawberry-definition")
            origin = getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None)
            if named.description is None and origin is not None and origin.__doc__:
                named.description = _opening(origin.__doc__)
            _describe_fields(named)


def _found(
    info: strawberry.Info[Call, None], wanted: Mapping[str, Sequence[Key]]
) -> dict[tuple[str, Key], Node | None]:
    """Find objects by noun and id, with one statement for each noun, beside those of the other fields of the root."""
    found: dict[tuple[str, Key], Node | None] = {}
    for noun, values in wanted.items():
        beside = [*values, *ids_beside(info, noun)]
        found |= {(noun, each): find(info, noun, each, beside) if noun in _FINDERS else None for each in values}
    return found


def _name_in_log(document: Document) -> None:
    """Name the operation in the log of its request, unless the name is long: it is the caller's text."""
    name = document.operation.name.value if document.operation.name else ""
    is_short = 0 < len(name) <= _LOGGED_NAME_LENGTH_MAX
    bind(operation=name if is_short else None, operation_type=document.operation.operation.value)


def _describe_fields(named: GraphQLNamedType) -> None:
    if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        return
    for field in named.fields.values():
        resolver = getattr(field.extensions.get("strawberry-definition"), "base_resolver", None)
        if field.description is None and resolver is not None:
            field.description = _opening(resolver.wrapped_func.__doc__)


def _opening(docstring: str) -> str:
    return " ".join(inspect.cleandoc(docstring).split("\n\n", 1)[0].split())


def _built() -> _Schema:
    members = [each for noun in NOUNS for each in getattr(noun, "MEMBERS", ())]
    config = StrawberryConfig(scalar_map=SCALARS)
    schema = _Schema(query=Query, mutation=Mutation, subscription=Subscription, types=members, config=config)
    schema.describe()
    return schema


_SCHEMA: Final = _built()
_EXECUTOR: Final = PlanExecutor(
    _SCHEMA.built,
    # The limits come first: what they refuse would cost the other rules more than it is worth.
    stages=[(DocumentLimits,), (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)],
    tokens_max=TOKENS_MAX,
    bytes_max=_DOCUMENTS_BYTES_MAX,
    executor_class=_SCHEMA.execution_context_class,
)
_COSTS: Final = Costs()

SCHEMA: Final = _SCHEMA.built
"""The schema as graphql-core knows it."""
