"""`cofferdam build`: brings marts, checks and releases up to date through Dagster."""

import typer
from rich.console import Console

from cofferdam.embedded import database
from cofferdam.vault import vaulted
from ledger.kernel.settings import Settings
from pipelines.build import build


def command() -> None:
    """Bring the marts, their checks and the insight releases up to date."""
    settings = Settings.from_process()
    console = Console(stderr=True)
    with database(settings) as url, console.status("building the marts") as status:
        report = build(vaulted(settings, url), progress=status.update)
    typer.echo(report)
