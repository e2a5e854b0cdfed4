"""The schema as a public promise: checked in, described throughout, complete over the records, refusals everywhere."""

import re
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
    lexicographic_sort_schema,
    print_schema,
)

from api.graphql import enums, results
from api.graphql.nouns import monitors, partners, webhook_deliveries, webhook_endpoints, webhook_inputs
from api.graphql.schema import NOUNS, sdl
from ledger.book.judging.results import Result
from ledger.book.reading.search import HoldStatus
from ledger.book.records import accounts as account_records
from ledger.book.records import monitors as monitor_records
from ledger.book.records import transfers as transfer_records
from ledger.kernel.record import columns
from ledger.kernel.rounding import Rounding
from ledger.outbox import records as outbox_records
from ledger.outbox.signatures import SignatureScheme
from ledger.tenancy import records as partner_records
from tests.api.schemas import SCHEMA

GOLDEN = Path(__file__).parents[2] / "api" / "graphql" / "schema.graphql"
SHOWN = {record: shown for module in NOUNS for record, shown in getattr(module, "SHOWN", {}).items()}
TYPES = [
    each for each in SCHEMA.type_map.values() if not is_introspection_type(each) and not is_specified_scalar_type(each)
]


FIELDS = [
    (each, name, field) for each in TYPES if isinstance(each, GraphQLObjectType) for name, field in each.fields.items()
]
DEPRECATED = re.compile(r"Use `[a-zA-Z{} ]+`\. It may be removed from \d{4}-\d{2}-\d{2} on\.")


def test_the_schema_is_the_one_that_is_checked_in():
    assert GOLDEN.read_text(encoding="utf-8") == sdl(), "stale: run `make generated`"


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


def test_every_mutation_takes_a_key_and_answers_with_a_union_that_has_refusals():
    for name, field in SCHEMA.mutation_type.fields.items():
        union = field.type

        assert "idempotencyKey" in field.args, name
        assert isinstance(union, GraphQLUnionType), name
        refusals = [each for each in union.types if any(i.name == "Refusal" for i in each.interfaces)]
        assert len(refusals) == len(union.types) - 1, name


def test_no_field_is_a_float_and_no_amount_is_a_bare_number():
    assert "Float" not in SCHEMA.type_map
    for each in TYPES:
        for name, field in getattr(each, "fields", {}).items():
            if "minor" in name.lower():
                assert "Minor" in str(field.type), f"{each.name}.{name}"


def test_members_of_a_union_agree_on_the_types_of_their_fields():
    for union in (each for each in TYPES if isinstance(each, GraphQLUnionType)):
        types = {}
        for member in union.types:
            for name, field in member.fields.items():
                assert types.setdefault(name, str(field.type)) == str(field.type), f"{union.name}: {member.name}.{name}"


@pytest.mark.parametrize("record", SHOWN, ids=lambda record: record.__name__)
def test_every_column_is_shown_renamed_or_hidden_for_a_reason(record):
    found = SHOWN[record]
    shown = {_snake(name) for node in found.types for name in SCHEMA.type_map[node].fields}
    names = {column.name for column in columns(record)}

    assert {name for name in names if found.renamed.get(name, name) not in shown} == set(found.hidden)
    assert set(found.renamed) <= names
    assert set(found.renamed.values()) <= shown
    assert all(found.hidden.values())


def test_every_type_that_shows_a_record_is_held_to_its_columns():
    """What is left of the object types is an answer, an event, a page, a sum, or the way in."""
    others = {
        "Query",
        "Mutation",
        "Subscription",
        "PageInfo",
        "Money",
        "AccountBalance",
        "AccountStatement",
        "Group",
        "Entry",
        "InputMistake",
        "PositionNotReached",
        "MetadataEntry",
        "WebhookAttempt",
        "SandboxClock",
        "DueTimer",
        "MagicAccount",
    }
    answers = {member.name for each in TYPES if isinstance(each, GraphQLUnionType) for member in each.types}
    answers -= {"AdvancedSandboxClock"}  # it shows the fact of the move
    events = {each.name for each in SCHEMA.get_possible_types(SCHEMA.type_map["Event"])}
    nodes = {
        each.name
        for each in TYPES
        if isinstance(each, GraphQLObjectType) and not each.name.endswith(("Connection", "Edge"))
    }

    assert {node for found in SHOWN.values() for node in found.types} == nodes - answers - events - others


@pytest.mark.parametrize(
    ("shown", "stored"),
    [
        (enums.AccountKind, account_records.AccountKind),
        (enums.Side, account_records.Side),
        (enums.Frozen, account_records.Frozen),
        (enums.TransferKind, transfer_records.Kind),
        (enums.Balancing, transfer_records.Balancing),
        (enums.HoldState, HoldStatus),
        (enums.Measure, monitor_records.Measure),
        (enums.Rounding, Rounding),
        (monitors.Comparison, monitor_records.Comparison),
        (partners.Vertical, partner_records.Vertical),
        (webhook_endpoints.WebhookEndpointState, outbox_records.EndpointState),
        (webhook_deliveries.WebhookDeliveryState, outbox_records.CallState),
        (webhook_deliveries.WebhookFault, outbox_records.CallFault),
        (webhook_inputs.WebhookSignature, SignatureScheme),
    ],
)
def test_every_stored_choice_is_shown_under_its_name(shown, stored):
    assert {each.name: each.value for each in shown} == {each.name: each.value for each in stored}


def test_every_result_that_is_no_success_is_told_in_words_that_say_what_would_be_right():
    assert set(results.SAYS) == set(Result) - {Result.CREATED, Result.EXISTS}
    assert all(";" in text for text in results.SAYS.values())


def test_everything_with_an_id_of_the_node_kind_can_be_asked_for_by_it():
    nodes = {
        each.name
        for each in TYPES
        if isinstance(each, GraphQLObjectType) and SCHEMA.type_map["Node"] in each.interfaces
    }

    assert isinstance(SCHEMA.type_map["Node"], GraphQLInterfaceType)
    nouns = {noun for module in NOUNS for noun in getattr(module, "NODES", {})}
    assert nodes == {_NODES.get(noun, noun.title().replace("_", "")) for noun in nouns}
    assert nodes == {each.name for each in TYPES if isinstance(each, GraphQLObjectType) and "id" in each.fields}


_NODES = {"endpoint": "WebhookEndpoint", "call": "WebhookDelivery", "release": "Insight"}
"""Nouns that the schema calls by another name."""


def test_every_scalar_says_where_it_is_specified():
    scalars = [each for each in TYPES if isinstance(each, GraphQLScalarType)]

    assert scalars
    assert [each.name for each in scalars if not (each.specified_by_url or "").startswith("https://")] == []


def test_a_deprecated_field_names_its_replacement_and_a_date():
    reasons = {
        f"{each.name}.{name}": field.deprecation_reason
        for each in TYPES
        for name, field in getattr(each, "fields", {}).items()
        if field.deprecation_reason is not None
    }

    assert "Transfer.debitAccountId" in reasons
    assert [name for name, reason in reasons.items() if not DEPRECATED.match(reason)] == []


def test_connections_are_those_of_relay():
    """The findings of the relay rules of `@graphql-eslint`; lists of values and of plain nodes are allowed."""
    for each in (each for each in TYPES if each.name.endswith("Connection")):
        assert isinstance(each, GraphQLObjectType)
        assert str(each.fields["pageInfo"].type) == "PageInfo!", each.name
        edge = get_named_type(each.fields["edges"].type)
        assert str(each.fields["edges"].type).strip("!") == f"[{edge.name}!]", each.name
        assert edge.name.endswith("Edge"), edge.name
        assert str(edge.fields["cursor"].type) == "String!", edge.name
        assert SCHEMA.type_map["Node"] in get_named_type(edge.fields["node"].type).interfaces, edge.name
    info = {name: str(field.type) for name, field in SCHEMA.type_map["PageInfo"].fields.items()}
    assert info == {
        "endCursor": "String",
        "hasNextPage": "Boolean!",
        "hasPreviousPage": "Boolean!",
        "startCursor": "String",
    }


def test_every_list_of_nodes_goes_both_ways():
    for each, name, field in FIELDS:
        if get_named_type(field.type).name.endswith("Connection"):
            arguments = {arg: str(field.args[arg].type) for arg in ("first", "after", "last", "before")}
            expected = {"first": "Int", "after": "String", "last": "Int", "before": "String"}
            assert arguments == expected, f"{each.name}.{name}"


def test_names_and_descriptions_are_those_that_schema_linters_accept():
    """The findings of `graphql-schema-linter`: order, names, and descriptions that are sentences."""
    assert sdl() == print_schema(lexicographic_sort_schema(SCHEMA)).strip() + "\n"
    for each in TYPES:
        assert re.fullmatch("[A-Z][A-Za-z0-9]*", each.name), each.name
        assert not each.description[0].islower(), each.name
        for name, field in getattr(each, "fields", {}).items():
            assert re.fullmatch("[a-z][A-Za-z0-9]*", name), f"{each.name}.{name}"
            assert not field.description[0].islower(), f"{each.name}.{name}"
        if isinstance(each, GraphQLEnumType):
            assert all(re.fullmatch("[A-Z][A-Z0-9_]*", name) for name in each.values), each.name


def _snake(name):
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
