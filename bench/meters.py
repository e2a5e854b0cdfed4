"""Meters: measure the wall time of some work, and the CPU time of the server's processes and of this one."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import psutil
import psycopg


class Sample(NamedTuple):
    """Units of work with their wall seconds, and the CPU seconds of PostgreSQL and of this process."""

    units: int
    seconds: float
    server_seconds: float
    client_seconds: float

    def less(self, overhead: "Sample") -> "Sample":
        """Return the sample without an overhead, such as connecting: its units and server CPU; other times stay."""
        return self._replace(
            units=self.units - overhead.units, server_seconds=self.server_seconds - overhead.server_seconds
        )


class Samples(NamedTuple):
    """The same work, measured in several rounds: each figure is the median of the rounds."""

    rounds: Sequence[Sample]

    @property
    def rate(self) -> float:
        """Units per wall second."""
        return statistics.median(sample.units / sample.seconds for sample in self.rounds)

    @property
    def server_us(self) -> float:
        """Microseconds of CPU per unit, of all processes of PostgreSQL."""
        return statistics.median(sample.server_seconds / sample.units * 1e6 for sample in self.rounds)

    @property
    def client_us(self) -> float:
        """Microseconds of CPU per unit, of this process."""
        return statistics.median(sample.client_seconds / sample.units * 1e6 for sample in self.rounds)


class Meter:
    """Measures work on the server of a URL; the server must run on this machine."""

    def __init__(self, server_url: str) -> None:
        with psycopg.connect(server_url) as connection:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert row is not None
            self._postmaster = psutil.Process(psutil.Process(row[0]).ppid())

    def measure(self, work: Callable[[], int]) -> Sample:
        """Do the work, which returns its number of units."""
        server, client, started = self._server_seconds(), time.process_time(), time.perf_counter()
        units = work()
        seconds = time.perf_counter() - started
        client = time.process_time() - client
        return Sample(units, seconds, self._server_seconds() - server, client)

    def _server_seconds(self) -> float:
        """Return the CPU seconds of the postmaster, its children, and ended children where the system reports them.

        A child's time moves to its parent when it ends; if that happens during the measurement, it is repeated.
        """
        while True:
            before = self._postmaster.cpu_times()
            try:
                children = sum(_own_seconds(child) for child in self._postmaster.children())
            except psutil.NoSuchProcess:
                continue
            after = self._postmaster.cpu_times()
            if before[2:4] == after[2:4]:
                return float(children + sum(after[:4]))


def _own_seconds(process: psutil.Process) -> float:
    return float(sum(process.cpu_times()[:2]))
