"""Single reads: answers a request that needs one row by one statement in one round trip, under row-level security.

The statement narrows itself to the caller's key, so that it also tells whether the key is still valid; alone, it is its
own snapshot. asyncpg sends it, at half of psycopg's CPU.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final, TypeVar

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from api.limits.deadlines import REQUEST_SECONDS
from ledger.kernel.engines import reader_url
from ledger.kernel.row_query import RowQuery
from ledger.kernel.sql import PARTNER_ROLE
from ledger.kernel.tracing import TRACING
from ledger.tenancy.api_keys import Principal, scoped_to_key

_T = TypeVar("_T")

_CONNECTIONS: Final = 8
_SETTINGS: Final = {
    "role": PARTNER_ROLE,
    "timezone": "UTC",
    "statement_timeout": f"{REQUEST_SECONDS}s",
    "application_name": "cofferdam",
    "plan_cache_mode": "force_generic_plan",  # each statement is planned once per connection
}
_FAULTS: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


class NotOneRow(Exception):
    """The store did not answer the statement, or the key is not valid: a snapshot must tell why."""


class RowReads:
    """A few connections of one event loop, each of which sends one statement at a time."""

    def __init__(self, database_url: str) -> None:
        self._url: Final = reader_url(database_url).render_as_string(hide_password=False)
        self._idle: Final[list[asyncpg.Connection]] = []
        self._turns: Final = asyncio.Semaphore(_CONNECTIONS)
        self._reading = 0

    async def read(self, principal: Principal, query: RowQuery[_T], asked: Mapping[str, object]) -> _T | None:
        """Return the value of the one row for the caller, or None if there is none. Raises `NotOneRow`."""
        text, names = _narrowed(query)
        values = {"caller_key": principal.api_key_id, "caller_hash": principal.key_hash, **asked}
        with TRACING.span("read row"):
            row = await self._row(text, [values[name] for name in names])
        if row is None:
            raise NotOneRow("the key is not valid any more")
        return None if row["caller_found"] is None else query.read_row(row)

    def count_in_use(self) -> int:
        """Return the number of connections that read."""
        return self._reading

    async def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            with suppress(*_FAULTS):
                await self._idle.pop().close()

    async def _connected(self) -> asyncpg.Connection:
        return await asyncpg.connect(self._url, server_settings=_SETTINGS)

    async def _row(self, text: str, values: list[object]) -> asyncpg.Record | None:
        async with self._turns:
            self._reading += 1
            try:
                connection = self._idle.pop() if self._idle else await self._connected()
                try:
                    row = await connection.fetchrow(text, *values)
                except BaseException:
                    connection.terminate()
                    raise
            except _FAULTS as fault:
                raise NotOneRow("the store did not answer") from fault
            finally:
                self._reading -= 1
            self._idle.append(connection)
            return row


@cache
def _narrowed(query: RowQuery[Any]) -> tuple[str, list[str]]:
    """Return the text that narrows itself to a key before it reads, and the names of its parameters in their order."""
    text = sa.text(scoped_to_key(query.text))
    compiled = text.bindparams(*query.parameters).compile(dialect=PGDialect_asyncpg())  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    return str(compiled), list(compiled.positiontup or ())
