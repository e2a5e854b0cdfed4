"""A scene of the stream: a ledger that is posted to, a lake, and workers that are hurt; at its end all is reckoned."""

import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from lake.bronze.read import watermark
from lake.tables import Lake
from ledger.kernel.engines import create_engine
from ledger.kernel.settings import Settings
from pipelines.stream.audit import compare
from pipelines.stream.worker import stream_once
from tests.faults.bank import BOOK_NAME
from tests.faults.forker import KILLED, Forker, Order
from tests.faults.leftovers import swept
from tests.faults.reckoning import Reckoning, reckon
from tests.faults.steps import Cut
from tests.faults.survived import Survived
from tests.faults.traffic import Traffic

PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.1  # a look at a watermark reads a log, from a store by several requests


class Scene:
    """`environ` is what every worker is started with; the test itself reaches the lake by the same."""

    def __init__(
        self, environ: Mapping[str, str], forker: Forker, survived: Survived, folder: Path, *, is_small: bool = False
    ) -> None:
        self.environ, self.forker, self.survived = dict(environ), forker, survived
        settings = Settings.from_env(self.environ)
        assert settings.database_url is not None
        self.engine, self.lake = create_engine(settings.database_url), Lake.of(settings)
        self.traffic = Traffic(self.engine, is_small=is_small)
        self.log = folder / "worker.log"
        self.faults: Counter[str] = Counter()
        self._running: set[int] = set()

    def start(self, *, cut: Cut | None = None, environ: Mapping[str, str] | None = None, **what: object) -> int:
        """A worker's process id; what befalls it is said as in `Order`."""
        order = Order({**self.environ, **(environ or {})}, str(self.log), cut, **what)  # type: ignore[arg-type]  # as there
        pid = self.forker.start(order)
        self._running.add(pid)
        return pid

    def die(self, cut: Cut) -> None:
        """A worker that ends where it is cut, and nowhere else."""
        pid = self.start(cut=cut)
        status = self.forker.ended(pid)
        self._running.discard(pid)
        assert status in KILLED, f"{cut}: {status}, {self.said()[-3000:]}"
        self.faults[f"killed while {cut.step}"] += 1

    def kill(self, pid: int, fault: str) -> None:
        """A worker that runs is killed from outside."""
        assert self.forker.status(pid) is None, f"{fault}: it has ended by itself, {self.said()[-3000:]}"
        assert self.forker.kill(pid) in KILLED
        self._running.discard(pid)
        self.faults[fault] += 1

    def reached(self) -> int:
        """The position of the newest watermark."""
        cut = watermark(self.lake, BOOK_NAME)
        return cut.seq if cut else 0

    def wait_for_progress(self) -> None:
        """However slow the machine is, wait until the stream has moved."""
        before, deadline = self.reached(), time.monotonic() + PATIENCE_SECONDS
        while self.reached() <= before:
            assert time.monotonic() < deadline, f"nothing moves: {self.said()[-3000:]}"
            time.sleep(LOOK_SECONDS)

    def wait_until_said(self, text: str, *, times: int = 1) -> None:
        """Wait until the workers have said something so often."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.said().count(text) < times:
            assert time.monotonic() < deadline, f"{text!r} is not said: {self.said()[-3000:]}"
            time.sleep(0.02)

    def said(self) -> str:
        """What the workers said."""
        return self.log.read_text() if self.log.exists() else ""

    def end(self) -> None:
        """Bring in what is left; then the lake is the ledger, row by row, and nothing lies about."""
        cost, wrong = Reckoning(), []
        for book in self.traffic.books:
            stream_once(self.engine, self.lake, book)
            wrong += [finding for finding in compare(self.engine, self.lake, book) if not finding.ok]
            cost = cost.plus(reckon(self.engine, self.lake, book))
        self.survived.add(self.faults, cost)
        assert (wrong, cost) == ([], Reckoning()), f"{wrong}, {cost}"
        if self.lake.is_local:
            self.survived.swept += sum(swept(self.lake, book) for book in self.traffic.books)

    def close(self) -> None:
        """Leave no worker and no connection behind, also where a test has failed."""
        for pid in self._running:
            self.forker.kill(pid)
        self.engine.dispose()
