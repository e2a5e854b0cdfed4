"""Serve the API alone."""

import socket
from typing import Annotated, Final

import typer
import uvicorn
from starlette.applications import Starlette

from api.app import build_app
from api.limits.buckets import Allowance
from api.limits.idle_connections import BoundedHttpTools
from cofferdam.runtime.embedded import database
from cofferdam.runtime.home import pepper
from cofferdam.runtime.ports import HOST
from cofferdam.vault import vault
from ledger.kernel.collector import brief_collections
from ledger.kernel.settings import Settings

_GRACE_SECONDS: Final = 5


def command(
    *,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="TCP port.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback unless a proxy needs another.")] = HOST,
    descriptor: Annotated[int | None, typer.Option(help="An inherited listening socket.", hidden=True)] = None,
) -> None:
    """Serve the GraphQL API alone, until Ctrl-C or SIGTERM."""
    settings = Settings.from_process()
    with database(settings) as url, vault(settings, url) as found, brief_collections():
        allowance = Allowance.restoring(settings.points_per_second)
        application = build_app(
            url, pepper=pepper(settings.secrets), vault=found, settings=settings, allowance=allowance
        )
        inherited = None if descriptor is None else [socket.socket(fileno=descriptor)]
        uvicorn.Server(_config(application, host, port)).run(inherited)


def _config(application: Starlette, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        host=host,
        port=port,
        http=BoundedHttpTools,
        log_config=None,  # its lines go through our logging
        log_level="warning",
        access_log=False,  # we log each request ourselves
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
    )
