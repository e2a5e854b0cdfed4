"""The operators' schema: joins the modules of `nouns`; no type of it is reachable by a partner."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Final

import strawberry
from graphql import build_schema, lexicographic_sort_schema, print_schema
from strawberry.schema.config import StrawberryConfig

from api.graphql.executable_schema import ExecutableSchema
from api.graphql.root_fields import actions
from api.graphql.schema import DescribedSchema
from api.operators import nouns
from api.operators.authorization import OperatorPolicies
from api.operators.scalars import OPERATOR_SCALARS

_NOUNS: Final[Sequence[ModuleType]] = [
    import_module(each.name) for each in iter_modules(nouns.__path__, f"{nouns.__name__}.")
]
_CLASSES: Final = [each for noun in _NOUNS for each in vars(noun).values() if isinstance(each, type)]

OperatorQuery: Final = strawberry.type(
    type("Query", tuple(each for each in _CLASSES if each.__name__.endswith("Queries")), {}),
    name="Query",
    description="Read operations over all partners of a book. Who may ask for which is in the policies.",
)

OperatorMutation: Final = strawberry.type(
    type("Mutation", tuple(each for each in _CLASSES if each.__name__.endswith("Mutations")), {}),
    name="Mutation",
    description="Changes. Each states a reason, and is a fact of the journal with its operator as the actor.",
)


def operator_sdl() -> str:
    """Return the schema in SDL with its descriptions, sorted, so that a change shows alone."""
    return print_schema(lexicographic_sort_schema(build_schema(_SCHEMA.as_str()))).strip() + "\n"


def _described() -> DescribedSchema:
    schema = DescribedSchema(
        query=OperatorQuery, mutation=OperatorMutation, config=StrawberryConfig(scalar_map=OPERATOR_SCALARS)
    )
    schema.describe()
    return schema


_SCHEMA: Final = _described()

OPERATOR_SCHEMA: Final = ExecutableSchema(_SCHEMA)
"""The schema with the executor of its documents."""

OPERATOR_ACTIONS: Final = actions(OPERATOR_SCHEMA.built)
"""The group of each field of a root: `read` or `write`."""

OPERATOR_POLICIES: Final = OperatorPolicies(OPERATOR_ACTIONS)
"""The policies over these actions, checked when the process starts."""
