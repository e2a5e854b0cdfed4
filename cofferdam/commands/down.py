"""`cofferdam down`: ends what runs in the home: the `up` that has it, its children, and the embedded server."""

import typer

from cofferdam.runtime.detachment import end_running
from cofferdam.runtime.embedded import end
from ledger.kernel.settings import Settings


def command() -> None:
    """End what runs in the home, and wait until it is gone; nothing that was accepted is lost."""
    settings = Settings.from_process()
    number = end_running(settings)
    if number is not None:
        typer.echo(f"process {number} has ended with all that it kept running")
    stopped = settings.database_url is None and end(settings.home)
    if stopped:
        typer.echo("the embedded PostgreSQL has stopped")
    if number is None and not stopped:
        typer.echo(f"nothing runs on {settings.home}")
