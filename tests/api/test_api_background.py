"""The API's background: a partner that registered an endpoint is called when its monitor triggers, and only then."""

import time

import sqlalchemy as sa

from ledger.kernel.work import begin
from ledger.outbox.endpoints import register_endpoint
from tests.faults.peers import Way, peer

PATIENCE_SECONDS = 60


def _wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
    return found


def test_a_partner_is_called_when_its_monitor_triggers_again_until_it_says_so(shop, store, book_id):
    world, wallet = shop.account("shop:world"), shop.account("shop:called", "MERCHANT")
    watched = {"account": wallet, "measure": "POSTED", "comparison": "ABOVE", "thresholdMinor": "50"}
    monitor = shop.mutate("beginMonitor", "... on WatchedAccount { monitor { id } }", key="watch", **watched)
    with peer() as told:
        with begin(store, actor="test") as work:
            register_endpoint(work, book_id, shop.partner_id, address=told.address, reason="a test")
        told.ways = [Way.FAILS]
        shop.move((world, wallet, "100"), key="trigger")

        _wait_for(lambda: len(told.got) >= 2)
        _wait_for(lambda: _states(store, book_id)[-1:] == ["delivered"])
    states = _states(store, book_id)

    assert len(set(told.keys)) == 1
    assert [message["data"]["monitorId"] for _, message in told.got] == [monitor["monitor"]["id"]] * 2
    assert states == ["waiting", "waiting", "delivered"]


def _states(store, book_id):
    query = sa.text("SELECT state FROM outbound_calls WHERE book_id = :book ORDER BY seq")
    with store.connect() as connection:
        return list(connection.execute(query, {"book": book_id}).scalars())
