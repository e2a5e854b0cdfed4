"""The subject: a ledger to measure, with a programme in it, and the measured work."""

import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Final

import sqlalchemy as sa

from bench.balances import Statement, balances_as_of, balances_now, send
from bench.callers import Callers
from bench.meters import Meter, Sample
from bench.programmes import SHAPES, WAYS, open_programme, poster, uniform_orders
from bench.servers import CLIENTS, scratch_ledger, url_of
from bench.storage import stored_bytes
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Result
from ledger.book.posting.committer import Committer

ACCOUNTS: Final = 100_000
_LOADED_AT_ONCE: Final = 10_000
_LOADED_BETWEEN_LINES: Final = 100_000
_WARMING_SECONDS: Final = 0.2


class Subject:
    """Measures one ledger. Preparation (orders, a first batch that catches up) is not measured."""

    def __init__(self, meter: Meter, engine: sa.Engine) -> None:
        self._meter, self._engine = meter, engine
        self._programme = open_programme(engine, accounts=ACCOUNTS)
        self._committer = Committer(engine, self._programme.book_id)
        self._post = poster(self._committer)
        self._chance = random.Random(0)
        self.url = url_of(engine)
        self.transfers = 0
        self.latencies_ms: list[float] = []

    def close(self) -> None:
        """End the committer's thread."""
        self._committer.close()

    def load(self, transfers: int) -> float:
        """Post transfers in batches of 10,000; return the bytes per transfer; prints the progress on stderr."""
        before = stored_bytes(self.url)
        for start in range(0, transfers, _LOADED_AT_ONCE):
            count = min(_LOADED_AT_ONCE, transfers - start)
            self._post_all([uniform_orders(self._programme, count, self._chance)])
            if (start + count) % _LOADED_BETWEEN_LINES == 0:
                sys.stderr.write(f"loaded {start + count:,} of {transfers:,} transfers\n")
        return (stored_bytes(self.url) - before) / transfers

    def batches(self, size: int, shape: str, *, count: int, way: str = "") -> Sample:
        """Post `count` batches of a size, `uniform` or `hot`, in one of the `WAYS`; a unit is a transfer."""
        made = (SHAPES[shape](self._programme, size, self._chance) for _ in range(count + 1))
        warming, *orders = [WAYS[way](batch) for batch in made]
        self._post_all([warming])
        return self._meter.measure(lambda: self._post_all(orders))

    def calls(self, *, seconds: int) -> Sample:
        """Post single transfers by 32 callers through the committer, and record latencies; a unit is a transfer."""
        callers = Callers(self._committer, lambda: uniform_orders(self._programme, 1, self._chance)[0])
        self.transfers += callers.call(callers=CLIENTS, seconds=_WARMING_SECONDS)
        callers.latencies_ms.clear()
        sample = self._meter.measure(lambda: callers.call(callers=CLIENTS, seconds=seconds))
        self.transfers += sample.units
        self.latencies_ms.extend(callers.latencies_ms)
        return sample

    def balances_now(self) -> Sample:
        """Read balances now; a unit is a read."""
        return send(self._meter, self.url, self._now)

    def balances_as_of(self) -> Sample:
        """Read balances as of a position; a unit is a read."""
        return send(self._meter, self.url, self._as_of)

    @cached_property
    def _now(self) -> list[Statement]:
        return balances_now(self._engine, self._programme)

    @cached_property
    def _as_of(self) -> list[Statement]:
        return balances_as_of(self._engine, self._programme)

    def _post_all(self, batches: Sequence[Sequence[TransferOrder]]) -> int:
        for batch in batches:
            outcomes = self._post(batch)
            assert all(outcome.result is Result.CREATED for outcome in outcomes)
        count = sum(map(len, batches))
        self.transfers += count
        return count


@contextmanager
def subject(meter: Meter, server_url: str) -> Iterator[Subject]:
    """Create a scratch ledger of 100,000 accounts without limits."""
    with scratch_ledger(server_url) as engine:
        measured = Subject(meter, engine)
        try:
            yield measured
        finally:
            measured.close()
