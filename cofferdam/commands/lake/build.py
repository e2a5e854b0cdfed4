"""Bring marts, checks and releases up to date."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Final

import typer
from rich.console import Console

from cofferdam.output import AsJson, answer
from cofferdam.session import Session, session
from lake.residency.zones import Zones
from ledger.kernel.errors import InvalidInput
from pipelines.build import build
from pipelines.marts.sail import GoldReport, build_gold

_PORT_MAX: Final = 65_535


class BuildEngine(StrEnum):
    """The engines that can compute the marts."""

    DUCKDB = "duckdb"
    SAIL = "sail"


def command(
    *,
    engine: Annotated[
        BuildEngine,
        typer.Option(help="duckdb: marts, checks and releases, into the warehouse; sail: marts only, as Delta tables."),
    ] = BuildEngine.DUCKDB,
    server: Annotated[
        str | None, typer.Option(help="For sail: a Sail server, host:port; by default Sail runs inside dbt.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the marts, their checks and the insight releases up to date through Dagster, or the marts alone on Sail.

    Exits with 1 if some books could not be included.
    """
    if server is not None and engine is not BuildEngine.SAIL:
        raise InvalidInput("--server is an option of Sail: give --engine sail as well")
    address = None if server is None else _address(server)
    with session() as home, Console(stderr=True).status("building the marts") as status:
        if engine is BuildEngine.SAIL:
            reports = list(_built_on_sail(home, address, status.update))
            answer([asdict(each) for each in reports], "\n".join(map(str, reports)), as_json=as_json)
            return
        report = build(home.settings, progress=status.update)
    answer(asdict(report), str(report), as_json=as_json)
    if report.away:
        raise typer.Exit(1)


def _built_on_sail(
    home: Session, address: tuple[str, int] | None, progress: Callable[[str], object]
) -> Iterator[GoldReport]:
    """Build the marts of each zone."""
    zones = Zones.of(home.settings)
    for zone in zones:
        yield build_gold(home.directory, zones, zone, server=address, progress=progress)


def _address(server: str) -> tuple[str, int]:
    host, _, port = server.rpartition(":")
    if not host or re.fullmatch("[0-9]{1,5}", port) is None or not 1 <= int(port) <= _PORT_MAX:
        raise InvalidInput(f"{server!r} is not a server's address; write host:port, such as 127.0.0.1:50051")
    return host, int(port)
