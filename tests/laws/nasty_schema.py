"""A schema in which everything goes wrong that can: for the law that a plan executes as graphql-core does.

What a field gives is drawn from the context's seed by the path where it stands, so that two executions meet the same.
"""

import random
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    build_schema,
)

SDL = """
    scalar Odd
    enum Colour { RED GREEN }
    interface Thing { id: ID! next: Thing  must: Thing! }
    interface Named implements Thing { id: ID! next: Thing must: Thing! name(upper: Boolean = false): String }
    union Any = Cat | Dog | Rock
    input Filter { size: Int = 1, colour: Colour, tags: [String!], inner: Filter }
    type Cat implements Thing & Named {
      id: ID! next: Thing must: Thing! name(upper: Boolean = false): String lives: Int! odd: Odd mustOdd: Odd!
      colour: Colour mustColour: Colour! friends(first: Int = 2, filter: Filter): [Cat!]! strays: [[Cat]!] weight: Float
    }
    type Dog implements Thing & Named {
      id: ID! next: Thing must: Thing! name(upper: Boolean = false): String good: Boolean! barks: [String!] any: [Any!]
    }
    type Rock implements Thing { id: ID! next: Thing must: Thing! odds: [Odd!]! matrix: [[Int!]] }
    type Query {
      cat(filter: Filter, odd: Odd): Cat
      mustCat(filter: Filter! = {size: 3}): Cat!
      thing(id: ID!): Thing
      named: Named
      any(colours: [Colour!] = [RED]): Any
      things(first: Int!): [Thing!]
      anys: [Any]!
      plain: Plain
      plains: [Plain!]
    }
    type Plain { text: String! number: Int called(value: Int = 4): String plain: Plain missing: String absent: Int! }
    type Mutation { first(value: Int): Cat! second(value: Int): Int third: [Rock] }
"""


class Colour(Enum):
    RED = 1
    GREEN = 2


class Broken(Exception):
    """The error of a resolver."""


class Value:
    """An object of any type, as itself at its path."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"<{self.kind}>"


class Items:
    """What can be iterated and is no list; a `Broken` among its items is raised."""

    def __init__(self, *items: Any) -> None:
        self.items = items

    def __repr__(self) -> str:
        return f"<items {self.items}>"

    def __iter__(self) -> Iterator[Any]:
        for each in self.items:
            if isinstance(each, Broken):
                raise each
            yield each


class Chance(NamedTuple):
    """The context: from what fields draw, and how probable a fault is."""

    seed: int
    faults: float

    def at(self, info: GraphQLResolveInfo, what: str) -> random.Random:
        return random.Random(f"{self.seed} {what} {info.path.as_list()}")


def nasty_schema() -> GraphQLSchema:
    """The schema; it is executed with a `Chance` as context."""
    schema = build_schema(SDL)
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__") and type_.name != "Plain":
            for field in type_.fields.values():
                field.resolve = _resolve
            if type_.name in ("Cat", "Rock"):  # a Dog is believed
                type_.is_type_of = _is_type_of(type_.name)
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType) and type_.name != "Named":
            type_.resolve_type = _resolve_type
    schema.type_map["Odd"].coerce_output_value = _odd
    schema.type_map["Odd"].coerce_input_value = _odd
    return schema


def _resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    chance = info.context.at(info, f"{sorted(arguments)} {type(source).__name__}")
    if chance.random() < info.context.faults:
        return _fault(chance, info, arguments)
    return _value(chance, str(info.return_type).rstrip("!"), arguments)


def _fault(chance: random.Random, info: GraphQLResolveInfo, arguments: dict[str, Any]) -> Any:
    fault = chance.choice(
        [
            None,
            Undefined,
            Broken(f"returned with {arguments} and {info.variable_values.coerced}"),
            "text",
            17,
            2**40,
            float("nan"),
            {"id": 1},
            [None, "text", Broken("in a list")],
            Items(1, None),
            Items(None, Broken("in the middle of a list")),
            Value("Nothing"),
            object,
            b"bytes",
            GraphQLError("of its own", extensions={"code": "OWN"}),
            GraphQLError("elsewhere", path=["else", 3]),
            GraphQLError("at nodes", nodes=info.operation),
        ]
    )
    if chance.random() < 0.4:
        raise Broken(f"raised at {[node.name.value for node in info.field_nodes]} of {info.parent_type}")
    return fault


def _value(chance: random.Random, type_: str, arguments: dict[str, Any]) -> Any:
    if type_.startswith("["):
        inner = type_[1:-1].rstrip("!")
        return [_value(chance, inner, arguments) for _ in range(chance.randrange(3))]
    if type_ in ("Cat", "Dog", "Rock"):
        return Value(type_)
    if type_ == "Plain":
        return chance.choice([_plain_mapping(chance), PlainObject(), type("Empty", (), {})(), 5])
    if type_ in ("Thing", "Named", "Any"):
        return Value(chance.choice(["Cat", "Dog", "Rock"]))
    return chance.choice(_LEAVES[type_])


class PlainObject:
    """An object whose fields are its attributes."""

    text = "of an object"
    number = 3

    @property
    def absent(self) -> int:
        raise Broken("a property")

    def called(self, info: GraphQLResolveInfo, value: int | None = None) -> str:
        return f"{info.path.as_list()} {value}"

    def plain(self, _info: GraphQLResolveInfo) -> Any:
        return {"text": None, "absent": 1}


def _plain_mapping(chance: random.Random) -> dict[str, Any]:
    called = lambda _info, value=None: f"called with {value}"  # noqa: E731  # as a caller may write it
    return {"text": "of a mapping", "number": chance.choice([1, "x"]), "called": called, "plain": PlainObject()}


_LEAVES = {
    "Odd": [1, 3, 4, "odd", None],
    "Colour": ["RED", "GREEN", "BLUE", Colour.RED, []],
    "ID": ["a", 7, 1.5],
    "String": ["s", 5, True, ["no"]],
    "Int": [1, -2, True, 2**31, "7", 1.0, 1.5],
    "Float": [0.5, 1, "2", float("inf")],
    "Boolean": [True, False, 1, "yes"],
}


def _odd(value: Any) -> Any:
    if value == 4:
        return None
    if not isinstance(value, int):
        raise Broken(f"{value!r} is not odd")
    return value


def _is_type_of(name: str) -> Callable[[Any, GraphQLResolveInfo], bool]:
    def is_type_of(value: Any, info: GraphQLResolveInfo) -> bool:
        if info.context.at(info, name).random() < info.context.faults / 4:
            raise Broken(f"asked whether {type(value).__name__} is a {name}")
        return getattr(value, "kind", None) == name

    return is_type_of


def _resolve_type(value: Any, info: GraphQLResolveInfo, _type: Any) -> Any:
    chance = info.context.at(info, type(value).__name__ + str(getattr(value, "kind", None)))
    if chance.random() < info.context.faults / 2:
        return chance.choice([None, "Query", "Colour", "Nothing", 5, ["Cat"], info.parent_type])
    return getattr(value, "kind", None)
