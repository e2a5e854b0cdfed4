"""Faults of the store, told as what they are to a caller: passing ones may be sent again, lasting ones not."""

from typing import Final

import psycopg
import sqlalchemy as sa

from ledger.kernel.errors import NotStorable, Unavailable

STORE_FAULTS: Final = (psycopg.Error, sa.exc.DBAPIError)
"""What the driver and SQLAlchemy raise where the store fails or refuses."""

_LIMIT_EXCEEDED: Final = "54"
"""The class of PostgreSQL's codes for what is larger than the store can hold, such as a key of an index."""


def told(fault: psycopg.Error | sa.exc.DBAPIError, passing: str) -> NotStorable | Unavailable | None:
    """What a caller is told of a fault of the store; None for a bug. `passing` says of a passing one what to do."""
    cause = fault.orig if isinstance(fault, sa.exc.DBAPIError) else fault
    if not isinstance(cause, psycopg.Error):
        return None
    says = (str(cause).strip().splitlines() or ["it does not say why"])[0]
    code = cause.sqlstate or ""
    if isinstance(cause, psycopg.DataError | psycopg.IntegrityError) or code.startswith(_LIMIT_EXCEEDED):
        return NotStorable(f"the store cannot hold this, and will not when it is sent again: {says}; ask for less")
    return Unavailable(f"{passing}: {says}") if isinstance(cause, psycopg.OperationalError) else None
