"""A reference of `bench lists`: Strawberry as its documentation shows it, with its caches and a data loader.

Run as `python -m bench.stock PORT DATABASE_URL BOOK_ID`; it has no authentication, no limits and no row-level security.
"""

import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

_CONNECTIONS: Final = 8
_QUERIES: Final[dict[str, str]] = json.loads((Path(__file__).parent / "npm" / "queries.json").read_text())


@strawberry.type
class Money:
    """An amount in minor units."""

    amount_minor: str
    currency: str


@strawberry.type
class Transfer:
    """A transfer of an account."""

    id: strawberry.ID
    amount: Money
    code: str


@strawberry.type
class Account:
    """An account with its balance and its newest transfers."""

    id: strawberry.ID
    balance: Money
    number: strawberry.Private[int]

    @strawberry.field
    async def transfers(self, info: strawberry.Info[Any, None], first: int) -> list[Transfer]:
        """Return the newest transfers, loaded for all accounts at once."""
        return await info.context["transfers"].load((self.number, first))  # type: ignore[no-any-return]  # of the loader


@strawberry.type
class Query:
    """The root of the reference."""

    @strawberry.field
    async def accounts(self, info: strawberry.Info[Any, None], first: int) -> list[Account]:
        """Return accounts in the order of their ids."""
        rows = await info.context["pool"].fetch(_QUERIES["accounts"], info.context["book"], first)
        return [
            Account(
                id=strawberry.ID(str(row["account_id"])),
                balance=Money(amount_minor=str(row["balance_minor"]), currency=row["currency"]),
                number=row["account_no"],
            )
            for row in rows
        ]


class _Endpoint(GraphQL[dict[str, Any], None]):
    """Strawberry's own endpoint, with a data loader for each request."""

    def __init__(self, schema: strawberry.Schema, state: dict[str, Any]) -> None:
        super().__init__(schema)
        self._state = state

    async def get_context(self, request: Request, response: Response) -> dict[str, Any]:  # type: ignore[override]  # no sockets
        """Return the context of one request."""
        pool, book = self._state["pool"], self._state["book"]

        async def load(keys: Sequence[tuple[int, int]]) -> list[list[Transfer]]:
            rows = await pool.fetch(_QUERIES["transfers"], book, [number for number, _ in keys], keys[0][1])
            found: dict[int, list[Transfer]] = {number: [] for number, _ in keys}
            for row in rows:
                amount = Money(amount_minor=str(row["amount_minor"]), currency=row["currency"])
                found[row["owner"]].append(
                    Transfer(id=strawberry.ID(str(row["transfer_id"])), amount=amount, code=row["code"])
                )
            return [found[number] for number, _ in keys]

        return {"pool": pool, "book": book, "transfers": DataLoader(load), "request": request, "response": response}


def build_stock_app(database_url: str, book_id: int) -> Starlette:
    """Build an application with `/graphql`."""
    state: dict[str, Any] = {"book": book_id}

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(database_url, min_size=_CONNECTIONS, max_size=_CONNECTIONS) as pool:
            state["pool"] = pool
            yield

    schema = strawberry.Schema(Query, extensions=[ParserCache, ValidationCache])
    return Starlette(routes=[Route("/graphql", _Endpoint(schema, state))], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(build_stock_app(sys.argv[2], int(sys.argv[3])), port=int(sys.argv[1]), log_level="warning")
