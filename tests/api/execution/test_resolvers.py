"""A plan has every effect of Strawberry's wrappers: inputs, info, permissions, extensions, casts."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar

import pytest
import strawberry
from graphql import ExecutionResult, GraphQLSchema, execute_sync, parse
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.relay import GlobalID

from api.execution.executor import PlanExecutor
from tests.laws.execution_results import shown

T = TypeVar("T")


@strawberry.enum
class Colour(Enum):
    RED = "red"
    GREEN = strawberry.enum_value("green", description="Not red.")


@strawberry.input
class Inner:
    size: int = 3
    colour: Colour | None = None


@strawberry.input
class Filter:
    inner: Inner
    others: list[Inner] = strawberry.field(default_factory=list)
    note: strawberry.Maybe[str]


@strawberry.input(one_of=True)
class Either:
    a: int | None = strawberry.UNSET
    b: str | None = strawberry.UNSET


class Upper(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return str(next_(source, info, **kwargs)).upper()


class Never(BasePermission):
    message = "nobody may"

    def has_permission(self, _source: Any, info: strawberry.Info, **_kwargs: Any) -> bool:
        return bool(info.context.get("allowed"))


@strawberry.interface
class Named:
    name: str

    @strawberry.field
    def greeting(self, info: strawberry.Info, *, loud: bool = False) -> str:
        return f"hello {self.name} at {info.path.as_list()}{'!' if loud else ''}"


@strawberry.type
class Cat(Named):
    colour: Colour


@strawberry.type
class Person(Named):
    @strawberry.field(extensions=[Upper()])
    def shouted(self) -> str:
        return self.name

    @strawberry.field(permission_classes=[Never])
    def secret(self) -> str:
        return "secret"

    @strawberry.field
    @staticmethod
    def fixed() -> int:
        return 3

    @strawberry.field
    @classmethod
    def of_class(cls) -> str:
        return cls.__name__


@strawberry.type
class Stranger:
    """It is no `Named`, whatever it says of itself."""

    name: str


@strawberry.type
class Box(Generic[T]):
    item: T
    label: str


def _resolve_parent(parent: strawberry.Parent[Any]) -> str:
    return type(parent).__name__


def _resolve_root(root: Any, value: int = 1) -> str:
    return f"{root!r} {value}"


@strawberry.type
class Query:
    parent: str = strawberry.field(resolver=_resolve_parent)
    root: str = strawberry.field(resolver=_resolve_root)

    @strawberry.field
    def filtered(self, by: Filter, ids: list[strawberry.ID] | None = None) -> str:
        by.inner.size += 1  # what is given is the resolver's own
        return f"{by} {ids} {type(by.inner.colour).__name__}"

    @strawberry.field
    def either(self, of: Either) -> str:
        return str(of)

    @strawberry.field
    def maybe(self, value: strawberry.Maybe[int | None]) -> str:
        return repr(value)

    @strawberry.field
    def listed(self, values: list[int], id: GlobalID | None = None) -> str:  # noqa: A002  # the argument's public name
        values.append(len(values))
        return f"{values} {id!r}"

    @strawberry.field
    def renamed(self, some_value: Annotated[Colour, strawberry.argument(name="other")] = Colour.GREEN) -> Colour:
        return some_value

    @strawberry.field
    def told(self, info: strawberry.Info, value: int | None = None) -> str:
        selected = [(field.name, field.arguments) for field in info.selected_fields]
        return f"{info.field_name} {info.variable_values} {info.input_extensions} {selected} {value}"

    @strawberry.field
    def named(self, kind: str) -> Named | None:
        return _made(kind)

    @strawberry.field
    def either_of(self, kind: str) -> Cat | Person | None:
        return _made(kind)

    @strawberry.field
    def person(self, kind: str) -> Person | None:
        return _made(kind)

    @strawberry.field
    def boxes(self) -> list[Box[int]]:
        return [Box(item=1, label="one"), Box(item="two", label="two")]

    @strawberry.field
    def broken(self) -> str:
        raise ValueError("broken")

    @strawberry.field
    def colours(self) -> list[Colour | None]:
        return [Colour.RED, None, "red", "purple"]


def _made(kind: str) -> Any:
    made: Mapping[str, Any] = {
        "cat": lambda: Cat(name="tom", colour=Colour.RED),
        "person": lambda: Person(name="ada"),
        "cast": lambda: strawberry.cast(Person, Stranger(name="cast")),
        "cast cat": lambda: strawberry.cast(Person, Cat(name="tom", colour=Colour.RED)),
        "stranger": lambda: Stranger(name="odd"),
        "raised": lambda: ValueError("returned"),
        "text": lambda: "text",
    }
    return made[kind]()


class _Schema(strawberry.Schema):
    @property
    def built(self) -> GraphQLSchema:
        return self._schema


SCHEMA = _Schema(query=Query, types=[Cat, Person])
EXECUTOR = PlanExecutor(SCHEMA.built, executor_class=SCHEMA.execution_context_class)
PERSON = "name shouted secret fixed ofClass greeting loud: greeting(loud: true)"


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ parent root again: root(value: 2) }", {}),
        ("{ filtered(by: {inner: {size: 1, colour: RED}, others: [{}], note: null}, ids: [1, 2]) }", {}),
        ('{ filtered(by: {inner: {}, note: "n"}) again: filtered(by: {inner: {}}) }', {}),
        ("query ($by: Filter!) { filtered(by: $by) again: filtered(by: $by) }", {"by": {"inner": {"colour": "GREEN"}}}),
        ("query ($by: Filter!) { filtered(by: $by) }", {"by": {"inner": {"colour": "BLUE"}}}),
        ("query ($size: Int) { filtered(by: {inner: {size: $size}}) }", {}),
        ('{ either(of: {a: 1}) b: either(of: {b: "x"}) }', {}),
        ("query ($e: Either!) { either(of: $e) }", {"e": {"a": 1, "b": "x"}}),
        ("{ maybe a: maybe(value: null) b: maybe(value: 3) }", {}),
        ("query ($v: Int) { maybe(value: $v) }", {}),
        ("query ($v: Int) { maybe(value: $v) }", {"v": None}),
        ('{ listed(values: [1, 2]) again: listed(values: 7, id: "Q2F0OjE=") wrong: listed(values: [], id: "no") }', {}),
        ("{ renamed a: renamed(other: RED) }", {}),
        ("query ($c: Colour) { renamed(other: $c) }", {}),
        ("query ($c: Colour!) { renamed(other: $c) }", {"c": "RED"}),
        ("query ($v: Int = 4) { told(value: $v) again: told again: told }", {}),
        ('{ named(kind: "cat") { __typename name greeting } }', {}),
        (f'{{ named(kind: "person") {{ ... on Person {{ {PERSON} }} }} }}', {}),
        ('{ named(kind: "stranger") { name } }', {}),
        ('{ named(kind: "cast") { __typename name } }', {}),
        ('{ named(kind: "raised") { name } t: named(kind: "text") { name } }', {}),
        *(
            (
                f'{{ eitherOf(kind: "{kind}") {{ __typename ... on Person {{ {PERSON} }} ... on Cat {{ colour }} }} }}',
                {},
            )
            for kind in ("cat", "person", "cast", "cast cat", "stranger", "text", "raised", "none")
        ),
        *(
            (f'{{ person(kind: "{kind}") {{ __typename {PERSON} }} }}', {})
            for kind in ("cat", "person", "cast", "cast cat", "stranger", "text", "raised", "none")
        ),
        ("{ boxes { __typename item label } broken colours }", {}),
    ],
)
@pytest.mark.parametrize("allowed", [False, True])
def test_a_field_of_strawberry_gives_by_a_plan_what_its_wrapper_gives(text, variables, allowed):
    context = {"allowed": allowed}

    planned = EXECUTOR.run(EXECUTOR.ask(EXECUTOR.prepare(text), variables), context=context)
    again = EXECUTOR.run(EXECUTOR.ask(EXECUTOR.prepare(text), variables), context=context)

    reference = _by_graphql_core(text, context, variables)
    assert shown(planned) == shown(again) == shown(reference)
    assert EXECUTOR.prepare(text).plans or reference.data is None


def _by_graphql_core(text: str, context: Any, variables: Mapping[str, Any]) -> ExecutionResult:
    return execute_sync(
        SCHEMA.built,
        parse(text),
        context_value=context,
        variable_values=dict(variables),
        executor_class=SCHEMA.execution_context_class,
    )
