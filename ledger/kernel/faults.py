"""Faults of the store as refusals for the caller: temporary ones may be sent again, lasting ones not."""

from typing import Final

import psycopg
import sqlalchemy as sa

from ledger.kernel.errors import NotStorable, Unavailable

STORE_FAULTS: Final = (psycopg.Error, sa.exc.DBAPIError)
"""The exceptions of the driver and SQLAlchemy for failures and refusals of the store."""

_LIMIT_EXCEEDED: Final = "54"
"""The class of PostgreSQL's codes for values larger than the store can hold, such as a key of an index."""


def told(fault: psycopg.Error | sa.exc.DBAPIError, passing: str) -> NotStorable | Unavailable | None:
    """Return the refusal for a fault of the store, or None for a bug. `passing` is the advice for a temporary one."""
    cause = fault.orig if isinstance(fault, sa.exc.DBAPIError) else fault
    if not isinstance(cause, psycopg.Error):
        return None
    says = (str(cause).strip().splitlines() or ["it does not say why"])[0]
    code = cause.sqlstate or ""
    if isinstance(cause, psycopg.DataError | psycopg.IntegrityError) or code.startswith(_LIMIT_EXCEEDED):
        return NotStorable(
            f"the store cannot hold this, so that sending it again does not help: {says}; send smaller values"
        )
    return Unavailable(passing) if isinstance(cause, psycopg.OperationalError) else None
