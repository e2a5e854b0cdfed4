"""The row ledger: a row-at-a-time SQL ledger with the book's guarantees, driven by pgbench."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from bench.meters import Meter, Sample
from bench.servers import pgbench, scratch_url

_SCRIPTS: Final = {
    "uniform": r"""
        \set debit random(1, :accounts)
        \set credit 1 + (:debit - 1 + random(1, :accounts - 1)) % :accounts
        SELECT row_post(uuidv7(), :debit, :credit, 100, 'USD', 'bench');
    """,
    "hot": r"""
        \set debit random(2, :accounts)
        SELECT row_post(uuidv7(), :debit, 1, 100, 'USD', 'bench');
    """,
    "queued": r"""
        \set debit random(1, :accounts)
        \set credit 1 + (:debit - 1 + random(1, :accounts - 1)) % :accounts
        SELECT row_post(uuidv7(), :debit, :credit, 100, 'USD', 'bench') FROM pg_advisory_xact_lock(1);
    """,
}
"""One transfer of a client, between random accounts or all to the first, with ids of the book's kind.

`queued` is `uniform` with an advisory lock before the head's lock: its waiters wake one by one, which halves the CPU.
Few ledgers are written this way; it is the best that one transfer per commit can do.
"""


@contextmanager
def scratch_row_ledger(server_url: str, *, accounts: int) -> Iterator[str]:
    """Create a scratch database with a row ledger of `accounts` accounts without limits; yields its URL."""
    with scratch_url(server_url) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
            connection.execute(
                "INSERT INTO row_accounts SELECT n, 'USD', false, false, 0, 0, 0 FROM generate_series(1, %s) n",
                (accounts,),
            )
            connection.execute("VACUUM ANALYZE")
        yield url


def post_rows(meter: Meter, url: str, shape: str, *, accounts: int, seconds: int) -> Sample:
    """Post with 32 clients for some seconds, in one of the three shapes: each transfer is one call and one commit."""
    options = ("-M", "prepared", "-D", f"accounts={accounts}", "-f", "-")
    return pgbench(meter, url, *options, seconds=seconds, script=_SCRIPTS[shape])


def posted_rows(url: str) -> int:
    """Return the number of transfers in the row ledger."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT last_seq FROM row_head").fetchone()
    assert row is not None
    return int(row[0])
