"""The schema: joins the modules of `nouns`, and takes descriptions from docstrings."""

import inspect
from collections.abc import Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Annotated, Final

import strawberry
from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig

from api.context import Call
from api.graphql import nouns
from api.graphql.arguments import read_argument
from api.graphql.executable_schema import ExecutableSchema
from api.graphql.nodes import Finder, Node, NodeSchema, find
from api.graphql.refusals import PositionNotReached
from api.graphql.scalars import SCALARS
from api.graphql.selections import ids_beside
from api.limits.sizes import PAGE_ITEMS_MAX
from ledger.kernel.errors import InvalidInput
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


class _NodeQueries:
    @strawberry.field
    def node(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")],  # noqa: A002  # the argument's public name
    ) -> Node | None:
        """One of your objects by its id; null if you have no such object."""
        noun, value = read_argument("id", parse_any, id)
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
            read_argument("ids", _refuse_more, len(ids))
        named = [read_argument(("ids", str(index)), parse_any, each) for index, each in enumerate(ids)]
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


def sdl() -> str:
    """Return the schema in SDL with its descriptions, as in `schema.graphql`: sorted, so that a change shows alone."""
    return print_schema(lexicographic_sort_schema(build_schema(_SCHEMA.as_str()))).strip() + "\n"


class DescribedSchema(NodeSchema):
    """A schema whose types and fields are described by the docstrings of the code."""

    finders = _FINDERS

    def describe(self) -> None:
        """Set the description of each type and resolver field that has none to its docstring."""
        for named in self._schema.type_map.values():
            definition = named.extensions.get("strawberry-definition")
            origin = getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None)
            if named.description is None and origin is not None and origin.__doc__:
                named.description = _opening(origin.__doc__)
            _describe_fields(named)


def described_schema(query: type, mutation: type, subscription: type | None = None) -> DescribedSchema:
    """Return the schema of these root types."""
    members = [each for noun in NOUNS for each in getattr(noun, "MEMBERS", ())]
    schema = DescribedSchema(
        query=query,
        mutation=mutation,
        subscription=subscription,
        types=[PositionNotReached, *members],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    schema.describe()
    return schema


def _refuse_more(ids: int) -> None:
    raise InvalidInput(f"{ids} ids are given; ask for at most {PAGE_ITEMS_MAX} at once")


def _found(
    info: strawberry.Info[Call, None], wanted: Mapping[str, Sequence[Key]]
) -> dict[tuple[str, Key], Node | None]:
    """Find objects by noun and id, with one statement for each noun, beside those of the other fields of the root."""
    found: dict[tuple[str, Key], Node | None] = {}
    for noun, values in wanted.items():
        beside = [*values, *ids_beside(info, noun)]
        found |= {(noun, each): find(info, noun, each, beside) if noun in _FINDERS else None for each in values}
    return found


def _describe_fields(named: GraphQLNamedType) -> None:
    if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        return
    for field in named.fields.values():
        resolver = getattr(field.extensions.get("strawberry-definition"), "base_resolver", None)
        if field.description is None and resolver is not None:
            field.description = _opening(resolver.wrapped_func.__doc__)


def _opening(docstring: str) -> str:
    return " ".join(inspect.cleandoc(docstring).split("\n\n", 1)[0].split())


_SCHEMA: Final = described_schema(Query, Mutation, Subscription)
EXECUTABLE: Final = ExecutableSchema(_SCHEMA)
"""The schema with the executor of its documents."""
