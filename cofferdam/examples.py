"""The examples of the documentation: runs each query on a new book, and gives its answer to stand beside it.

They run in the order of their names, each on what those before it did. Ids follow from keys and references, so that the
answers are the same every time, but for instants, sealed cursors and the points that are left, which are written as one
of them.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx
from starlette.applications import Starlette

from api.app import build_app
from ledger.kernel.engines import create_engine
from ledger.kernel.work import begin
from ledger.tenancy.api_keys import issue
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from ledger.vault.vault import Vault

EXAMPLES: Final = Path(__file__).parents[1] / "docs" / "examples"
"""The folder with the queries, numbered in the order in which they run."""

_PEPPER: Final = b"examples"
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")
_SHOWN_INSTANT: Final = "2026-01-31T09:00:00+00:00"
_CURSOR: Final = re.compile(r'(?<=Cursor": ")[\w-]{32}(?=")')
_SHOWN_CURSOR: Final = "75Waj8lDrGqkR0sHUWMBnOuE0RQh77r6"
_POINTS_LEFT: Final = re.compile(r'(?<="available": )\d+')
_SHOWN_POINTS_LEFT: Final = "299000"
_CHANGING: Final = {_INSTANT: _SHOWN_INSTANT, _CURSOR: _SHOWN_CURSOR, _POINTS_LEFT: _SHOWN_POINTS_LEFT}


def example_answers(database_url: str, vault: Vault) -> dict[Path, str]:
    """Run the examples on an empty database; returns the text of each answer by the path of its file."""
    application = build_app(database_url, pepper=_PEPPER, vault=vault)
    queries = {path: path.read_text() for path in sorted(EXAMPLES.glob("*.graphql"))}
    answers = asyncio.run(_answers(application, queries, key=_opened(database_url)))
    return {path.with_suffix(".json"): _as_text(answer) for path, answer in answers.items()}


def _opened(database_url: str) -> str:
    """Open a book with one partner, and return an API key of it."""
    engine = create_engine(database_url)
    try:
        with begin(engine, actor="examples") as work:
            book_id = open_book(work, name="examples", jurisdiction="US", currency="USD")
            shop = register_partners(work, book_id, [PartnerOrder("shop", "The Shop", Vertical.RETAIL)])["shop"]
            return issue(work, book_id, shop, pepper=_PEPPER)
    finally:
        engine.dispose()


async def _answers(application: Starlette, queries: Mapping[Path, str], *, key: str) -> dict[Path, object]:
    transport, headers = httpx.ASGITransport(application), {"Authorization": f"Bearer {key}"}
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as http,
    ):
        return {
            path: (await http.post("/graphql", json={"query": query}, headers={"X-Request-Id": path.stem})).json()
            for path, query in queries.items()
        }


def _as_text(answer: object) -> str:
    text = json.dumps(answer, indent=2, ensure_ascii=False)
    for pattern, shown in _CHANGING.items():
        text = pattern.sub(shown, text)
    return text + "\n"
