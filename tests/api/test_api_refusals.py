"""Refusals: which transfer and which field, every mistake at once, codes of one enum, texts that name an open door."""

import re

import pytest
from graphql import GraphQLEnumType, GraphQLInterfaceType

from api.graphql import refusals, results
from api.graphql.codes import RefusalCode, code_of
from ledger.book.judging.results import CONFLICTS, Result
from ledger.kernel import errors
from tests.api.mutation_documents import MUTATIONS, SCHEMA, answer_types, call

MISTAKEN = "... on Refusal { code message path } ... on InvalidInput { index mistakes { code path } }"


@pytest.fixture
def pair(shop):
    """The accounts that money comes from and goes to."""
    return shop.account("bank"), shop.account("wallet", "CUSTOMER")


def _transfer(debit, credit, amount="1", **more):
    money = {"amountMinor": amount, "currency": "USD"}
    return {"debitAccount": debit, "creditAccount": credit, "amount": money, "code": "payment", **more}


def test_every_mistake_of_a_request_is_named_with_its_transfer_and_its_field(shop, pair):
    transfers = [
        _transfer(*pair),
        _transfer("acc_1", pair[1], code="Two words"),
        _transfer(*pair, tags=["x" * 41], effectiveAt="2026-01-01T00:00:00Z", effectiveOn="2026-01-01"),
    ]

    refused = shop.mutate("postTransfers", MISTAKEN, key="k", transfers=transfers)

    assert (refused["__typename"], refused["code"], refused["index"]) == ("InvalidInput", "INVALID_ID", 1)
    assert refused["path"] == ["input", "transfers", "1", "debitAccount"]
    assert "(and 3 more" in refused["message"]
    assert [(each["code"], each["path"][2:]) for each in refused["mistakes"]] == [
        ("INVALID_ID", ["1", "debitAccount"]),
        ("INVALID_INPUT", ["1", "code"]),
        ("INVALID_INPUT", ["2", "effectiveOn"]),
        ("INVALID_INPUT", ["2", "tags"]),
    ]


def test_every_transfer_that_the_book_finds_malformed_is_named(shop, pair):
    bank, wallet = pair
    transfers = [_transfer(bank, wallet), _transfer(bank, wallet, "-1"), _transfer(bank, bank)]

    refused = shop.mutate("postTransfers", MISTAKEN, key="k", transfers=transfers)

    assert (refused["__typename"], refused["index"]) == ("InvalidInput", 1)
    assert [(each["code"], each["path"][2:]) for each in refused["mistakes"]] == [
        ("AMOUNT_NEGATIVE", ["1", "amount"]),
        ("ACCOUNTS_MUST_DIFFER", ["2", "creditAccount"]),
    ]


def test_a_refusal_of_the_book_names_its_field_in_the_words_of_the_mutation(shop, pair):
    _, wallet = pair
    gone = "acc_" + "0" * 31 + "1"
    place = "... on Refusal { path }"
    asked = {
        "posting": shop.mutate("postTransfers", place, key="1", transfers=[_transfer(*pair), _transfer(wallet, gone)]),
        "closing": shop.mutate("closeAccount", place, key="2", account=wallet, counterAccount=gone),
        "ending": shop.mutate("voidHold", place, key="3", hold=gone.replace("acc", "trf")),
        "reversing": shop.mutate("reverseTransfer", place, key="4", transfer=gone.replace("acc", "trf")),
        "watching": shop.mutate(
            "beginMonitor", place, key="5", account=gone, measure="POSTED", comparison="ABOVE", thresholdMinor="1"
        ),
        "running": shop.mutate("runTemplate", place, key="6", name="none", arguments=[]),
        "key": shop.mutate("voidHold", place, key="", hold=gone.replace("acc", "trf")),
    }  # fmt: skip

    assert {name: ".".join(refused["path"]) for name, refused in asked.items()} == {
        "posting": "input.transfers.1.creditAccount",
        "closing": "input.counterAccount",
        "ending": "input.hold",
        "reversing": "input.transfer",
        "watching": "input.account",
        "running": "input.name",
        "key": "idempotencyKey",
    }


def test_both_sides_of_an_exchange_are_named_by_their_own_fields(shop, pair):
    euros = shop.open("euros", "MERCHANT", currency="EUR")["account"]["id"]
    gone = "acc_" + "0" * 31 + "1"
    wanted = {"sold": {"amountMinor": "500", "currency": "USD"}, "currency": "EUR", "rate": "1.1"}
    place = "... on Refusal { path }"

    without = shop.mutate("exchange", place, key="1", soldFrom=gone, boughtTo=euros, **wanted)
    nowhere = shop.mutate("exchange", place, key="2", soldFrom=pair[0], boughtTo=gone, **wanted)
    wrong = shop.mutate("exchange", MISTAKEN, key="3", soldFrom="x", boughtTo=gone, **wanted | {"rate": "0"})

    assert without["path"] == ["input", "soldFrom"]
    assert nowhere["path"] == ["input", "boughtTo"]
    assert [each["path"][1] for each in wrong["mistakes"]] == ["soldFrom", "rate"]


def test_a_wrong_literal_and_a_wrong_variable_have_their_place(shop):
    literal = '{ accounts(\n  minPosition: "x") { asOf } }'
    variable = "query ($p: Position) { accounts(minPosition: $p) { asOf } }"

    assert shop.error(literal)["locations"] == [{"line": 2, "column": 16}]
    assert shop.error(variable, p="x")["locations"] == [{"line": 1, "column": 8}]


def test_every_code_of_the_book_and_of_a_wrong_request_is_in_the_enum():
    codes = SCHEMA.type_map["RefusalCode"]
    wrong = set(errors.InvalidInput.__subclasses__()) - {errors.InvalidFormat}  # of files, which no request has

    assert isinstance(codes, GraphQLEnumType)
    assert {each.value.upper() for each in Result} - {"CREATED", "EXISTS"} <= set(codes.values)
    assert {code_of(each("x")) for each in wrong if not issubclass(each, refusals.InvalidFields)} <= set(RefusalCode)


def test_every_code_about_a_field_of_a_transfer_names_one_that_it_has():
    fields = set(SCHEMA.type_map["TransferInput"].fields) | {"hold", "transfer"}

    assert set(results.FIELDS.values()) <= fields
    assert {code for code in Result if code in CONFLICTS} - set(results.FIELDS) == {
        Result.EXISTS_WITH_DIFFERENT_FLAGS,
        Result.EXISTS_WITH_DIFFERENT_PARTNER,
        Result.EXISTS_WITH_DIFFERENT_GROUP,
        Result.EXISTS_WITH_DIFFERENT_CONTENT,
    }


def test_every_mutation_that_a_text_names_is_in_the_schema():
    named = {word for text in results.SAYS.values() for word in re.findall(r"\b[a-z]+[A-Z]\w*", text)}

    assert named - set(SCHEMA.type_map["TransferInput"].fields) <= set(MUTATIONS)
    assert {"reopenAccount", "changeAccountTerms", "reverseTransfer", "postTransfers"} <= named


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_refuses_a_key_that_is_none_with_its_place(shop, name):
    document = f"mutation {{ {call(name, '__typename ... on Refusal { path }', idempotencyKey='')} }}"

    (refused,) = shop.ask(document).values()

    assert isinstance(SCHEMA.type_map["Refusal"], GraphQLInterfaceType)
    assert {"InvalidInput", "IdempotencyConflict", "Unavailable"} <= answer_types(name)
    assert refused == {"__typename": "InvalidInput", "path": ["idempotencyKey"]}
