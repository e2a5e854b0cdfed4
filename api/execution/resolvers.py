"""Resolvers: get the value of a field; the one module that knows what Strawberry wraps around a function.

An attribute is read as it is. A function behind Strawberry's wrapper is called with the arguments and the info that the
wrapper would give it. A field with anything else, such as an extension or a permission, keeps its own resolver.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, cast

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    TypeNameMetaFieldDef,
    default_field_resolver,
)
from strawberry import Schema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import (
    StrawberryObjectDefinition,
    get_object_definition,
)
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.lazy_type import LazyType

from api.execution.arguments import compile_arguments
from api.execution.inputs import compile_conversion
from api.execution.plan import Field
from api.execution.run import Place, Run

Read = Callable[[Any], Any]
"""Gives the value of a field, from its object alone."""

Resolve = Callable[[Any, Place, Run], Any]
"""Gives the value of a field of an object at a place of the response."""

CAST_ATTRIBUTE: Final = TYPE_CAST_ATTRIBUTE
"""The attribute by which `strawberry.cast` says of an object which type it is."""

_DEFINITION: Final = GraphQLCoreConverter.DEFINITION_BACKREF


def compile_read(field: Field, schema: GraphQLSchema) -> Read | None:
    """Read the field off its object alone; None where it has to be resolved."""
    if field.definition is TypeNameMetaFieldDef:
        typename = field.parent.name
        return lambda _object: typename
    wrapped = _wrapped(field, schema)
    if wrapped is None:
        return None
    if wrapped.is_basic_field:
        return attrgetter(wrapped.python_name) if wrapped.default_resolver is getattr else None
    resolver = _function(wrapped)
    if resolver is None or _reserved(resolver) != ["self"] or field.definition.args:
        return None
    return cast("Read", resolver.wrapped_func)


def compile_resolve(field: Field, schema: GraphQLSchema) -> Resolve:
    """Resolve the field: by the function behind its wrapper, or else by its own resolver."""
    wrapped = _wrapped(field, schema)
    if wrapped is not None and (resolver := _function(wrapped)) is not None:
        return _calling(field, wrapped, resolver, owner=schema.extensions[_DEFINITION])
    resolve, arguments = (
        field.definition.resolve or default_field_resolver,
        compile_arguments(field, lambda values: values),
    )

    def ask(source: Any, place: Place, run: Run) -> Any:
        return resolve(source, run.resolve_info(field, place), **arguments(run))

    return ask


def plain_class(type_: GraphQLObjectType) -> type | None:
    """Return the class whose instances are of the type; None if the type has an `is_type_of` of its own."""
    definition = type_.extensions.get(_DEFINITION)
    if not isinstance(definition, StrawberryObjectDefinition) or definition.is_type_of is not None:
        return None
    if type_.is_type_of is not None and type_.is_type_of.__module__ != GraphQLCoreConverter.__module__:
        return None
    origin = definition.origin
    return None if issubclass(origin, Exception) or hasattr(origin, CAST_ATTRIBUTE) else origin


def _wrapped(field: Field, schema: GraphQLSchema) -> StrawberryField | None:
    """Strawberry's own field, where the resolver is what Strawberry made of it, and no error is caught there."""
    wrapped, owner = field.definition.extensions.get(_DEFINITION), schema.extensions.get(_DEFINITION)
    is_wrapper = getattr(field.definition.resolve, "__module__", None) == GraphQLCoreConverter.__module__
    if not is_wrapper or type(wrapped) is not StrawberryField or wrapped.is_subscription:
        return None
    return wrapped if isinstance(owner, Schema) and not owner.exception_handlers else None


def _function(wrapped: StrawberryField) -> StrawberryResolver[Any] | None:
    """Return the function that the wrapper calls; None if the wrapper does more than call it."""
    resolver = wrapped.base_resolver
    if resolver is None or wrapped.extensions or not callable(resolver.wrapped_func):
        return None
    return None if any(_builds_itself(each.type, set()) for each in wrapped.arguments) else resolver


def _calling(field: Field, wrapped: StrawberryField, resolver: StrawberryResolver[Any], *, owner: Schema) -> Resolve:
    """Call the function behind the wrapper with its object, its arguments and, if it asks, the info."""
    function, info_class = cast("Callable[..., Any]", resolver.wrapped_func), owner.config.info_class
    arguments = compile_arguments(field, compile_conversion(field, wrapped.arguments, owner))
    info, sources = resolver.info_parameter, [resolver.parent_parameter, resolver.root_parameter]
    named, takes_self = [each.name for each in sources if each], resolver.self_parameter is not None

    def call(source: Any, place: Place, run: Run) -> Any:
        values = {**arguments(run), **dict.fromkeys(named, source)}
        if info is not None:
            values[info.name] = info_class(_raw_info=run.resolve_info(field, place), _field=wrapped)
        return function(source, **values) if takes_self else function(**values)

    return call


def _reserved(resolver: StrawberryResolver[Any]) -> list[str]:
    """Return the names of the parameters that are not arguments of the field."""
    return [each.name for each in resolver.reserved_parameters.values() if each is not None]


def _builds_itself(type_: Any, seen: set[Any]) -> bool:
    """Return True if an input of the type is built by a hook, which may ask for the info."""
    inner = getattr(type_, "of_type", None) or (type_.resolve_type() if isinstance(type_, LazyType) else type_)
    if inner is not type_:
        return _builds_itself(inner, seen)
    definition = get_object_definition(type_)
    if definition is None or type_ in seen:
        return False
    seen.add(type_)
    return definition.from_input is not None or any(_builds_itself(each.type, seen) for each in definition.fields)
