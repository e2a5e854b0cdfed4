"""The web UI as a program: Dagster's application behind our access check, on a socket inherited from `cofferdam up`.

It runs in the web UI's own environment, which has no code of ours except this folder's imports and the clock.
"""

import socket
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from dagster import DagsterInstance
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.version import __version__

from pipelines.webserver.access import Access
from pipelines.webserver.sessions import Sessions


def main() -> None:
    """Serve until a signal ends it."""
    parser = ArgumentParser(prog="dagster-ui")
    parser.add_argument("--descriptor", type=int, required=True, help="The inherited listening socket.")
    parser.add_argument("--workspace", required=True, help="Dagster's workspace file.")
    parser.add_argument("--sessions", type=Path, required=True, help="The folder of the sessions.")
    asked = parser.parse_args()
    with DagsterInstance.get() as instance:
        instance.optimize_for_webserver(statement_timeout=15_000, pool_recycle=3600, max_overflow=20)
        target = WorkspaceFileTarget(paths=[asked.workspace])
        with WorkspaceProcessContext(instance, target, version=__version__) as context:
            application = create_app_from_workspace_process_context(context, "", 2000, lifespan=_lifespan)
            config = uvicorn.Config(
                Access(application, Sessions(asked.sessions)), log_level="warning", proxy_headers=False
            )
            uvicorn.Server(config).run(sockets=[socket.socket(fileno=asked.descriptor)])


@asynccontextmanager
async def _lifespan(_application: object) -> AsyncIterator[None]:
    yield


if __name__ == "__main__":
    main()
