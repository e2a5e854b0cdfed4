"""Consumers: each fact of the journal has its effect once, whoever runs beside them, resets them or breaks off."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.flows.consumers import WEBHOOKS
from ledger.journal import consumers
from ledger.journal.consumers import Span, advance, reset, standings
from ledger.journal.follower import Follower
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import new_id
from ledger.kernel.sql import table
from ledger.kernel.work import begin
from ledger.outbox.consumers import WAITING_CALLS
from ledger.outbox.records import OutboundCall, WaitingCall
from tests.ledger.outbox.conftest import Outbox

BOTH = (WEBHOOKS, WAITING_CALLS)


def _rows(outbox: Outbox, record):
    with outbox.engine.connect() as connection:
        return connection.execute(sa.select(table(record))).all()


def _lags(outbox: Outbox):
    with outbox.engine.connect() as connection:
        return [each.lag for each in standings(connection, BOTH)]


def _reset(outbox: Outbox, consumer, to=0):
    with begin(outbox.engine, actor="test") as work:
        reset(work, consumer, outbox.book_id, to=to)


def test_every_fact_has_its_effect_once_and_the_lag_is_gone(outbox):
    outbox.register()
    outbox.trigger(3)

    behind = _lags(outbox)
    outbox.follow()
    outbox.follow()

    assert min(behind) > 0
    assert (_lags(outbox), len(_rows(outbox, OutboundCall)), len(_rows(outbox, WaitingCall))) == ([0, 0], 3, 3)
    assert outbox.faults() == []


def test_a_consumer_that_breaks_off_has_done_nothing_and_goes_on_from_there(outbox):
    outbox.register()
    outbox.trigger(2)
    for _ in range(2):  # it gets its row first
        advance(outbox.engine, WEBHOOKS, outbox.book_id, outbox.record)

    def broken(work, book_id, facts):
        WAITING_CALLS.project(work, book_id, facts)
        raise RuntimeError("broke off")

    breaking = WAITING_CALLS._replace(project=broken)
    advance(outbox.engine, breaking, outbox.book_id, outbox.record)  # it gets its row
    with pytest.raises(RuntimeError, match="broke off"):
        advance(outbox.engine, breaking, outbox.book_id, outbox.record)
    left = len(_rows(outbox, WaitingCall))
    outbox.follow()

    assert (left, len(_rows(outbox, WaitingCall))) == (0, 2)


def test_a_projection_is_done_by_one_process_at_a_time(outbox):
    outbox.register()
    outbox.trigger()
    outbox.follow()
    outbox.trigger()

    with begin(outbox.engine, actor="another process") as work:
        work.connection.exec_driver_sql("SELECT FROM consumer_positions WHERE name = 'waiting_calls' FOR UPDATE")
        meanwhile = advance(outbox.engine, WAITING_CALLS, outbox.book_id, outbox.record)

    assert not meanwhile
    assert advance(outbox.engine, WAITING_CALLS, outbox.book_id, outbox.record)


def test_many_processes_at_once_do_each_fact_once(outbox, monkeypatch):
    monkeypatch.setattr(consumers, "POSITIONS_AT_ONCE", 3)  # so that they meet often
    outbox.register()
    outbox.trigger(10)

    with ThreadPoolExecutor(6) as threads:
        for done in [threads.submit(outbox.follow) for _ in range(6)]:
            done.result(60)
    outbox.follow()

    assert (len(_rows(outbox, OutboundCall)), len(_rows(outbox, WaitingCall))) == (10, 10)
    assert outbox.faults() == []


def test_a_reaction_whose_position_another_moved_meanwhile_records_nothing(outbox):
    outbox.register()
    outbox.trigger(2)

    advance(outbox.engine, WEBHOOKS, outbox.book_id, outbox.record)  # it gets its row

    def overtaken(book_id, facts):
        advance(outbox.engine, WEBHOOKS, outbox.book_id, outbox.record)
        outbox.record(book_id, facts)

    advance(outbox.engine, WEBHOOKS, outbox.book_id, overtaken)

    assert len(_rows(outbox, OutboundCall)) == 2


def test_a_reaction_whose_position_was_brought_back_meanwhile_records_nothing(outbox):
    outbox.register()
    outbox.trigger(2)
    advance(outbox.engine, WEBHOOKS, outbox.book_id, outbox.record)  # it gets its row

    def overtaken(book_id, facts):
        advance(outbox.engine, WEBHOOKS, outbox.book_id, outbox.record)
        _reset(outbox, WEBHOOKS)
        outbox.record(book_id, facts)

    advance(outbox.engine, WEBHOOKS, outbox.book_id, overtaken)

    assert len(_rows(outbox, OutboundCall)) == 2


def test_a_reset_projection_is_made_anew_and_a_reset_reaction_records_nothing_twice(outbox):
    outbox.register()
    outbox.trigger(3)
    outbox.follow()
    before = _rows(outbox, WaitingCall)

    for consumer in BOTH:
        _reset(outbox, consumer)
    cleared = _rows(outbox, WaitingCall)
    outbox.follow()

    assert (cleared, len(_rows(outbox, OutboundCall))) == ([], 3)
    assert sorted(_rows(outbox, WaitingCall)) == sorted(before)


def test_a_reaction_goes_on_from_where_it_is_told_and_a_projection_only_from_the_beginning(outbox):
    outbox.trigger(2)
    outbox.follow()
    seen = []
    noting = WEBHOOKS._replace(react=lambda _reader, _book, span: seen.append(span) or [])
    with outbox.engine.connect() as connection:
        (notifications, _) = standings(connection, BOTH)

    with pytest.raises(InvalidInput, match="rebuilt only from position 0"):
        _reset(outbox, WAITING_CALLS, to=1)
    with pytest.raises(InvalidInput, match=f"has positions 0 to {notifications.last_seq}, not 999"):
        _reset(outbox, WEBHOOKS, to=999)
    _reset(outbox, WEBHOOKS, to=notifications.last_seq - 2)  # the last transfer and the event before it
    advance(outbox.engine, noting, outbox.book_id, outbox.record)

    assert seen == [Span(notifications.last_seq - 2, notifications.last_seq)]


def test_an_endpoint_is_not_told_what_happened_before_it_was_registered(outbox):
    outbox.register()
    outbox.trigger()
    outbox.follow()
    outbox.register("https://late.example/")
    outbox.trigger()

    _reset(outbox, WEBHOOKS)
    outbox.follow()

    assert len(_rows(outbox, OutboundCall)) == 3


def test_rows_that_do_not_follow_from_facts_are_named(outbox):
    outbox.register()
    outbox.trigger(2)
    outbox.follow()
    with outbox.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE waiting_calls SET attempt = 7 WHERE seq = (SELECT max(seq) FROM waiting_calls)"
        )
        connection.exec_driver_sql("DELETE FROM waiting_calls WHERE seq = (SELECT min(seq) FROM waiting_calls)")

    (fault,) = outbox.faults()

    assert "it is missing" in fault
    assert "it differs" in fault


def test_a_follower_runs_what_is_behind_and_says_whether_anything_moved(outbox):
    outbox.register()
    outbox.trigger()
    follower = Follower(outbox.engine, BOTH, lambda each, book: advance(outbox.engine, each, book, outbox.record))

    turns = [follower.turn() for _ in range(6)]

    assert (turns[0], turns[-1], len(_rows(outbox, WaitingCall))) == (True, False, 1)


STEPS = st.lists(st.sampled_from(["trigger", "notify", "project", "reset_notify", "reset_project"]), max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_in_whatever_order_consumers_run_and_are_reset_there_is_one_call_per_event(outbox, steps):
    outbox.register(f"https://shop.example/{new_id()}")
    begun = len(_rows(outbox, OutboundCall))
    acts = {
        "trigger": outbox.trigger,
        "notify": lambda: advance(outbox.engine, WEBHOOKS, outbox.book_id, outbox.record),
        "project": lambda: advance(outbox.engine, WAITING_CALLS, outbox.book_id, outbox.record),
        "reset_notify": lambda: _reset(outbox, WEBHOOKS),
        "reset_project": lambda: _reset(outbox, WAITING_CALLS),
    }

    for step in steps:
        acts[step]()
    outbox.follow()

    made = _rows(outbox, OutboundCall)
    assert len({row.call_id for row in made}) == len(made) >= begun
    assert len(_rows(outbox, WaitingCall)) == len(made)
    assert outbox.faults() == []
