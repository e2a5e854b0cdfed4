"""PostgreSQL from records: the table of a record, and engines to connect with."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine

from ledger.kernel.arrays import teach_arrays
from ledger.kernel.constraints import Check, Index, Refers, Unique
from ledger.kernel.logins import APP_LOGIN, READER_LOGIN
from ledger.kernel.record import NARROW, Column, Record, columns

SQL_TYPES: Final[dict[type, sa.types.TypeEngine[Any]]] = {
    bool: sa.Boolean(),
    int: sa.BigInteger(),
    str: sa.Text(),
    bytes: postgresql.BYTEA(),
    UUID: postgresql.UUID(as_uuid=True),
    date: sa.Date(),
    datetime: sa.DateTime(timezone=True),
}

APP_ROLE: Final = "cofferdam_app"
"""The database role of this application: it reads every partner's rows, and cannot change the journal."""

PARTNER_ROLE: Final = "cofferdam_partner"
"""The database role of one partner's reader: row-level security limits it to the rows of that partner."""

SEALED: Final = "s1."
"""The prefix of sealed text; the store refuses clear text in a personal column."""

_STATEMENT_SECONDS: Final = 10
"""The time of one statement of a partner's reader: that of a whole request."""

_CONNECTIONS_MAX: Final = 32
_IDLE_MAX: Final = 8

METADATA: Final = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    }
)
"""Every table of the ledger that was used; `ledger.records` knows all of them."""


def table(record: type[Record]) -> sa.Table:
    """Return the table of a record in `METADATA`: columns, key, constraints, a check per enum and personal column."""
    return _table(record)  # type: ignore[arg-type]  # mypy takes a class for one of its own instances here


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


def _pool(connections_max: int) -> dict[str, int]:
    idle = min(_IDLE_MAX, connections_max)
    return {"pool_size": idle, "max_overflow": connections_max - idle}


def reader_url(url: str) -> sa.URL:
    """Return the URL by which partners' readers connect: with a login of their own, if there is one."""
    target = sa.make_url(url).set(drivername="postgresql")
    return target.set(username=READER_LOGIN) if target.username == APP_LOGIN else target


def _connecting(url: str, role: str | None) -> tuple[sa.URL, dict[str, str]]:
    """Return where to connect as what, and with which options."""
    target = reader_url(url) if role == PARTNER_ROLE else sa.make_url(url)
    target = target.set(drivername="postgresql+psycopg")
    taken = "" if role is None else f" -c role={role}"
    if role == PARTNER_ROLE:
        taken += f" -c statement_timeout={_STATEMENT_SECONDS}s"
    return target, {"options": f"-c timezone=UTC{taken}", "application_name": "cofferdam"}


@cache
def _table(record: type[Record]) -> sa.Table:
    options: dict[str, Any] = (
        {} if record.FILL_FACTOR is None else {"postgresql_with": {"fillfactor": str(record.FILL_FACTOR)}}
    )
    return sa.Table(
        record.TABLE,
        METADATA,
        *(_sql_column(column) for column in columns(record)),
        *_column_checks(record),
        *map(_sql_constraint, record.CONSTRAINTS),
        **options,
    )


def _sql_column(column: Column) -> sa.Column[Any]:
    narrow = column.storage is int and column.col.bits == NARROW
    return sa.Column(
        column.name,
        sa.Integer() if narrow else SQL_TYPES[column.storage],
        primary_key=column.col.key,
        nullable=column.nullable,
        autoincrement=False,
    )


def _column_checks(record: type[Record]) -> Iterator[sa.CheckConstraint]:
    for column in columns(record):
        sealed = f"starts_with({column.name}, '{SEALED}')"
        if column.choices:
            yield sa.CheckConstraint(sa.column(column.name).in_(column.choices), name=column.name)
        if column.col.pii:
            yield sa.CheckConstraint(sealed, name=f"{column.name}_sealed")
        if column.col.pii_where:
            yield sa.CheckConstraint(f"{column.col.pii_where} IS NULL OR {sealed}", name=f"{column.name}_sealed")


def _sql_constraint(declared: Unique | Index | Refers | Check) -> sa.schema.SchemaItem:
    match declared:
        case Unique(names):
            return sa.UniqueConstraint(*names)
        case Refers(names, target, name):
            return sa.ForeignKeyConstraint(names, [f"{target}.{column}" for column in names], name=name)
        case Check(name, condition):
            return sa.CheckConstraint(condition, name=name)
        case Index(names, where, is_unique, name):
            parts = [sa.text(part) if part.startswith("(") else part for part in names]
            return sa.Index(name, *parts, unique=is_unique, postgresql_where=None if where is None else sa.text(where))
