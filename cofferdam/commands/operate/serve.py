"""Serve the API alone."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import typer
import uvicorn
from starlette.applications import Starlette

from api.app import build_app
from api.limits.buckets import Allowance
from api.limits.idle_connections import BoundedHttpTools
from api.limits.sockets import BoundedWebSockets
from api.requests import BODY_BYTES_MAX
from cofferdam.metrics.api_families import API_METRICS
from cofferdam.metrics.collectors import ProcessCollector, SharedCollector
from cofferdam.metrics.ledger_collector import LedgerCollector
from cofferdam.metrics.listener import PORT, metrics_served
from cofferdam.runtime.embedded import database
from cofferdam.runtime.graceful_server import ANSWER_SECONDS, GracefulServer
from cofferdam.runtime.ports import HOST, held_port, listen
from cofferdam.runtime.secrets import pepper
from cofferdam.runtime.workers import run_workers
from cofferdam.tracing.endpoint import traced
from cofferdam.vault import vaulted
from ledger.kernel.collector import brief_collections
from ledger.kernel.engines import create_engine
from ledger.kernel.metrics_memory import SharedMetrics
from ledger.kernel.settings import Settings
from ledger.vault.vaults import opened_vault

_WORKERS: Final = min(os.cpu_count() or 1, 4)

_SWITCH_SECONDS: Final = 0.0005
"""The longest wait of the event loop for a worker thread that computes, such as one that validates a document."""


def command(  # noqa: PLR0913  # the options of a command
    *,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="TCP port.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback unless a proxy needs another.")] = HOST,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; each has its own connections.")] = _WORKERS,
    metrics_port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Port of the metrics on loopback; if it is taken, the next free one.")
    ] = PORT,
    drain_seconds: Annotated[
        int, typer.Option(min=0, max=60, help="Seconds to serve on after SIGTERM while /ready answers 503.")
    ] = 0,
    descriptor: Annotated[int | None, typer.Option(help="An inherited listening socket.", hidden=True)] = None,
    metrics_descriptor: Annotated[int | None, typer.Option(help="The same for metrics.", hidden=True)] = None,
) -> None:
    """Serve the GraphQL API alone, until Ctrl-C or SIGTERM."""
    settings = Settings.from_process()
    listening = listen(host, port) if descriptor is None else socket.socket(fileno=descriptor)
    asked = held_port(metrics_port) if metrics_descriptor is None else socket.socket(fileno=metrics_descriptor)
    with listening, asked, database(settings) as url:
        # What a first start makes is made before the workers, which would make it twice.
        found, key = vaulted(settings, url), pepper(settings.secrets)
        allowance = Allowance.restoring(settings.points_per_second).shared(workers)
        metrics = SharedMetrics(API_METRICS, workers)

        def serve(worker: int) -> None:
            metrics.count_here(worker)
            with traced(settings, "api"), opened_vault(found) as vault, _metrics_served(asked, metrics, url):
                application = build_app(
                    url,
                    pepper=key,
                    vault=vault,
                    settings=settings,
                    allowance=allowance,
                    calls_private=settings.webhook_addresses == "any",
                    sandboxes_call_loopback=settings.webhook_addresses == "loopback",
                )
                server = GracefulServer(_config(application), application.stop_being_ready, drain_seconds=drain_seconds)
                server.serve_on(listening)

        sys.setswitchinterval(_SWITCH_SECONDS)
        with brief_collections():
            run_workers(workers, serve, ending=listening.close)


@contextmanager
def _metrics_served(listening: socket.socket, metrics: SharedMetrics, url: str) -> Iterator[None]:
    """Answer with the metrics of all workers while the block runs."""
    engine = create_engine(url, connections_max=1)
    try:
        with metrics_served(listening, SharedCollector(metrics), ProcessCollector(metrics), LedgerCollector(engine)):
            yield
    finally:
        engine.dispose()


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
        timeout_graceful_shutdown=ANSWER_SECONDS,
        server_header=False,
        proxy_headers=False,  # the address of a caller is that of its connection
    )
