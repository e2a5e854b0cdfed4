"""Timers: what is due is ended in the order of its instants, of every kind by one sweeper, at the clock it is given."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.book.judging.orders import Terms
from ledger.book.posting.open_holds import HOLD_TIMER
from ledger.book.posting.posting import post
from ledger.book.records.transfers import Kind
from ledger.kernel.ids import new_id
from ledger.kernel.sql import table
from ledger.kernel.work import begin, read
from ledger.outbox.records import WaitingCall
from ledger.outbox.waiting_calls import CALL_TIMER
from ledger.timers.sweeper import Sweeper
from ledger.timers.timers import due
from tests.ledger.conftest import Shop

START = datetime(2030, 1, 1, tzinfo=UTC)
BOTH = (HOLD_TIMER, CALL_TIMER)


@pytest.fixture
def busy(shop: Shop) -> Shop:
    shop.open("world 0.00 USD\nA 10.00 USD")
    return shop


def _hold(shop: Shop, seconds: int) -> None:
    shop.writer.post([shop.order("A", "world", "1.00", terms=Terms(Kind.HOLD, timeout_s=seconds))])


def _waits(shop: Shop, due_at: datetime) -> None:
    row = {"call_id": new_id(), "partner_id": shop.partner_id, "endpoint_id": new_id(), "about_seq": 1, "seq": 1}
    with begin(shop.engine, actor="test") as work:
        values = row | {"topic": "monitor.triggered", "attempt": 0, "begun_at": due_at, "due_at": due_at}
        work.connection.execute(table(WaitingCall).insert().values(book_id=shop.book_id, **values))


def test_holds_end_at_the_clock_of_the_sweeper_and_not_before(busy):
    _hold(busy, 60)
    at, ended = [datetime.now(UTC)], []
    sweeper = Sweeper(
        busy.engine,
        {HOLD_TIMER: lambda book_id, now: ended.append(post(busy.engine, book_id, [], clock=lambda: now))},
        clock=lambda: at[0],
    )

    early = sweeper.sweep()
    at[0] += timedelta(seconds=120)
    then = sweeper.sweep()
    again = sweeper.sweep()

    assert (early, [each.kind for each in then], again, ended) == ([], ["hold"], [], [[]])
    assert busy.has("A") == "A 10.00"
    assert busy.faults() == []


def test_what_is_due_of_several_kinds_is_ended_in_the_order_of_its_instants(busy):
    begun = datetime.now(UTC)
    _hold(busy, 60)
    _waits(busy, begun + timedelta(seconds=10))
    seen = []
    endings = {timer: lambda *_, kind=timer.kind: seen.append(kind) for timer in BOTH}

    Sweeper(busy.engine, endings, clock=lambda: begun + timedelta(hours=1)).sweep()

    assert seen == ["outbound_call", "hold"]


def test_a_sweep_is_one_statement_however_many_kinds_and_books_there_are(busy):
    _hold(busy, 60)
    statements = []
    sa.event.listen(busy.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))

    Sweeper(busy.engine, dict.fromkeys(BOTH, lambda *_: None), clock=lambda: START).sweep()

    assert len([text for text in statements if text.lstrip().startswith("SELECT")]) == 1


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offsets=st.lists(st.integers(-100, 100), max_size=8), now=st.integers(-100, 100))
def test_due_is_what_has_the_earliest_instant_that_has_come(busy, offsets, now):
    with begin(busy.engine, actor="test") as work:
        work.connection.execute(table(WaitingCall).delete())
    for offset in offsets:
        _waits(busy, START + timedelta(seconds=offset))

    with read(busy.engine) as reader:
        found = due(reader, BOTH, START + timedelta(seconds=now))

    come = [offset for offset in offsets if offset <= now]
    assert [(each.since_at, each.kind) for each in found] == (
        [(START + timedelta(seconds=min(come)), "outbound_call")] if come else []
    )
