"""Flood: a quiet partner's latency while another partner sends all that it can, beside the same partner alone.

The flooding partner's 24 connections are served from a process of their own, so that only the server is shared. Its
legal queries keep below the ceiling of one request, and meet its bucket's limit; the others are refused by their cost.
"""

import multiprocessing
import random
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from itertools import repeat
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Final, NamedTuple

import sqlalchemy as sa

from bench.figures import Figure, Reference, Target, figure
from bench.load import Load, RequestMaker, graphql_request, load, recurring
from bench.programmes import Programme, another_partner, open_programme, poster, uniform_orders
from bench.serve import Served, issue_key, serving_api
from bench.servers import scratch_ledger
from ledger.book.posting.committer import Committer

_ACCOUNTS: Final = 1_000
_TRANSFERS: Final = 2_000
_FLOODING: Final = 24
_SECONDS: Final = 10
_EMPTIED_SECONDS: Final = 4
_STARTS_WITHIN_SECONDS: Final = 60
_QUIET: Final = "query Balance($ref: String!) { account(externalRef: $ref) { id balance { amountMinor } asOf } }"
_PAGE: Final = "transfers(first: 100) { nodes { id amount { amountMinor currency } code effectiveAt } }"
_FLOODS: Final[Mapping[str, str]] = {
    "legal": f"{{ {' '.join(f'p{number}: {_PAGE}' for number in range(4))} }}",
    "too costly": f"{{ {' '.join(f'p{number}: {_PAGE}' for number in range(13))} }}",
    "invalid": f"{{ {' '.join(f'p{number}: {_PAGE}' for number in range(13))} nothing }}",
}
"""The query that each request of a flood asks."""
_ALLOWED: Final = (200, 429)


class _Partners(NamedTuple):
    quiet: Programme
    flooding: Programme
    flooding_key: str


def run(server_url: str) -> Iterator[Figure]:
    """Measure one connection of the quiet partner, alone and beside each flood, with one worker per core."""
    with scratch_ledger(server_url) as engine, tempfile.TemporaryDirectory() as folder:
        quiet = open_programme(engine, accounts=_ACCOUNTS)
        flooding = another_partner(engine, quiet.book_id, "flooding", accounts=_ACCOUNTS)
        _post(engine, flooding)
        with serving_api(engine, quiet, Path(folder), workers=2, points=None) as api:
            partners = _Partners(quiet, flooding, issue_key(engine, flooding))
            alone = _quiet(api, partners)
            beside = {name: _beside(api, partners, query) for name, query in _FLOODS.items()}
    for name, measured in beside.items():
        for centile in (50, 99):
            reference = Reference(f"alone, p{centile} in ms", _centile(alone, centile))
            target = Target("ratio", 1.2, 1.05) if centile == 99 else None  # noqa: PLR2004  # the goal is one of p99
            yield figure(
                f"quiet partner beside a flood, {name}, p{centile}",
                _centile(measured, centile),
                "ms",
                reference,
                target=target,
            )


def _post(engine: sa.Engine, programme: Programme) -> None:
    committer = Committer(engine, programme.book_id)
    poster(committer)(uniform_orders(programme, _TRANSFERS, random.Random(1)))
    committer.close()


def _beside(api: Served, partners: _Partners, query: str) -> Load:
    """Measure the quiet partner while a process of its own floods, and has emptied its bucket."""
    spawn = multiprocessing.get_context("spawn")
    floods = spawn.Event()
    flood = spawn.Process(target=_flood, args=(api, partners.flooding_key, query, floods), daemon=True)
    flood.start()
    try:
        assert floods.wait(_STARTS_WITHIN_SECONDS), "the flood did not begin"
        measured = _quiet(api, partners)
        assert flood.is_alive(), "the flood ended"
    finally:
        flood.kill()
        flood.join()
    return measured


def _quiet(api: Served, partners: _Partners) -> Load:
    return load(api.server, recurring(_balance(partners.quiet, api.key)), connections=1, seconds=_SECONDS)


def _flood(api: Served, key: str, query: str, floods: Event) -> None:
    """Flood, and say so once the bucket, which is full at first, is empty."""
    requests = repeat(graphql_request({"query": query}, key))
    load(api.server, requests, connections=_FLOODING, seconds=_EMPTIED_SECONDS, allowed=_ALLOWED)
    floods.set()
    load(api.server, requests, connections=_FLOODING, seconds=3600, allowed=_ALLOWED)


def _balance(programme: Programme, key: str) -> RequestMaker:
    def make(chance: random.Random) -> bytes:
        return graphql_request(
            {"query": _QUIET, "variables": {"ref": f"bench:{chance.choice(programme.accounts)}"}}, key
        )

    return make


def _centile(measured: Load, centile: int) -> float:
    return statistics.quantiles(measured.latencies_ms, n=100)[centile - 1]
