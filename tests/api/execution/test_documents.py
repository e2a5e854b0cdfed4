"""Documents: a parser that pauses reads and refuses what graphql-core's does, in its words."""

import pytest
from graphql import GraphQLError, parse, print_ast

from api.execution.documents import DocumentRefused, read_document

TEXTS = [
    "{ a b(c: [1, {d: $e}]) { ...F } } fragment F on G { h }",
    "{ # of no use\n a }",
    "query A { a } query B { b }",
]
REFUSED = ["", "{", "{ a", "{ a(b: ) }", "{ ? }", "{ a }" * 40, "{a" * 700, "{ a(b: " + "[" * 700, '{ a(b: "\\q") }']


def _pauses(text):
    """Return the document of a text, or its error, and the number of pauses."""
    pauses = []
    try:
        return print_ast(read_document(text, None, 100, lambda: pauses.append(None)).tree), len(pauses)
    except DocumentRefused as refused:
        return str(refused.errors[0]), len(pauses)


@pytest.mark.parametrize("text", TEXTS)
def test_a_parser_that_pauses_reads_the_same(text):
    found, pauses = _pauses(text)

    assert found == print_ast(parse(text))
    assert pauses >= 3


@pytest.mark.parametrize("text", REFUSED)
def test_a_parser_that_pauses_refuses_the_same(text):
    with pytest.raises(GraphQLError) as fault:
        parse(text, max_tokens=100)

    assert _pauses(text)[0] == str(fault.value)


def test_what_is_nested_too_deeply_is_refused_where_it_is():
    text = "{a" * 20_000
    with pytest.raises(GraphQLError) as fault:
        parse(text)

    with pytest.raises(DocumentRefused) as refused:
        read_document(text, None, None, lambda: None)

    assert "deeply" in str(fault.value)
    assert str(refused.value.errors[0]).partition("\n")[0] == str(fault.value).partition("\n")[0]
