"""The operators' schema as a promise: checked in, described throughout, each change with a reason and a key."""

from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLUnionType,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

from api.operators.schema import operator_sdl
from tests.api.schemas import OPERATOR_SCHEMA as SCHEMA

GOLDEN = Path(__file__).parents[3] / "api" / "operators" / "schema.graphql"
TYPES = [
    each for each in SCHEMA.type_map.values() if not is_introspection_type(each) and not is_specified_scalar_type(each)
]
WITHOUT_KEY = {"endOperatorSession"}
"""A change of no book, which ends what ends once."""


def test_the_schema_is_the_one_that_is_checked_in():
    assert GOLDEN.read_text(encoding="utf-8") == operator_sdl(), "stale: run `make generated`"


def test_every_type_field_argument_and_value_is_described():
    silent = []
    for each in TYPES:
        silent += [] if each.description else [each.name]
        for name, field in getattr(each, "fields", {}).items():
            silent += [] if field.description else [f"{each.name}.{name}"]
            arguments = getattr(field, "args", {})
            silent += [f"{each.name}.{name}({arg})" for arg, it in arguments.items() if not it.description]
        if isinstance(each, GraphQLEnumType):
            silent += [f"{each.name}.{name}" for name, value in each.values.items() if not value.description]

    assert silent == []


def test_every_change_states_a_reason_takes_a_key_and_answers_with_a_union_that_has_refusals():
    for name, field in SCHEMA.mutation_type.fields.items():
        union = field.type

        assert "reason" in get_named_type(field.args["input"].type).fields, name
        assert ("idempotencyKey" in field.args) is (name not in WITHOUT_KEY), name
        assert isinstance(union, GraphQLUnionType), name
        refusals = [each for each in union.types if any(i.name == "Refusal" for i in each.interfaces)]
        changes = [each for each in union.types if any(i.name == "Change" for i in each.interfaces)]
        assert len(refusals) == len(union.types) - 1, name
        assert len(changes) == int(name not in WITHOUT_KEY), name


def test_members_of_a_union_agree_on_the_types_of_their_fields():
    for union in (each for each in TYPES if isinstance(each, GraphQLUnionType)):
        types = {}
        for member in union.types:
            for name, field in member.fields.items():
                assert types.setdefault(name, str(field.type)) == str(field.type), f"{union.name}: {member.name}.{name}"


def test_a_position_is_a_number_and_nothing_is_a_float():
    positions = {
        str(field.type).rstrip("!")
        for each in TYPES
        for name, field in getattr(each, "fields", {}).items()
        if name in ("position", "asOf") or name.endswith("Position")
    }

    assert positions == {"JournalPosition"}
    assert "Float" not in SCHEMA.type_map
