"""The law of resumption: whatever breaks off, each own fact is received once and in order, and no other ever."""

import random
import threading
from contextlib import suppress
from socket import SHUT_RDWR

import pytest
from websockets.exceptions import ConnectionClosed

from tests.api.subscriptions.conftest import BEGINNING, TRANSFERS, event_stream, subscribing

EVENTS = """
    subscription ($since: Position) { events(since: $since) {
      __typename position recordedAt
      ... on TransferPosted { transfer { id kind state } }
      ... on TransferRejected { transferId code message externalRef }
      ... on AccountEvent { account { id asOf } }
      ... on MonitorTriggered { monitorEvent { measuredMinor transfer { id } } }
      ... on MonitorChanged { monitor { isWatching } }
      ... on MetadataChanged { node { id } }
      ... on CustomerRegistered { customer { id } }
    } }
"""
TOLD_BY_MUTATIONS = 60


class _Traffic(threading.Thread):
    """A partner that posts, one transfer or three at a time, with another partner beside it."""

    def __init__(self, shop, rides) -> None:
        super().__init__()
        self._sides = [(each, each.account("a"), each.account("b")) for each in (shop, rides)]
        self.posted: list[str] = []

    def run(self) -> None:
        for number in range(TOLD_BY_MUTATIONS):
            for caller, debit, credit in self._sides:
                legs = [(debit, credit, "1")] * (1 + 2 * (number % 3 == 0))
                done = caller.move(*legs, key=f"n{number}")["transfers"]
                if caller is self._sides[0][0]:
                    self.posted += [each["id"] for each in done]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_client_that_is_killed_at_random_receives_every_own_transfer_once_in_order(shop, rides, seed):
    chance = random.Random(seed)
    traffic = _Traffic(shop, rides)
    traffic.start()
    received, since, kills = [], BEGINNING, 0
    while traffic.is_alive() or len(received) < len(traffic.posted):
        with suppress(ConnectionClosed), subscribing(shop) as socket:
            socket.subscribe(TRANSFERS, since=since)
            for _ in range(chance.randrange(1, 12)):
                if len(received) == len(traffic.posted) and not traffic.is_alive():
                    break
                with suppress(TimeoutError):
                    (event,) = socket.hear(timeout=0.5)["payload"]["data"].values()
                    received.append(event["transfer"]["id"])
                    since = event["position"]
            socket.connection.socket.shutdown(SHUT_RDWR)  # without a goodbye
        kills += 1
    traffic.join()

    assert received == traffic.posted
    assert kills > 5


def test_events_are_every_kind_of_fact_in_the_order_of_the_journal(shop, rides):
    rides.account("theirs")
    wallet, world = shop.open("wallet", "CUSTOMER")["account"]["id"], shop.account("world")
    shop.move((world, wallet, "500"), key="in", externalRef="in-1")
    shop.mutate(
        "beginMonitor",
        "... on WatchedAccount { monitor { id } }",
        key="watch",
        account=wallet,
        measure="AVAILABLE",
        comparison="BELOW",
        thresholdMinor="300",
    )
    shop.move((wallet, world, "400"), key="out")
    shop.move((wallet, world, "900"), key="too much")
    shop.mutate("changeAccountTerms", "__typename", key="freeze", account=wallet, frozen="ALL", reason="test")
    metadata = [{"name": "tier", "value": "gold"}]
    shop.mutate("setMetadata", "__typename", key="describe", objectId=wallet, metadata=metadata)

    with subscribing(shop) as socket:
        socket.subscribe(EVENTS, since=BEGINNING)
        events = socket.events(10)

    assert [each["__typename"] for each in events] == [
        "CustomerRegistered",
        "AccountOpened",
        "AccountOpened",
        "TransferPosted",
        "MonitorChanged",
        "TransferPosted",
        "MonitorTriggered",
        "TransferRejected",
        "AccountTermsChanged",
        "MetadataChanged",
    ]
    positions = [each["position"] for each in events]
    assert positions == sorted(set(positions))
    by_type = {each["__typename"]: each for each in events}
    assert by_type["TransferRejected"]["code"] == "INSUFFICIENT_FUNDS"
    assert by_type["MonitorTriggered"]["monitorEvent"]["measuredMinor"] == "100"
    assert by_type["AccountTermsChanged"]["account"]["asOf"] == by_type["AccountTermsChanged"]["position"]
    assert by_type["MetadataChanged"]["node"]["id"] == wallet


def test_events_of_some_kinds_are_those_alone(shop, accounts):
    till, bank = accounts
    query = f'subscription {{ events(kinds: [ACCOUNT_OPENED], since: "{BEGINNING}") {{ __typename position }} }}'
    shop.move((till, bank, "1"), key="t")
    with event_stream(shop, query) as events:
        assert [next(events)[1]["data"]["events"]["__typename"] for _ in range(2)] == ["AccountOpened"] * 2
        shop.move((till, bank, "1"), key="u")
        shop.account("third")
        assert next(events)[1]["data"]["events"]["__typename"] == "AccountOpened"


def test_a_long_replay_is_as_complete_as_a_short_one(shop, accounts):
    till, bank = accounts
    posted = []
    for number in range(20):
        posted += [each["id"] for each in shop.move(*[(till, bank, "1")] * 20, key=f"n{number}")["transfers"]]
    with event_stream(shop, TRANSFERS, since=BEGINNING) as events:
        shown = [next(events)[1]["data"]["transferPosted"]["transfer"]["id"] for _ in posted]

    assert shown == posted
