"""Nodes: objects with a globally unique id, found by it, and reached from the objects that refer to them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import strawberry
from graphql import GraphQLSchema

from api.context import Call
from api.graphql.loaders import loaded
from ledger.public_ids import Key


@strawberry.interface
class Node:
    """An object with an id of its own, such as an account, a transfer, or your partner."""

    id: strawberry.ID = strawberry.field(description="Globally unique id; its prefix names the type, such as acc_.")


Finder = Callable[[Call, Sequence[Any]], Mapping[Any, Node]]
"""Finds the caller's objects of a noun by their keys, in one statement; leaves out what is another partner's."""


class NodeSchema(strawberry.Schema):
    """A schema that knows the finder of each noun, so that the nouns need not import each other."""

    finders: Mapping[str, Finder]

    @property
    def built(self) -> GraphQLSchema:
        """The schema as graphql-core knows it."""
        return self._schema


def find(info: strawberry.Info[Call, None], noun: str, key: Key | None, beside: Sequence[Key] = ()) -> Any:
    """Return the caller's object, or None; reads those `beside` it in the same statement."""
    if key is None:
        return None
    schema = info.schema
    assert isinstance(schema, NodeSchema), "the schema is built with its finders"
    found = loaded(info.context, noun, [key, *beside], partial(schema.finders[noun], info.context))
    return found[key]
