"""Run a benchmark beside its reference."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from bench import (
    bulk,
    execution,
    flood,
    freshness,
    growth,
    insights,
    lists,
    post,
    post_http,
    rails,
    read,
    scan,
    stream,
    subscriptions,
    webhooks,
)
from bench.cores import hold_to_one_core
from bench.figures import Figure, as_text
from bench.figures import as_json as json_line
from cofferdam.output import AsJson
from cofferdam.runtime.embedded import server
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings

RUNS: Final[Mapping[str, Callable[[str], Iterator[Figure]]]] = {
    "post": post.run,
    "growth": growth.run,
    "stream": stream.run,
    "freshness": freshness.run,
    "scan": scan.run,
    "read": read.run,
    "bulk": bulk.run,
    "execute": execution.run,
    "lists": lists.run,
    "flood": flood.run,
    "post-http": post_http.run,
    "subscribe": subscriptions.run,
    "webhooks": webhooks.run,
    "insights": insights.run,
    "rails": rails.run,
}
"""The benchmarks by name; each measures in temporary databases of the server at the given URL."""
_ON_ONE_CORE: Final = frozenset({"post", "growth", "execute"})


def command(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(RUNS)}.")],
    *,
    as_json: AsJson = False,
    unpinned: Annotated[bool, typer.Option("--unpinned", help="Pin none of them to one core.")] = False,
    transfers: Annotated[int, typer.Option(min=1, help="Number of transfers that growth loads.")] = growth.TRANSFERS,
) -> None:
    """Measure each figure beside a reference from the same run, on a PostgreSQL started for it.

    Each figure is printed as soon as it is known; with --json, each line is a JSON object.
    """
    if name not in RUNS:
        raise InvalidInput(f"there is no benchmark {name!r}; there are: {', '.join(RUNS)}")
    if name in _ON_ONE_CORE and not unpinned:
        core = hold_to_one_core()
        sys.stderr.write("this system cannot pin it to one core\n" if core is None else f"on core {core} alone\n")
    run = partial(growth.run, transfers=transfers) if name == "growth" else RUNS[name]
    with _own_server(Settings.from_process()) as url:
        for figure in run(url):
            typer.echo(json_line(figure) if as_json else as_text(figure))


@contextmanager
def _own_server(settings: Settings) -> Iterator[str]:
    """Run an empty server with the options of the embedded one, on the home's disk, and remove it afterwards.

    As a child of this process it runs on the same cores.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.home) as folder, server(Path(folder)) as url:
        yield url
