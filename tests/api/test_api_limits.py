"""Hostile documents are refused before anything is read, and cheaply; bugs are masked and noted."""

import logging
import time

import pytest
from graphql import get_introspection_query, parse

from api.graphql.limits import Extent, measure
from api.graphql.nouns import accounts
from api.graphql.repeats import count_repeats

BOMB = (
    "{ ...F0 }"
    + "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    + ("fragment F60 on Query { a: me { id } }")
)
CYCLE = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("{ me { id } }" + " " * 10 + "# " + "x" * 100, None),
        ("{" + " me { id }" * 300 + "}", "tokens"),
        ("{" + "".join(f" a{n}: me {{ id }}" for n in range(16)) + "}", "at most 15 aliases"),
        ("{ me " + "{ me " * 12 + "{ id }" + "}" * 13, "at most 12 levels"),
        (BOMB, "at most 15 aliases"),
        (CYCLE, "Cannot spread fragment"),
        ("{" + "[" * 400 + "}", "Syntax Error"),
        ("{" * 900, None),
        ("{ account(id: " + "[" * 450 + "]" * 450 + ") { id } }", None),
        ("{ me {" + " id" * 480 + "} }", "at most 100 fields that repeat another"),
        ("{" + " me { " + "id " * 40 + "}" + " me { id }" * 40 + "}", "at most 100 fields that repeat another"),
        ("{ __schema { types {" + " name" * 480 + "} } }", "at most 100 fields that repeat another"),
        ("{ me {" + " id" * 90 + "} }", None),
        ("{ me @a @a @a @a @a @a @a @a @a @a { id } }", "Unknown directive"),
    ],
)
def test_a_hostile_document_is_answered_at_once_and_never_with_a_fault(shop, document, says):
    started = time.perf_counter()

    response = shop.post(document)

    assert time.perf_counter() - started < 2
    assert response.status_code == 200
    errors = response.json().get("errors", [])
    assert all(error["extensions"]["code"] in ("INVALID_REQUEST", "SYNTAX_ERROR") for error in errors)
    assert says is None or any(says in error["message"] for error in errors)


def test_fragments_count_as_often_as_they_are_spread():
    document = parse("{ me { ...P } a: me { ...P ... { id } } } fragment P on Partner { id b: name }")

    assert measure(document) == Extent(depth=2, aliases=3, fields=7)


def test_fields_repeat_where_they_are_merged_whichever_fragment_they_come_from():
    document = parse(
        "{ me { id ...P ... { id } } me { name ...P } account(id: 1) { ...A ...A } }"
        " fragment P on Partner { id name } fragment A on Account { a: balance { ...M } b: balance { ...M } }"
        " fragment M on Money { decimal decimal }"
    )

    assert count_repeats(document) == 1 + 3 + 2


def test_counting_repeats_ends_whatever_fragments_expand_to():
    levels = "".join(
        f"fragment F{n} on __Type {{ a: ofType {{ ...F{n + 1} }} b: ofType {{ ...F{n + 1} }} }}" for n in range(60)
    )
    document = parse("{ __schema { types { ...F0 } } }" + levels + "fragment F60 on __Type { name name }")

    assert count_repeats(document) == 2


def test_the_schema_may_be_asked_for_by_every_partner(shop):
    response = shop.post(get_introspection_query(descriptions=True))

    assert "errors" not in response.json()


def test_a_bug_is_masked_and_noted(shop, monkeypatch, caplog):
    def broken(*_arguments, **_named):
        raise ValueError("secret: /etc/passwd")

    monkeypatch.setattr(accounts.balances, "accounts_page", broken)
    with caplog.at_level(logging.ERROR, "cofferdam.api"):
        response = shop.post("{ me { name } accounts { asOf } }")

    assert response.status_code == 200
    assert "secret" not in response.text
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert response.json()["errors"][0]["path"] == ["accounts"]
    assert "secret: /etc/passwd" in caplog.text  # the formatters of the log leave the text out
