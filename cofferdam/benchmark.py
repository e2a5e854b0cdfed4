"""`cofferdam bench`: runs one benchmark and prints its figures, one line each."""

from typing import Annotated, Final

import typer

from bench import post, read, stream
from bench.figures import as_json as json_line
from bench.figures import as_text
from cofferdam.embedded import database
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings

RUNS: Final = {"post": post.run, "stream": stream.run, "read": read.run}
"""The benchmarks by name; each measures in scratch databases of the server whose URL it gets."""


def command(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(RUNS)}.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per figure and nothing else.")] = False,
) -> None:
    """Measure, each figure beside a reference from the same run."""
    if name not in RUNS:
        raise InvalidInput(f"there is no benchmark {name!r}; there are: {', '.join(RUNS)}")
    with database(Settings.from_process()) as url:
        for figure in RUNS[name](url):
            typer.echo(json_line(figure) if as_json else as_text(figure))
