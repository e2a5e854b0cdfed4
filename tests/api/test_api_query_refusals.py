"""Refusals of queries have the types, codes and places of the schema, as those of mutations have."""

import pytest
from graphql import GraphQLObjectType

from api import errors
from api.access.refusals import AccessRefused
from api.graphql.codes import RefusalCode
from api.graphql_endpoint import BrokenInside
from api.limits.refusals import LimitExceeded
from api.requests import BadRequest
from ledger.kernel.errors import Refusal
from tests.api.conftest import later_by
from tests.api.schemas import SCHEMA

OF_REQUESTS = (BadRequest, AccessRefused, LimitExceeded, BrokenInside)
"""Refusals of a request as a whole, whatever it asks for: their codes go with an HTTP status."""


@pytest.mark.parametrize(
    ("query", "code", "path"),
    [
        ('{ account(id: "acc_1") { id } }', "INVALID_ID", ["id"]),
        ("{ account { id } }", "INVALID_INPUT", []),
        ('{ account(externalRef: "\\u0000") { id } }', "INVALID_INPUT", ["externalRef"]),
        ('{ node(id: "x") { id } }', "INVALID_ID", ["id"]),
        ('{ nodes(ids: ["acc_00000000000000000000000000000000", "x"]) { id } }', "INVALID_ID", ["ids", "1"]),
        ('{ customer(id: "x") { id } }', "INVALID_ID", ["id"]),
        ('{ transfer(id: "x") { id } }', "INVALID_ID", ["id"]),
        ('{ monitor(id: "x") { id } }', "INVALID_ID", ["id"]),
        ('{ monitorEvents(monitor: "x") { asOf } }', "INVALID_ID", ["monitor"]),
        ('{ accounts(filter: {customer: "x"}) { asOf } }', "INVALID_ID", ["filter", "customer"]),
        ('{ transfers(filter: {account: "x"}) { asOf } }', "INVALID_ID", ["filter", "account"]),
        ('{ transfers(filter: {code: "A B"}) { asOf } }', "INVALID_INPUT", ["filter", "code"]),
        ('{ accountBalance(id: "x", at: {effectiveOn: "2026-10-01"}) { asOf } }', "INVALID_ID", ["id"]),
        ("{ accounts(first: 101) { asOf } }", "INVALID_INPUT", ["first"]),
        ('{ accounts(after: "x") { asOf } }', "INVALID_CURSOR", ["after"]),
        ('{ transfers(last: 1, before: "x") { asOf } }', "INVALID_CURSOR", ["before"]),
        ('{ insights(month: "2026-10-02") { asOf } }', "INVALID_INPUT", ["month"]),
        ('{ resultOfKey(idempotencyKey: "") { __typename } }', "INVALID_INPUT", ["idempotencyKey"]),
        ('{ template(name: "") { id } }', "INVALID_INPUT", ["name"]),
    ],
)
def test_a_refused_query_names_its_type_its_code_and_the_argument(shop, query, code, path):
    error = shop.error(query)

    told = {"__typename": "InvalidInput", "code": code, "message": error["message"], "path": path}
    assert error["extensions"] == {"code": code, "classification": "BAD_REQUEST", "refusal": told}


def test_a_position_that_is_not_reached_has_a_type_of_its_own(shop):
    position = shop.ask("{ accounts { asOf } }")["accounts"]["asOf"]

    error = shop.error("query ($at: Position) { accounts(minPosition: $at) { asOf } }", at=later_by(position, 99))

    assert error["extensions"]["refusal"]["__typename"] == "PositionNotReached"
    assert error["extensions"]["code"] == error["extensions"]["refusal"]["code"] == "POSITION_NOT_REACHED"


def test_the_types_of_refused_queries_are_refusals_of_the_schema():
    for name in errors.TYPES:
        named = SCHEMA.type_map[name]

        assert isinstance(named, GraphQLObjectType)
        assert SCHEMA.type_map["Refusal"] in named.interfaces


def test_every_code_of_an_error_is_in_the_enum_unless_it_goes_with_a_status():
    codes = {each.code.upper() for each in _all(Refusal) if each.__module__.startswith(("api", "ledger.kernel"))}
    of_requests = {each.code.upper() for each in _all(*OF_REQUESTS)}
    never_shown = {"REFUSED", "ILLEGAL_TRANSITION", "INVALID_SETTINGS", "INVALID_FORMAT"}

    assert codes - of_requests - never_shown <= {each.name for each in RefusalCode}


def _all(*kinds):
    """The classes and all that derive from them."""
    return {*kinds}.union(*(_all(*each.__subclasses__()) for each in kinds if each.__subclasses__()))
