"""Ports: the one that is wanted, or the next that is free."""

import socket
from typing import Final

from ledger.kernel.errors import Unavailable

HOST: Final = "127.0.0.1"
"""Everything that `cofferdam up` starts listens on loopback only."""
_NEXT: Final = 50


def free_port(wanted: int, *, apart_from: frozenset[int] = frozenset()) -> int:
    """Give the wanted TCP port, or the first free one of the fifty behind it. Raises `Unavailable`."""
    for port in range(wanted, min(wanted + _NEXT, 65_535) + 1):
        if port not in apart_from and is_free(port):
            return port
    raise Unavailable(f"the ports {wanted} to {wanted + _NEXT} are all taken; end what holds one of them")


def is_free(port: int) -> bool:
    """Say whether nobody listens on the port of loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do, so that connections which are still closing do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
