"""Documents of mutations generated from the schema, with the least input that each of them takes."""

from typing import Any
from uuid import uuid4

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    get_named_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    print_ast,
)
from graphql.utilities import ast_from_value

from ledger.public_ids import PREFIXES
from tests.api.schemas import SCHEMA

MUTATIONS: list[str] = [name for name in SCHEMA.mutation_type.fields if name != "createVaultToken"]
"""All but the one that takes a secret, which no document may have in it."""

_SCALARS: dict[str, object] = {
    "String": "text",
    "Minor": "1",
    "Whole": "1",
    "Position": "1",
    "Currency": "USD",
    "Boolean": True,
    "Int": 1,
    "DateTime": "2026-01-01T00:00:00Z",
    "Date": "2026-01-01",
}
_DECLARATION = (
    '{"name": "gift", "parameters": {"a": "account", "b": "account", "sum": "money"}, '
    '"legs": [{"from": "{a}", "to": "{b}", "amount": "{sum}", "code": "gift"}]}'
)
_NOUNS = {
    "hold": "transfer",
    "vaultToken": "vault_token",
    "delivery": "call",
    "sandboxRequest": "sandbox_request",
}
_TEXTS = {"declaration": _DECLARATION, "url": "https://shop.example/hook"}
_ACCOUNTS = {"debitAccount", "creditAccount", "soldFrom", "boughtTo", "counterAccount", "objectId"}


def least(type_: GraphQLInputType, name: str) -> Any:
    """The least value of an input type; an id is one of the noun that its field names."""
    if is_non_null_type(type_):
        return least(type_.of_type, name)
    if is_list_type(type_):
        return [least(type_.of_type, name)]
    if isinstance(type_, GraphQLInputObjectType):
        return {
            key: least(field.type, key)
            for key, field in type_.fields.items()
            if is_required_input_field(field) or key == "frozen"  # a change of terms changes something
        }
    if isinstance(type_, GraphQLEnumType):
        return "EXTERNAL" if "EXTERNAL" in type_.values else next(iter(type_.values))  # a kind that needs no customer
    if type_.name == "ID":
        noun = "account" if name in _ACCOUNTS else _NOUNS.get(name, name)
        return f"{PREFIXES.get(noun, 'acc')}_{uuid4().hex}"
    return _TEXTS.get(name, _SCALARS[type_.name])


def call(mutation: str, selection: str = "__typename", **arguments: Any) -> str:
    """The text of one call of a mutation with the least arguments, in place of which others may be given."""
    field = SCHEMA.mutation_type.fields[mutation]
    values = {name: least(arg.type, name) for name, arg in field.args.items()} | arguments
    told = {name: print_ast(ast_from_value(value, field.args[name].type)) for name, value in values.items()}
    written = ", ".join(f"{name}: {text}" for name, text in told.items())
    return f"{mutation}({written}) {{ {selection} }}"


def answer_types(mutation: str) -> set[str]:
    """The names of the types that a mutation answers with."""
    return {each.name for each in get_named_type(SCHEMA.mutation_type.fields[mutation].type).types}
