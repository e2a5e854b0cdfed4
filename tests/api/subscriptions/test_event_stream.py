"""Server-sent events, as GraphQL over SSE states for distinct connections."""

import httpx

from tests.api.subscriptions.conftest import BALANCE, TRANSFERS, event_stream


def test_each_event_is_one_next_and_what_came_before_is_sent_first(shop, accounts):
    till, bank = accounts
    first = shop.move((till, bank, "1"), key="first")["position"]
    second = shop.move((till, bank, "1"), key="second")["transfers"]
    with event_stream(shop, TRANSFERS, since=first) as events:
        replayed = next(events)
        third = shop.move((till, bank, "1"), key="third")["transfers"]
        live = next(events)

    assert [name for name, _ in (replayed, live)] == ["next", "next"]
    shown = [data["data"]["transferPosted"]["transfer"]["id"] for _, data in (replayed, live)]
    assert shown == [each["id"] for each in second + third]


def test_a_query_is_one_next_and_complete(shop):
    with event_stream(shop, "{ me { name } }") as events:
        assert list(events) == [("next", {"data": {"me": {"name": "Shop"}}}), ("complete", None)]


def test_errors_of_documents_and_arguments_are_one_next_and_complete(shop):
    for query, code in (
        ("subscription { nothing }", "INVALID_REQUEST"),
        ('subscription { balanceChanged(account: "acc_no") { position } }', "INVALID_ID"),
        ("subscription { events(kinds: []) { position } }", "INVALID_INPUT"),
    ):
        with event_stream(shop, query) as events:
            (kind, result), end = events

            assert (kind, end) == ("next", ("complete", None))
            assert [each["extensions"]["code"] for each in result["errors"]] == [code]


def test_who_is_not_let_in_gets_a_status_and_no_stream(shop):
    for accept in ("text/event-stream", "text/event-stream, application/json"):
        answer = shop.http.post("/graphql", json={"query": TRANSFERS}, headers={"Accept": accept})

        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_a_stream_may_be_asked_for_by_get_which_changes_nothing(shop):
    headers = {"Authorization": f"Bearer {shop.key}", "Accept": "text/event-stream"}
    parameters = {"query": "subscription { transferPosted { position } }"}
    with shop.http.stream("GET", "/graphql", params=parameters, headers=headers) as response:
        assert response.status_code == 200

    change = {"query": 'mutation { endMonitor(input: {monitor: "x"}, idempotencyKey: "k") { __typename } }'}
    assert shop.http.get("/graphql", params=change, headers=headers).status_code == 405


def test_a_subscription_without_a_stream_is_told_how_to_ask_for_one(shop, accounts):
    answer = shop.post(BALANCE, {"account": accounts[0]})

    assert answer.status_code == 406
    assert "text/event-stream" in answer.json()["errors"][0]["message"]


def test_a_stream_without_events_is_kept_alive_by_comments(shop):
    headers = {"Authorization": f"Bearer {shop.key}", "Accept": "text/event-stream"}
    with (
        httpx.Client(base_url=shop.http.base_url, timeout=10, trust_env=False, verify=False) as http,
        http.stream("POST", "/graphql", json={"query": TRANSFERS}, headers=headers) as response,
    ):
        assert next(response.iter_raw()) == b":\n\n"


def test_a_stream_without_a_position_begins_now(shop, accounts):
    till, bank = accounts
    shop.move((till, bank, "1"), key="before")
    with event_stream(shop, TRANSFERS) as events:
        after = shop.move((till, bank, "1"), key="after")["transfers"]

        assert next(events)[1]["data"]["transferPosted"]["transfer"]["id"] == after[0]["id"]
