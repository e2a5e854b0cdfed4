"""All mutations alike, generated from the schema: what each of them does with errors, keys and refusals."""

import pytest
from graphql import OperationType, is_nullable_type

from api.graphql.schema import EXECUTABLE
from tests.api.mutation_documents import MUTATIONS, SCHEMA, call


class BrokenCall:
    """A call of which everything is broken, as where a bug is met."""

    def __getattr__(self, name):
        raise RuntimeError(name)


def test_an_error_of_one_mutation_neither_stops_the_next_nor_takes_its_answer():
    document = f"mutation {{ {' '.join(call(name, idempotencyKey=name) for name in MUTATIONS)} }}"

    prepared = EXECUTABLE.prepare(document, None, allowed=frozenset({OperationType.MUTATION}))
    result = EXECUTABLE.run(EXECUTABLE.ask(prepared, None), BrokenCall())

    assert result.data == dict.fromkeys(MUTATIONS)
    assert [error.path for error in result.errors] == [[name] for name in MUTATIONS]


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_answer_of_a_mutation_is_nullable(name):
    assert is_nullable_type(SCHEMA.mutation_type.fields[name].type)


def test_a_page_that_cannot_be_shown_leaves_the_answers_of_the_mutations_around_it(shop):
    opening = 'openAccount(idempotencyKey: "%s", input: {externalRef: "%s", currency: "USD", kind: EXTERNAL})'
    shown = "{ ... on OpenedAccount { account { externalRef openHolds(after: %s) { nodes { id } } } } }"
    first, second = opening % ("1", "one") + shown % '"no cursor"', opening % ("2", "two") + shown % "null"

    answer = shop.post(f"mutation {{ first: {first} second: {second} }}").json()

    assert answer["data"]["first"] is None
    assert answer["data"]["second"]["account"]["externalRef"] == "shop:two"
    assert [error["path"][0] for error in answer["errors"]] == ["first"]
