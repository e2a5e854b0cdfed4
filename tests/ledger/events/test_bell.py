"""Commit notifications: heard after a commit, missed without harm."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from ledger.journal.notifications import CommitNotifier, listening_for_commits, newest_positions
from ledger.kernel.engines import create_engine
from pipelines.stream.worker import feed_connection
from tests.pipelines.stream.programme import open_programme

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG = timedelta(seconds=30)
AT_ONCE = timedelta()


def heard(engine: sa.Engine, notify: CommitNotifier) -> bool:
    """Whether a follower who waits hears it; what it hears is told by the notice that it has left behind."""
    with feed_connection(engine) as connection, listening_for_commits(connection):
        notify.notify()
        raw = connection.connection.driver_connection
        return bool(list(raw.notifies(timeout=0.2, stop_after=1)))


def test_a_follower_hears_of_a_posted_batch_before_its_patience_ends(engine: sa.Engine) -> None:
    programme = open_programme(engine)

    with feed_connection(engine) as connection, listening_for_commits(connection) as listener:
        before = newest_positions(connection)[programme.book.book_id]
        programme.pay(3)
        listener.wait(LONG)
        after = newest_positions(connection)[programme.book.book_id]

    assert after > before


def test_without_a_notification_the_wait_ends_by_itself(engine: sa.Engine) -> None:
    with feed_connection(engine) as connection, listening_for_commits(connection) as listener:
        listener.wait(AT_ONCE)

        assert newest_positions(connection) == {}


def test_a_writer_rings_once_for_all_that_follows_within_a_tick(engine: sa.Engine) -> None:
    now = [NOON]
    notifier = CommitNotifier(engine, clock=lambda: now[0])

    first = heard(engine, notifier)
    now[0] += timedelta(milliseconds=99)
    soon = heard(engine, notifier)
    now[0] += timedelta(milliseconds=1)
    later = heard(engine, notifier)

    assert (first, soon, later) == (True, False, True)


def test_a_clock_that_is_set_back_silences_no_notification(engine: sa.Engine) -> None:
    now = [NOON]
    notifier = CommitNotifier(engine, clock=lambda: now[0])
    heard(engine, notifier)

    now[0] -= timedelta(days=1)

    assert heard(engine, notifier)


def test_a_notification_that_cannot_be_rung_harms_nobody() -> None:
    nowhere = create_engine("postgresql://nobody@127.0.0.1:1/none")

    CommitNotifier(nowhere).notify()


def test_every_book_has_its_newest_position(engine: sa.Engine) -> None:
    one, other = open_programme(engine), open_programme(engine, "pkdd99")
    one.pay(5)

    with feed_connection(engine) as connection:
        newest = newest_positions(connection)

    assert newest[one.book.book_id] > newest[other.book.book_id] > 0
