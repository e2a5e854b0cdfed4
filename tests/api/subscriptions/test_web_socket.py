"""The protocol graphql-transport-ws, message by message, over real sockets."""

import pytest
from websockets.exceptions import InvalidStatus

from api.subscriptions import web_socket
from api.subscriptions.commits import Movement
from api.subscriptions.feeds import Feed
from tests.api.conftest import journal_position, record_statements
from tests.api.limits.test_deadlines import eventually
from tests.api.subscriptions.conftest import BALANCE, TRANSFERS, now, opened, subscribing


def test_a_balance_is_sent_after_each_of_its_changes(shop, accounts):
    till, bank = accounts
    with subscribing(shop) as socket:
        socket.subscribe(BALANCE, account=till, since=now(shop))
        positions = [shop.move((till, bank, "250"), key=f"t{n}")["position"] for n in range(2)]

        events = socket.events(2)

    assert [each["account"]["balance"]["decimal"] for each in events] == ["2.50", "5.00"]
    assert [each["position"] for each in events] == positions
    assert [each["account"]["asOf"] for each in events] == positions


def test_what_came_after_a_position_is_sent_before_what_comes(shop, accounts):
    till, bank = accounts
    first = shop.move((till, bank, "1"), key="first")["position"]
    second = shop.move((till, bank, "1"), (till, bank, "1"), key="second")["transfers"]
    with subscribing(shop) as socket:
        socket.subscribe(TRANSFERS, since=first)
        replayed = socket.events(2)
        third = shop.move((till, bank, "1"), key="third")["transfers"]
        live = socket.events(1)

    assert [each["transfer"]["id"] for each in replayed + live] == [each["id"] for each in second + third]


def test_a_client_may_send_its_key_with_the_upgrade(shop):
    with opened(shop, Authorization=f"Bearer {shop.key}") as socket:
        socket.init()
        socket.settle()


def test_pings_are_answered_with_their_payload(shop):
    with opened(shop) as socket:
        socket.say("ping", payload={"at": 1})
        assert socket.hear() == {"type": "pong", "payload": {"at": 1}}
        socket.say("pong")
        socket.say("ping")
        assert socket.hear() == {"type": "pong"}


def test_the_older_protocol_is_refused(shop):
    with opened(shop, protocols=("graphql-ws",)) as socket:
        assert socket.closed()[0] == 4406


def test_a_page_of_another_site_is_refused_before_anything(shop):
    with pytest.raises(InvalidStatus) as refused, opened(shop, Origin="https://elsewhere.example"):
        pass
    assert refused.value.response.status_code == 403

    host = shop.http.base_url.netloc.decode()
    with opened(shop, Origin=f"http://{host}") as socket:
        socket.init(shop.key)


def test_a_socket_without_an_initialisation_is_closed_in_time(shop, monkeypatch):
    monkeypatch.setattr(web_socket, "INIT_SECONDS", 0.1)
    with opened(shop) as socket:
        assert socket.closed()[0] == 4408


def test_nothing_is_subscribed_before_the_initialisation(shop):
    with opened(shop) as socket:
        socket.subscribe("{ me { id } }")
        assert socket.closed() == (4401, "Unauthorized")


def test_a_second_initialisation_is_refused(shop):
    with subscribing(shop) as socket:
        socket.say("connection_init")
        assert socket.closed()[0] == 4429


def test_an_unknown_key_is_not_let_in(shop):
    with opened(shop) as socket:
        socket.say("connection_init", payload={"Authorization": "Bearer cdk_no"})
        assert socket.closed()[0] == 4403


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '"x"',
        "{}",
        '{"type": "nothing"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ me { id } }"}}',
        '{"type": "subscribe", "id": "1", "payload": {}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ me { id } }", "variables": []}}',
        '{"type": "complete"}',
        '{"type": "ping", "payload": 1}',
        b"\x00",
    ],
)
def test_a_message_that_is_none_closes_the_socket(shop, text):
    with subscribing(shop) as socket:
        socket.connection.send(text)
        assert socket.closed()[0] == 4400


def test_an_id_is_in_use_once_and_free_when_its_operation_is_complete(shop):
    with subscribing(shop) as socket:
        socket.subscribe(TRANSFERS, "a")
        socket.say("complete", id="a")
        socket.subscribe(TRANSFERS, "a")
        socket.settle()
        socket.subscribe(TRANSFERS, "a")
        assert socket.closed() == (4409, "Subscriber for a already exists")


def test_a_subscription_that_was_completed_sends_nothing_more(shop, accounts):
    till, bank = accounts
    with subscribing(shop) as socket:
        since = now(shop)
        socket.subscribe(TRANSFERS, "a", since=since)
        socket.subscribe(TRANSFERS, "b", since=since)
        socket.say("complete", id="a")
        socket.settle()
        shop.move((till, bank, "1"), key="t")
        socket.events(1, "b")
        socket.settle()


def test_the_hundred_and_first_subscription_of_a_socket_is_refused(shop):
    with subscribing(shop) as socket:
        for number in range(101):
            socket.subscribe(TRANSFERS, str(number))
        refused = socket.hear()

        assert (refused["type"], refused["id"]) == ("error", "100")
        assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
        socket.say("complete", id="7")
        socket.settle()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { nothing }", "INVALID_REQUEST"),
        ("subscription {", "SYNTAX_ERROR"),
        ("subscription { a: transferPosted { position } b: transferPosted { position } }", "INVALID_REQUEST"),
    ],
)
def test_a_document_that_is_wrong_is_an_error(shop, query, code):
    with subscribing(shop) as socket:
        socket.subscribe(query)
        refused = socket.hear()

    assert (refused["type"], refused["id"]) == ("error", "1")
    assert [each["extensions"]["code"] for each in refused["payload"]] == [code]


def test_an_argument_that_is_wrong_is_one_result_and_the_end(shop, rides):
    other = rides.account("theirs")
    with subscribing(shop) as socket:
        for account, code in (("acc_no", "INVALID_ID"), (other, "NOT_FOUND")):
            socket.subscribe(BALANCE, account=account)
            result = socket.hear()

            assert result["payload"]["errors"][0]["extensions"]["code"] == code
            assert result["payload"]["errors"][0]["path"] == ["balanceChanged"]
            assert socket.hear() == {"type": "complete", "id": "1"}


def test_queries_and_changes_are_answered_as_over_http(shop):
    with subscribing(shop) as socket:
        socket.subscribe("{ me { name } }")
        assert socket.hear()["payload"] == {"data": {"me": {"name": "Shop"}}}
        assert socket.hear()["type"] == "complete"


def test_many_subscriptions_of_a_key_cost_the_statements_of_one(store, book_id, shop, accounts, monkeypatch):
    till, bank = accounts
    told = movements(monkeypatch)
    with subscribing(shop) as socket:
        since = now(shop)
        for number in range(20):
            socket.subscribe(BALANCE, str(number), account=(till, bank)[number % 2], since=since)
        first = shop.move((till, bank, "1"), key="first")
        assert {socket.hear()["id"] for _ in range(20)} == {str(number) for number in range(20)}
        moved_to = journal_position(store, book_id, shop, first["position"])
        eventually(lambda: told.get(moved_to) and is_at_rest(told[moved_to]))
        sent = record_statements(monkeypatch, lambda text, _: "'balance' AS kind" in text or "asked.position" in text)
        shop.move((till, bank, "1"), key="second")
        balances = [socket.hear()["payload"]["data"]["balanceChanged"]["account"]["balance"] for _ in range(20)]

    assert len(sent) == 2
    assert {each["decimal"] for each in balances} == {"0.02", "-0.02"}


def movements(monkeypatch) -> dict[int, Feed]:
    """The feed that was told of each newest position."""
    told, move = {}, Feed.move

    def moved(feed: Feed, movement: Movement) -> None:
        move(feed, movement)
        told[movement.upto] = feed

    monkeypatch.setattr(Feed, "move", moved)
    return told


def is_at_rest(feed: Feed) -> bool:
    """Whether the feed has looked at all that it was told of."""
    return all(each.looked_at == feed._movements for each in feed._subscriptions)  # noqa: SLF001  # it tells nobody
