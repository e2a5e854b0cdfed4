"""Ports: finds a requested port or the next free one, and listens on it at once, so that nobody else takes it."""

import socket
from typing import Final

from ledger.kernel.errors import InvalidSettings, Unavailable

HOST: Final = "127.0.0.1"
"""Everything that `cofferdam up` starts listens on loopback only."""
_NEXT: Final = 50
_BACKLOG: Final = 2048


def held_port(wanted: int) -> socket.socket:
    """Listen on the requested TCP port, or on the first free one of the next fifty. Raises `Unavailable`.

    The program that serves it inherits this socket, so that no other program can take the port in between.
    """
    for port in range(wanted, min(wanted + _NEXT, 65_535) + 1):
        if (listener := _listening(port)) is not None:
            return listener
    raise Unavailable(
        f"the ports {wanted} to {wanted + _NEXT} are all taken; stop a program that listens on one of them"
    )


def is_free(port: int) -> bool:
    """Return whether the loopback port is free."""
    listener = _listening(port)
    if listener is not None:
        listener.close()
    return listener is not None


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address that was asked for. Raises `InvalidSettings`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = _listening(port, host, family)
    if listener is None:
        raise InvalidSettings(
            f"{host}:{port} is taken, or is no address of this machine; choose another --port or --host"
        )
    return listener


def _listening(port: int, host: str = HOST, family: socket.AddressFamily = socket.AF_INET) -> socket.socket | None:
    listener = socket.socket(family, socket.SOCK_STREAM)
    # As servers do, so that connections which are still closing do not count as taken.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        return None
    return listener
