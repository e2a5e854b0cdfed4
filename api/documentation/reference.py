"""The reference: what the schema says of itself, type by type, for the templates and the search."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    GraphQLUnionType,
    Undefined,
    ast_from_value,
    get_named_type,
    is_specified_scalar_type,
    print_ast,
)

KINDS: Final[Mapping[type[GraphQLNamedType], str]] = {
    GraphQLObjectType: "object",
    GraphQLInterfaceType: "interface",
    GraphQLUnionType: "union",
    GraphQLEnumType: "enum",
    GraphQLInputObjectType: "input",
    GraphQLScalarType: "scalar",
}
"""The word for each kind of type."""


class Part(NamedTuple):
    """A field, an argument, an enum's value or a member: its type as text with the name in it that has a page."""

    name: str
    text: str
    type_text: str = ""
    type_name: str = ""
    default: str = ""
    deprecation: str = ""
    arguments: tuple["Part", ...] = ()


class TypePage(NamedTuple):
    """A type: its kind, its description, its parts, and the types that lead to it."""

    name: str
    kind: str
    text: str
    parts: tuple[Part, ...]
    interfaces: tuple[str, ...]
    users: tuple[str, ...]


def type_pages(schema: GraphQLSchema) -> dict[str, TypePage]:
    """Return every type of a schema but those of the language itself, by name, the roots first."""
    shown = {
        name: type_
        for name, type_ in sorted(schema.type_map.items())
        if not name.startswith("__") and not is_specified_scalar_type(type_)
    }
    roots = [each.name for each in (schema.query_type, schema.mutation_type, schema.subscription_type) if each]
    users = _users(schema)
    return {name: _page(schema, shown[name], users.get(name, set())) for name in dict.fromkeys([*roots, *shown])}


def _page(schema: GraphQLSchema, type_: GraphQLNamedType, users: set[str]) -> TypePage:
    kind = next(word for each, word in KINDS.items() if isinstance(type_, each))
    interfaces = type_.interfaces if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else ()
    return TypePage(
        type_.name,
        kind,
        type_.description or "",
        tuple(_parts(schema, type_)),
        tuple(each.name for each in interfaces),
        tuple(sorted(users)),
    )


def _parts(schema: GraphQLSchema, type_: GraphQLNamedType) -> Iterator[Part]:
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        yield from (_part(name, each) for name, each in type_.fields.items())
    if isinstance(type_, GraphQLEnumType):
        for name, value in type_.values.items():
            yield Part(name, value.description or "", deprecation=value.deprecation_reason or "")
    if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
        for member in schema.get_possible_types(type_):
            yield Part(member.name, member.description or "", member.name, member.name)


def _part(name: str, of: GraphQLField | GraphQLInputField | GraphQLArgument) -> Part:
    arguments = of.args if isinstance(of, GraphQLField) else {}
    return Part(
        name,
        of.description or "",
        str(of.type),
        get_named_type(of.type).name,
        "" if isinstance(of, GraphQLField) else _default(of.default_value, of.type),
        of.deprecation_reason or "",
        tuple(_part(each, argument) for each, argument in arguments.items()),
    )


def _default(value: object, type_: GraphQLType) -> str:
    if value is Undefined or value is None:
        return ""
    node = ast_from_value(value, type_)  # type: ignore[arg-type]  # fields and arguments have input types
    return "" if node is None else print_ast(node)


def _users(schema: GraphQLSchema) -> dict[str, set[str]]:
    """Return, by the name of a type, the fields that give or take it, as `Account.balance`."""
    users: dict[str, set[str]] = {}
    for owner in schema.type_map.values():
        if not isinstance(owner, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            continue
        for name, field in owner.fields.items():
            arguments = field.args.values() if isinstance(field, GraphQLField) else ()
            for each in (field, *arguments):
                if not owner.name.startswith("__"):
                    users.setdefault(get_named_type(each.type).name, set()).add(f"{owner.name}.{name}")
    return users
