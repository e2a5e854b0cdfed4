"""PostgreSQL from records: the table of a record, and engines to connect with."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ledger.kernel.constraints import Check, Index, Refers, Unique
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

OPERATOR_ROLE: Final = "cofferdam_operator"
"""The database role of operators' readers: it reads every partner's rows, but no secret, and changes nothing."""

SEALED: Final = "s1."
"""The prefix of sealed text; the store refuses clear text in a personal column."""

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
