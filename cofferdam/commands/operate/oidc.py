"""Serve the development identity provider of a sandbox."""

import socket
from typing import Annotated, Final

import typer
import uvicorn

from api.operators.development_provider import DevelopmentProvider
from api.sandbox.installation import is_sandbox
from cofferdam.runtime.embedded import database
from cofferdam.runtime.ports import HOST, held_port
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings

_PORT: Final = 8400


def command(
    *,
    origin: Annotated[
        str, typer.Option(help="The origin of the API, at which operators sign in.")
    ] = f"http://{HOST}:8000",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="TCP port, on loopback.")] = _PORT,
    descriptor: Annotated[int | None, typer.Option(help="An inherited listening socket.", hidden=True)] = None,
) -> None:
    """Serve an OpenID provider that asks for no password, until Ctrl-C or SIGTERM; `up` and `demo` start it."""
    settings = Settings.from_process()
    with database(settings) as url:
        engine = create_engine(url, connections_max=1)
        try:
            if not is_sandbox(engine):
                raise InvalidInput(
                    "this installation is not a sandbox: set COFFERDAM_OIDC_ISSUER to your identity provider"
                )
            with held_port(port) if descriptor is None else socket.socket(fileno=descriptor) as listening:
                issuer = f"http://{HOST}:{listening.getsockname()[1]}"
                provider = DevelopmentProvider(issuer=issuer, origin=origin, is_sandbox=lambda: is_sandbox(engine))
                config = uvicorn.Config(provider.app(), log_config=None, log_level="warning", server_header=False)
                uvicorn.Server(config).run([listening])
        finally:
            engine.dispose()
