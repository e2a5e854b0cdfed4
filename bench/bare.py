"""The reference of `bench read`: a bare Starlette endpoint that reads the same balance with one statement.

Run as `python -m bench.bare PORT DATABASE_URL BOOK_ID`; it has no authentication, no GraphQL and no snapshot.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_CONNECTIONS: Final = 8
_QUERY: Final = """
    SELECT coalesce(e.credits_minor - e.debits_minor, 0), a.currency, h.last_seq
    FROM accounts a
    JOIN book_heads h USING (book_id)
    LEFT JOIN LATERAL (
        SELECT * FROM entries e WHERE e.book_id = a.book_id AND e.account_no = a.account_no
        ORDER BY e.seq DESC LIMIT 1
    ) e ON true
    WHERE a.book_id = $1 AND a.external_ref = $2
"""


def build_bare_app(database_url: str, book_id: int) -> Starlette:
    """Build an application with the one route `/balance/{ref}`."""
    idle: asyncio.Queue[asyncpg.Connection] = asyncio.Queue()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        for _ in range(_CONNECTIONS):
            await idle.put(await asyncpg.connect(database_url))
        yield
        while not idle.empty():
            await (await idle.get()).close()

    async def balance(request: Request) -> JSONResponse:
        connection = await idle.get()
        try:
            row = await connection.fetchrow(_QUERY, book_id, request.path_params["ref"])
        finally:
            idle.put_nowait(connection)
        if row is None:
            return JSONResponse({"error": "not found"}, status_code=404)
        return JSONResponse({"balance": str(row[0]), "currency": row[1], "asOf": row[2]})

    return Starlette(routes=[Route("/balance/{ref}", balance)], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(build_bare_app(sys.argv[2], int(sys.argv[3])), port=int(sys.argv[1]), log_level="warning")
