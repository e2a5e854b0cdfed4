"""Units of work: one transaction, one reading of the clock, one actor; and readers, which cannot write."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import PartnerId


@dataclass(frozen=True, slots=True)
class Work:
    """A transaction that may write: everything in it happens at `now`, by `actor`, or not at all."""

    connection: sa.Connection
    now: datetime
    actor: str
    partner_id: PartnerId | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """One consistent snapshot; the database refuses a write in it. `partner_id` None sees every partner."""

    connection: sa.Connection
    partner_id: PartnerId | None = None


@contextmanager
def begin(
    engine: sa.Engine, *, actor: str, partner_id: PartnerId | None = None, clock: Clock = system_clock
) -> Iterator[Work]:
    """Run one unit of work: commit when the block ends, roll back when it raises."""
    with engine.begin() as connection:
        yield Work(connection, clock(), actor, partner_id)


@contextmanager
def read(engine: sa.Engine) -> Iterator[Reader]:
    """Open one read-only snapshot (repeatable read), so that all answers in the block are true at one position.

    It ends by a commit: psycopg forgets its prepared statements at a rollback, and PostgreSQL would plan them anew.
    """
    with snapshots(engine).connect() as connection:
        yield Reader(connection)
        with suppress(sa.exc.DBAPIError):  # all is read, and a connection that was lost is not used again
            if not connection.invalidated:
                connection.commit()


def snapshots(engine: sa.Engine) -> sa.Engine:
    """Return the engine of read-only snapshots on an engine. Keep it: making one takes as long as a statement."""
    if engine.get_execution_options().get("postgresql_readonly"):
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
