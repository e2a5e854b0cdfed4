"""Serve the API alone."""

import os
import socket
from typing import Annotated, Final

import typer
import uvicorn
from starlette.applications import Starlette

from api.app import build_app
from api.limits.buckets import Allowance
from api.limits.idle_connections import BoundedHttpTools
from api.limits.sockets import BoundedWebSockets
from api.requests import BODY_BYTES_MAX
from cofferdam.runtime.embedded import database
from cofferdam.runtime.home import pepper
from cofferdam.runtime.ports import HOST, listen
from cofferdam.runtime.workers import run_workers
from cofferdam.vault import vaulted
from ledger.kernel.collector import brief_collections
from ledger.kernel.settings import Settings
from ledger.vault.vaults import opened_vault

_GRACE_SECONDS: Final = 5
_WORKERS: Final = min(os.cpu_count() or 1, 4)


def command(
    *,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="TCP port.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback unless a proxy needs another.")] = HOST,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; each has its own connections.")] = _WORKERS,
    descriptor: Annotated[int | None, typer.Option(help="An inherited listening socket.", hidden=True)] = None,
) -> None:
    """Serve the GraphQL API alone, until Ctrl-C or SIGTERM."""
    settings = Settings.from_process()
    with database(settings) as url:
        # What a first start makes is made before the workers, which would make it twice.
        found, key = vaulted(settings, url), pepper(settings.secrets)
        allowance = Allowance.restoring(settings.points_per_second).shared(workers)
        listening = listen(host, port) if descriptor is None else socket.socket(fileno=descriptor)

        def serve() -> None:
            with opened_vault(found) as vault:
                application = build_app(url, pepper=key, vault=vault, settings=settings, allowance=allowance)
                uvicorn.Server(_config(application)).run([listening])

        with listening, brief_collections():
            run_workers(workers, serve)


def _config(application: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=BoundedHttpTools,
        ws=BoundedWebSockets,
        ws_max_size=BODY_BYTES_MAX,
        ws_per_message_deflate=False,  # a window per socket would be its largest part
        log_config=None,  # its lines go through our logging
        log_level="warning",
        access_log=False,  # we log each request ourselves
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
        proxy_headers=False,  # the address of a caller is that of its connection
    )
