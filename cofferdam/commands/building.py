"""`cofferdam build`: brings marts, checks and releases up to date through Dagster, or the marts alone on Sail."""

import re
from enum import StrEnum
from typing import Annotated, Final

import typer
from rich.console import Console

from cofferdam.runtime.embedded import database
from lake.residency.zones import Zones
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import Directory
from pipelines.build import build
from pipelines.marts.sail import build_gold

_PORT_MAX: Final = 65_535


class BuildEngine(StrEnum):
    """What computes the marts."""

    DUCKDB = "duckdb"
    SAIL = "sail"


def command(
    *,
    engine: Annotated[
        BuildEngine, typer.Option(help="duckdb: all of it, into the warehouse; sail: the marts, as Delta tables.")
    ] = BuildEngine.DUCKDB,
    server: Annotated[
        str | None, typer.Option(help="With sail: a Sail server, host:port. Without: inside dbt.")
    ] = None,
) -> None:
    """Bring the marts, their checks and the insight releases up to date; exits with 1 where books stayed behind."""
    if server is not None and engine is not BuildEngine.SAIL:
        raise InvalidInput("--server is Sail's: say --engine sail with it")
    address = None if server is None else _address(server)
    settings = Settings.from_process()
    console = Console(stderr=True)
    with database(settings) as url, console.status("building the marts") as status:
        found = settings.on(url)
        if engine is BuildEngine.SAIL:
            zones = Zones.of(found)
            with Directory(url, found.book_urls) as directory:
                for zone in zones:
                    typer.echo(build_gold(directory, zones, zone, server=address, progress=status.update))
        else:
            report = build(found, progress=status.update)
            typer.echo(report)
            if report.away:
                raise typer.Exit(1)


def _address(server: str) -> tuple[str, int]:
    host, _, port = server.rpartition(":")
    if not host or re.fullmatch("[0-9]{1,5}", port) is None or not 1 <= int(port) <= _PORT_MAX:
        raise InvalidInput(f"{server!r} is no address of a server; write host:port, such as 127.0.0.1:50051")
    return host, int(port)
