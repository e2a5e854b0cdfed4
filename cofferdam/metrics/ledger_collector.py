"""The ledger's collector: positions, lags, overdue timers and privacy budgets, read when somebody asks for them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ledger.flows.registry import CONSUMERS, TIMERS
from ledger.insights.budget import left_micro
from ledger.journal.acknowledgements import lags
from ledger.journal.consumers import standings
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader, read
from ledger.tenancy.books import all_books
from ledger.timers.timers import due


class LedgerGauge(NamedTuple):
    """A gauge that is read from the ledger's tables: its name, description and labels."""

    name: str
    says: str
    labels: tuple[str, ...] = ()


_DATABASE_UP: Final = LedgerGauge("cofferdam_database_up", "1 if the database answered when it was asked, else 0.")
_BOOK_POSITION: Final = LedgerGauge("cofferdam_book_position", "Newest position of a book's journal.", ("book",))
_LAKE_POSITION: Final = LedgerGauge("cofferdam_lake_position", "Position up to which the lake has a book.", ("book",))
_STREAM_LAG: Final = LedgerGauge("cofferdam_stream_lag_positions", "Positions that are not in the lake.", ("book",))
_STREAM_DELAY: Final = LedgerGauge(
    "cofferdam_stream_lag_seconds", "Age of the oldest batch that is not in the lake; 0 without one.", ("book",)
)
_CONSUMER_LAG: Final = LedgerGauge(
    "cofferdam_consumer_lag_positions", "Positions that a consumer has not read.", ("book", "consumer")
)
_TIMER_DELAY: Final = LedgerGauge(
    "cofferdam_timer_overdue_seconds", "Time for which the oldest due row of a kind of timer waits.", ("kind",)
)
_BUDGET_LEFT: Final = LedgerGauge(
    "cofferdam_privacy_budget_left_rho", "Rho that is left for the current month of a book.", ("book",)
)
LEDGER_GAUGES: Final = (
    _DATABASE_UP,
    _BOOK_POSITION,
    _LAKE_POSITION,
    _STREAM_LAG,
    _STREAM_DELAY,
    _CONSUMER_LAG,
    _TIMER_DELAY,
    _BUDGET_LEFT,
)

_MILLION: Final = 1e6
_ASKED_MILLIS_MAX: Final = 2_000

_Row = tuple[LedgerGauge, tuple[str, ...], float]


class LedgerCollector(Collector):
    """Reads the gauges in one snapshot; a database that does not answer is shown as such, and nothing else."""

    def __init__(self, engine: sa.Engine, *, clock: Clock = system_clock) -> None:
        self._engine, self._clock = engine, clock

    def collect(self) -> Iterator[Metric]:
        """Yield a family for each gauge."""
        families = {each.name: GaugeMetricFamily(each.name, each.says, labels=each.labels) for each in LEDGER_GAUGES}
        for gauge, values, number in self._rows():
            families[gauge.name].add_metric(values, number)
        yield from families.values()

    def _rows(self) -> list[_Row]:
        try:
            with read(self._engine) as reader:
                reader.connection.execute(sa.text(f"SET LOCAL statement_timeout = {_ASKED_MILLIS_MAX}"))
                return [(_DATABASE_UP, (), 1), *_rows(reader, self._clock())]
        except sa.exc.SQLAlchemyError:
            return [(_DATABASE_UP, (), 0)]


def _rows(reader: Reader, now: datetime) -> Iterator[_Row]:
    every = all_books(reader.connection)
    books = {book.book_id: book.name for book in every}
    live = {book.book_id: book.name for book in every if book.live_partner_id is None}
    yield from _stream_rows(reader, live, now)
    for standing in standings(reader.connection, CONSUMERS):
        yield _CONSUMER_LAG, (books[standing.book_id], standing.consumer.name), standing.lag
    month = now.date().replace(day=1)
    for book_id, name in live.items():
        yield _BUDGET_LEFT, (name,), left_micro(reader.connection, book_id, month) / _MILLION
    yield from _overdue(reader, now)


def _stream_rows(reader: Reader, books: Mapping[BookId, str], now: datetime) -> Iterator[_Row]:
    for lag in lags(reader.connection):
        if (book := books.get(lag.book_id)) is None:
            continue  # a sandbox, which has no lake
        waits = 0.0 if lag.waiting_since_at is None else (now - lag.waiting_since_at).total_seconds()
        yield _BOOK_POSITION, (book,), lag.seq
        yield _LAKE_POSITION, (book,), lag.lake_seq
        yield _STREAM_LAG, (book,), lag.seq - lag.lake_seq
        yield _STREAM_DELAY, (book,), max(waits, 0.0)


def _overdue(reader: Reader, now: datetime) -> Iterator[_Row]:
    late = {timer.kind: timedelta() for timer in TIMERS}
    for each in due(reader, TIMERS, now):
        late[each.kind] = max(late[each.kind], each.now_at - each.since_at)
    for kind, delay in late.items():
        yield _TIMER_DELAY, (kind,), delay.total_seconds()
