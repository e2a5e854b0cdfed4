"""GraphQL over HTTP, held strictly: media types, methods, status codes and sizes."""

import gzip
import json

import pytest

NEW = "application/graphql-response+json"
OLD = "application/json"


def _send(caller, **request):
    headers = {"Authorization": f"Bearer {caller.key}", **request.pop("headers", {})}
    return caller.http.request(request.pop("method", "POST"), "/graphql", headers=headers, **request)


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (NEW, NEW),
        (OLD, OLD),
        ("*/*", OLD),
        ("application/*;q=0.8", OLD),
        (f"text/plain, {NEW}; charset=utf-8", NEW),
        (f"{OLD};q=0.5, {NEW}", NEW),
        (f"{OLD};q=0, */*", NEW),
        (f"{OLD};q=0.0, {NEW};q=0.1", NEW),
        (f"application/*;q=0, {OLD}", OLD),
    ],
)
def test_the_answer_has_the_media_type_that_was_asked_for(shop, accept, given):
    response = shop.post("{ me { name } }", Accept=accept)

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{given}; charset=utf-8"
    assert response.json()["data"] == {"me": {"name": "Shop"}}


def test_media_types_that_cannot_be_given_are_refused(shop):
    assert shop.post("{ me { name } }", Accept="text/csv").status_code == 406
    assert shop.post("{ me { name } }", Accept="application/json; charset=latin-1").status_code == 406
    assert shop.post("{ me { name } }", Accept=f"{OLD};q=0, {NEW};q=0").status_code == 406
    assert shop.post("{ me { name } }", Accept="application/*;q=0, */*").status_code == 406


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"])
def test_a_body_that_is_not_declared_as_json_is_refused(shop, content_type):
    response = _send(shop, content=b'{"query": "{ me { name } }"}', headers={"Content-Type": content_type})

    assert response.status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"{}",
        b'{"query": ""}',
        b'{"query": 1}',
        b'{"query": "{ me { id } }", "variables": []}',
        b'{"query": "{ me { id } }", "variables": "{}"}',
        b'{"query": "{ me { id } }", "extensions": 1}',
        b'{"query": "{ me { id } }", "operationName": {}}',
        b'{"query": "{ me { id } }", "variables": {"x": NaN}}',
        b'[{"query": "{ me { id } }"}]',
        b"\xff\xfe",
        b"[" * 5_000,
    ],
)
def test_a_body_that_is_no_request_is_a_bad_request_in_both_media_types(shop, body):
    for accept in (NEW, OLD):
        response = _send(shop, content=body, headers={"Content-Type": OLD, "Accept": accept})

        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "SYNTAX_ERROR"),
        ("{ nothing }", "INVALID_REQUEST"),
        ("query ($x: Position!) { account(id: 1, minPosition: $x) { id } }", "INVALID_REQUEST"),
    ],
)
def test_a_document_that_is_not_executed_has_no_data_and_only_the_new_type_says_so_by_status(shop, query, code):
    new, old = shop.post(query, Accept=NEW), shop.post(query, Accept=OLD)

    assert (new.status_code, old.status_code) == (400, 200)
    for response in (new, old):
        assert "data" not in response.json()
        assert response.json()["errors"][0]["extensions"]["code"] == code


def test_a_query_may_come_by_get_and_a_mutation_may_not(shop):
    change = 'mutation B { postTransfers(input: {transfers: []}, idempotencyKey: "k") { __typename } }'
    query = "query A { me { name } } " + change

    read = _send(shop, method="GET", params={"query": query, "operationName": "A", "variables": "{}"})
    changed = _send(shop, method="GET", params={"query": query, "operationName": "B"})

    assert read.json()["data"] == {"me": {"name": "Shop"}}
    assert (changed.status_code, changed.headers["allow"]) == (405, "POST")
    assert _send(shop, method="GET").status_code == 400
    assert _send(shop, method="GET", params={"query": query, "variables": "{"}).status_code == 400
    assert _send(shop, method="PUT").status_code == 405


@pytest.mark.parametrize("name", [None, "C"])
def test_a_document_with_several_operations_needs_the_name_of_one_of_them(shop, name):
    body = {"query": "query A { me { id } } query B { me { id } }", "operationName": name}

    response = _send(shop, json=body, headers={"Accept": NEW})

    assert response.status_code == 400


def test_a_body_beyond_the_limit_is_refused_whether_or_not_its_length_is_declared(shop):
    body = b'{"query": "{ me { name } }", "x": "' + b"a" * 100_000 + b'"}'

    declared = _send(shop, content=body, headers={"Content-Type": OLD})
    streamed = _send(shop, content=iter([body[:50_000], body[50_000:]]), headers={"Content-Type": OLD})

    assert declared.status_code == streamed.status_code == 413


def test_every_answer_has_an_id_of_its_own_that_nobody_caches(shop):
    first, second = shop.post("{ me { name } }"), shop.post("{")

    assert first.headers["x-request-id"] == first.json()["extensions"]["requestId"]
    assert second.headers["x-request-id"] == second.json()["extensions"]["requestId"] != first.headers["x-request-id"]
    assert first.headers["cache-control"] == "no-store"


def test_head_is_what_get_is_without_its_body(shop):
    for params in ({"query": "{ me { id } }"}, {}):
        got, headed = (_send(shop, method=method, params=params) for method in ("GET", "HEAD"))

        assert (headed.status_code, headed.content) == (got.status_code, b"")


def _zipped(caller, body: bytes, coding: str = "gzip"):
    return _send(caller, content=body, headers={"Content-Type": OLD, "Content-Encoding": coding})


def test_a_body_may_come_compressed_with_gzip(shop):
    body = gzip.compress(b'{"query": "{ me { name } }"}')

    assert _zipped(shop, body).json()["data"] == {"me": {"name": "Shop"}}
    assert _zipped(shop, body, "x-gzip").status_code == 200
    assert _zipped(shop, b'{"query": "{ me { name } }"}', "identity").status_code == 200


def test_a_body_that_unpacks_beyond_the_limit_is_refused_as_any_that_is_too_large(shop):
    bomb = gzip.compress(b'{"query": "' + b" " * 50_000_000 + b'"}')

    assert len(bomb) < 100_000
    assert _zipped(shop, bomb).status_code == 413


@pytest.mark.parametrize(
    "body",
    [b"", b"no gzip", gzip.compress(b"{}", mtime=0)[:-1], gzip.compress(b"{}", mtime=0) * 2],
    ids=["empty", "no gzip", "cut off", "two members"],
)
def test_a_body_that_is_not_one_gzip_member_is_a_bad_request(shop, body):
    assert _zipped(shop, body).status_code == 400


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "deflate"])
def test_another_coding_is_refused_with_the_one_that_is_taken(shop, coding):
    response = _zipped(shop, b"{}", coding)

    assert response.status_code == 415
    assert response.headers["accept-encoding"] == "gzip"


LONG = "{ __schema { types { name description fields { name } } } }"


def test_a_long_answer_to_a_query_is_compressed_to_another_length_each_time(shop):
    plain = shop.post(LONG, **{"Accept-Encoding": "identity"})
    zipped = [shop.post(LONG, **{"Accept-Encoding": "br, gzip;q=0.5"}) for _ in range(5)]

    assert "content-encoding" not in plain.headers
    assert {each.headers["content-encoding"] for each in zipped} == {"gzip"}
    assert {json.dumps(each.json()["data"]) for each in zipped} == {json.dumps(plain.json()["data"])}
    assert len({each.headers["content-length"] for each in zipped}) > 1
    assert int(zipped[0].headers["content-length"]) < len(plain.content) / 3


def test_what_echoes_a_request_and_what_is_short_is_not_compressed(shop):
    for answer in (shop.post("{ me { name } }"), shop.post("{ " + "x" * 9_000 + " }")):
        assert "content-encoding" not in answer.headers
    assert "content-encoding" not in shop.post(LONG, **{"Accept-Encoding": "gzip;q=0, *"}).headers


def test_a_slash_at_the_end_of_the_path_changes_nothing(shop):
    own = {"Authorization": f"Bearer {shop.key}"}

    by_post = shop.http.post("/graphql/", json={"query": "{ me { name } }"}, headers=own)
    by_get = shop.http.get("/graphql/", params={"query": "{ me { name } }"}, headers=own)

    assert by_post.json()["data"] == by_get.json()["data"] == {"me": {"name": "Shop"}}


def test_options_names_the_methods_and_lets_no_other_origin_in(shop):
    response = shop.http.options("/graphql", headers={"Origin": "https://elsewhere.example"})

    assert response.status_code == 204
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert not any(name.startswith("access-control") for name in response.headers)
