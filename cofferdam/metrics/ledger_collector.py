"""The ledger's collector: positions, lags, overdue timers and privacy budgets, read when somebody asks for them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ledger.book.posting.open_holds import HOLD_TIMER
from ledger.flows.registry import CONSUMERS
from ledger.insights.budget import left_micro
from ledger.journal.acknowledgements import lags
from ledger.journal.consumers import standings
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader, read
from ledger.outbox.waiting_calls import CALL_TIMER
from ledger.tenancy.books import all_books
from ledger.timers.timers import due
from ledger.vault_tokens.timers import TOKEN_TIMER


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

_TIMERS: Final = (HOLD_TIMER, CALL_TIMER, TOKEN_TIMER)
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
    books = {book.book_id: book.name for book in all_books(reader.connection)}
    yield from _stream_rows(reader, books, now)
    for standing in standings(reader.connection, CONSUMERS):
        yield _CONSUMER_LAG, (books[standing.book_id], standing.consumer.name), standing.lag
    month = now.date().replace(day=1)
    for book_id, name in books.items():
        yield _BUDGET_LEFT, (name,), left_micro(reader.connection, book_id, month) / _MILLION
    yield from _overdue(reader, now)


def _stream_rows(reader: Reader, books: Mapping[BookId, str], now: datetime) -> Iterator[_Row]:
    for lag in lags(reader.connection):
        book = books[lag.book_id]
        waits = 0.0 if lag.waiting_since_at is None else (now - lag.waiting_since_at).total_seconds()
        yield _BOOK_POSITION, (book,), lag.seq
        yield _LAKE_POSITION, (book,), lag.lake_seq
        yield _STREAM_LAG, (book,), lag.seq - lag.lake_seq
        yield _STREAM_DELAY, (book,), max(waits, 0.0)


def _overdue(reader: Reader, now: datetime) -> Iterator[_Row]:
    since = {timer.kind: now for timer in _TIMERS}
    for each in due(reader, _TIMERS, now):
        since[each.kind] = min(since[each.kind], each.since_at)
    for kind, since_at in since.items():
        yield _TIMER_DELAY, (kind,), (now - since_at).total_seconds()
