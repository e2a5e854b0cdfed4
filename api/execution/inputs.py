"""Inputs: makes Strawberry's classes of coerced arguments, by converters that are compiled once of each field.

They do what Strawberry's `convert_arguments` does, which asks about every type again at each call.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from typing import Any, Final

from graphql import GraphQLInputType, get_nullable_type, is_leaf_type
from strawberry import UNSET, Schema
from strawberry.relay import GlobalID
from strawberry.types.arguments import StrawberryArgument, convert_arguments
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, get_object_definition
from strawberry.types.lazy_type import LazyType

from api.execution.arguments import Conversion
from api.execution.plan import Field

Convert = Callable[[Any], Any]
"""Makes the value that a resolver takes of a coerced one that is not null."""


class _Unknown(Exception):
    """Strawberry itself converts a value of this type."""


def compile_conversion(field: Field, arguments: Sequence[StrawberryArgument], owner: Schema) -> Conversion:
    """Convert the arguments of a field, under the names of their parameters."""
    registry, config = owner.schema_converter.scalar_registry, owner.config
    named = [(config.name_converter.from_argument(each), each) for each in arguments]
    inputs = _Inputs(owner)
    try:
        converters = {
            name: (each.python_name, inputs.converter(each.type, field.definition.args[name].type))
            for name, each in named
        }
    except _Unknown:
        return lambda values: convert_arguments(values, list(arguments), registry, config)

    def convert(values: Mapping[str, Any]) -> dict[str, Any]:
        converted = {}
        for name, value in values.items():
            parameter, each = converters[name]
            converted[parameter] = each(value)
        return converted

    return convert


class _Inputs:
    """The converters of one schema's types; a type that has itself in it is compiled once."""

    def __init__(self, owner: Schema) -> None:
        self._owner: Final = owner
        self._known: Final[dict[type, Convert]] = {}

    def converter(self, type_: Any, input_type: GraphQLInputType) -> Convert:
        """Compile the converter of a type. Raises `_Unknown`."""
        while isinstance(type_, StrawberryOptional) and not isinstance(type_, StrawberryMaybe):
            type_ = type_.of_type
        if isinstance(type_, StrawberryMaybe) or type_ is GlobalID:
            raise _Unknown
        nullable: Any = get_nullable_type(input_type)
        if is_leaf_type(nullable):
            return _unchanged
        if isinstance(type_, StrawberryList):
            return _list_of(self.converter(type_.of_type, nullable.of_type))
        return self._object(type_.resolve_type() if isinstance(type_, LazyType) else type_, nullable.fields)

    def _object(self, type_: Any, input_fields: Mapping[str, Any]) -> Convert:
        if type_ not in self._known:
            fields: list[tuple[str, str, Convert]] = []
            absent = self._absent(type_)
            self._known[type_] = _object_of(type_, fields, absent)  # first: it may be in itself
            fields += self._fields(type_, input_fields)
        return self._known[type_]

    def _fields(self, type_: Any, input_fields: Mapping[str, Any]) -> Sequence[tuple[str, str, Convert]]:
        definition = get_object_definition(type_, strict=True)
        if definition.from_input is not None:
            raise _Unknown
        names = self._owner.config.name_converter
        found = []
        for each in definition.fields:
            name = names.from_field(each)
            of_type = each.resolve_type(type_definition=definition)
            found.append((name, each.python_name, self.converter(of_type, input_fields[name].type)))
        return found

    def _absent(self, type_: Any) -> Mapping[str, None]:
        """Return the fields that have no default: one that is absent is null."""
        definition = get_object_definition(type_, strict=True)
        lacking = [each for each in definition.fields if each.default_value is MISSING]
        return {each.python_name: None for each in lacking if each.default_factory is MISSING}


def _unchanged(value: Any) -> Any:
    return value


def _list_of(convert: Convert) -> Convert:
    def items(value: Any) -> Any:
        # A copy in any case: graphql-core gives the same default to every request that omits the value.
        return value if value is None or value is UNSET else [convert(each) for each in value]

    return items


def _object_of(type_: Any, fields: Sequence[tuple[str, str, Convert]], absent: Mapping[str, None]) -> Convert:
    def made(value: Any) -> Any:
        if value is None or value is UNSET:
            return value
        values: dict[str, Any] = dict(absent)
        for name, parameter, convert in fields:
            if name in value:
                values[parameter] = convert(value[name])
        return type_(**values)

    return made
