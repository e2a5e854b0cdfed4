"""Engines: how PostgreSQL is connected to, in which role, by threads or on an event loop."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from ledger.kernel.arrays import teach_arrays
from ledger.kernel.logins import APP_LOGIN, READER_LOGIN
from ledger.kernel.sql import APP_ROLE, OPERATOR_ROLE, PARTNER_ROLE

_STATEMENT_SECONDS: Final = 10
"""The time of one statement of a partner's or an operator's reader: that of a whole request."""

_CONNECTIONS_MAX: Final = 32
_IDLE_MAX: Final = 8


def create_engine(
    url: str, *, pre_ping: bool = True, role: str | None = APP_ROLE, connections_max: int = _CONNECTIONS_MAX
) -> sa.Engine:
    """Create an engine on psycopg 3 with a small pool; `url` may be any `postgresql://` URL.

    Each connection has the application's role from its first statement on: it is set in the connection's options, so
    that it costs no round trip, and neither a rollback nor `RESET ALL` undoes it. `role` None keeps the login's role,
    as only migrations need, and tests of what the store refuses. Partners' readers have a login of their own, if there
    is one: no statement on such a connection can take a wider role. `pre_ping` checks each connection before use, which
    costs a round trip: without it, a caller must retry if the first statement finds the connection dead.
    """
    target, options = _connecting(url, role)
    engine = sa.create_engine(target, pool_pre_ping=pre_ping, connect_args=options, **_pool(connections_max))
    sa.event.listen(engine, "connect", lambda connection, _record: teach_arrays(connection))
    return engine


def create_loop_engine(url: str, *, role: str | None = APP_ROLE, connections_max: int = _CONNECTIONS_MAX) -> sa.Engine:
    """Create an engine whose connections wait on the event loop, for use within `run_waiting` alone.

    Everything else is as in `create_engine` without `pre_ping`.
    """
    target, options = _connecting(url, role)
    engine = create_async_engine(target, connect_args=options, **_pool(connections_max)).sync_engine
    sa.event.listen(engine, "connect", lambda connection, _record: teach_arrays(connection.driver_connection))
    return engine


def reader_url(url: str) -> sa.URL:
    """Return the URL by which partners' readers connect: with a login of their own, if there is one."""
    target = sa.make_url(url).set(drivername="postgresql")
    return target.set(username=READER_LOGIN) if target.username == APP_LOGIN else target


def _pool(connections_max: int) -> dict[str, int]:
    idle = min(_IDLE_MAX, connections_max)
    return {"pool_size": idle, "max_overflow": connections_max - idle}


def _connecting(url: str, role: str | None) -> tuple[sa.URL, dict[str, str]]:
    """Return where to connect as what, and with which options."""
    target = reader_url(url) if role == PARTNER_ROLE else sa.make_url(url)
    target = target.set(drivername="postgresql+psycopg")
    taken = "" if role is None else f" -c role={role}"
    if role in (PARTNER_ROLE, OPERATOR_ROLE):
        taken += f" -c statement_timeout={_STATEMENT_SECONDS}s"
    return target, {"options": f"-c timezone=UTC{taken}", "application_name": "cofferdam"}
