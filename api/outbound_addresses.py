"""Addresses of outbound calls: a connection is opened only to an address that was checked."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

IsAllowed = Callable[[str], bool]
"""Returns whether a call may be made to an IP address."""

_LOOKUPS: Final = 64
"""Concurrent look-ups of a process; one host has one at a time, so that a hung name server delays few others."""


class AddressRefusedError(OSError):
    """The host leads to an address that calls may not be made to."""


class CheckedAddresses(AbstractResolver):
    """Looks a host up for each new connection, and refuses it unless every address found is allowed.

    `open_socket` opens the socket for one of these very addresses, and refuses any other: a second look-up could answer
    differently ("DNS rebinding"), and a literal address in a URL is not looked up at all.
    """

    def __init__(self, is_allowed: IsAllowed) -> None:
        self._is_allowed: Final = is_allowed
        self._looking: Final[dict[tuple[str, int], asyncio.Future[list[str]]]] = {}
        self._threads: Final = ThreadPoolExecutor(_LOOKUPS, "look-up")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Look a host up. Raises `AddressRefusedError`, and `OSError` if it has no address."""
        del family
        found = await asyncio.shield(self._lookup(host, port))
        refused = [address for address in found if not self._is_allowed(address)]
        if refused:
            raise AddressRefusedError(f"{host} leads to {refused[0]}, which is not an address for calls")
        return [_resolved(host, address, port) for address in found]

    async def close(self) -> None:
        """Wait for no look-up any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Open the socket for an address. Raises `AddressRefusedError` before any connection."""
        family, kind, protocol, _, address = info
        if not self._is_allowed(address[0]):
            raise AddressRefusedError(f"{address[0]} is not an address for calls")
        opened = socket.socket(family, kind, protocol)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def _lookup(self, host: str, port: int) -> asyncio.Future[list[str]]:
        """Return the look-up of a host that is under way, or begin one."""
        key = host, port
        if key not in self._looking:
            looking = asyncio.get_running_loop().run_in_executor(self._threads, _addresses, host, port)
            looking.add_done_callback(lambda _: self._looking.pop(key, None))
            self._looking[key] = looking
        return self._looking[key]


def is_public(address: str) -> bool:
    """Return whether an address is on the public internet, and so is every IPv4 address that it stands for."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    embedded = _embedded(parsed)
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in (parsed, *embedded))


def is_loopback(address: str) -> bool:
    """Return whether an address is one of this machine."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def is_any(address: str) -> bool:
    """Return true for all addresses: only a sandbox calls private ones too."""
    return bool(address)


def _addresses(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _resolved(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)


def _embedded(parsed: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address stands for: mapped, 6to4, Teredo or NAT64 (RFC 6052)."""
    if isinstance(parsed, ipaddress.IPv4Address):
        return []
    found = [parsed.ipv4_mapped, parsed.sixtofour, *(parsed.teredo or ())]
    if parsed in _NAT64:
        found.append(ipaddress.IPv4Address(parsed.packed[-4:]))
    return [each for each in found if each is not None]


_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
