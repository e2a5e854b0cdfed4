"""Both schemas as their SDL tells them, built once: each takes as long as a hundred tests."""

from typing import Final

from graphql import GraphQLSchema, build_schema

from api.graphql.schema import sdl
from api.operators.schema import operator_sdl

SCHEMA: Final[GraphQLSchema] = build_schema(sdl())
"""What partners may ask for; tests only read it."""

OPERATOR_SCHEMA: Final[GraphQLSchema] = build_schema(operator_sdl())
"""The same of operators."""
