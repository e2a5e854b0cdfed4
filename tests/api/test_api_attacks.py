"""The checks of graphql-cop, by hand, with a partner's key: each sends what the tool sends, and finds nothing.

The schema is public, so that introspection is answered at its cost. A query by GET needs the header with the key, which
no other site's page can make a browser send.
"""

import pytest
from graphql import get_introspection_query

INTROSPECTION_LOOP = (
    "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
)
TRACES = ("tracing", "exception", "stacktrace", "debug")


def _send(caller, method="POST", **request):
    return caller.http.request(method, "/graphql", headers={"Authorization": f"Bearer {caller.key}"}, **request)


@pytest.mark.parametrize(
    "document",
    [
        "query cop { " + " ".join(f"alias{n}: __typename" for n in range(101)) + " }",
        "query cop { " + "__typename " * 500 + "}",
        INTROSPECTION_LOOP,
    ],
    ids=["aliases", "fields", "introspection in a circle"],
)
def test_overloading_a_document_is_refused(shop, document):
    body = shop.post(document).json()

    assert "data" not in body
    assert len(body["errors"]) == 1


@pytest.mark.parametrize("directives", [10, 50])
def test_a_document_full_of_directives_is_told_a_few_errors(shop, directives):
    errors = shop.post("query cop { __typename " + "@aa " * directives + "}").json()["errors"]

    assert 0 < len(errors) < 10


def test_a_batch_is_refused(shop):
    assert _send(shop, json=[{"query": "query cop { __typename }"}] * 10).status_code == 400


@pytest.mark.parametrize("document", ["query cop { __schema { directive } }", "{ me { nam } }", "{ accountz { id } }"])
def test_an_error_suggests_no_names(shop, document):
    (error, *_) = shop.post(document).json()["errors"]

    assert "Did you mean" not in error["message"]


def test_introspection_is_answered_to_partners_alone(shop):
    assert "data" in shop.post(get_introspection_query()).json()
    assert shop.http.post("/graphql", json={"query": get_introspection_query()}).status_code == 401


def test_a_query_by_get_needs_a_header_that_no_other_site_can_send_and_a_mutation_is_refused(shop):
    mutation = 'mutation { postTransfers(input: {transfers: []}, idempotencyKey: "k") { __typename } }'

    assert shop.http.get("/graphql", params={"query": "query cop { __typename }"}).status_code == 401
    assert _send(shop, "GET", params={"query": mutation}).status_code == 405
    assert "access-control-allow-origin" not in _send(shop, "OPTIONS").headers


@pytest.mark.parametrize("form", ["data", "files"])
def test_a_form_of_another_site_is_refused(shop, form):
    value = {"query": "query cop { __typename }"} if form == "data" else {"query": ("q", b"query cop { __typename }")}

    assert _send(shop, **{form: value}).status_code == 415


@pytest.mark.parametrize("document", ["query cop { __typename }", "qwerty cop { abc }", "{ me { id } }"])
def test_an_answer_has_no_trace_of_our_insides(shop, document):
    text = shop.post(document, **{"X-Apollo-Tracing": "1", "apollo-tracing": "1"}).text.lower()

    assert not [word for word in TRACES if word in text]
