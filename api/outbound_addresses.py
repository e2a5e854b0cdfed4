"""Addresses of outbound calls: the connection to one is opened only after the very address it leads to was checked."""

import ipaddress
import socket
from typing import Final


class AddressRefusedError(OSError):
    """The host leads to an address that is not on the public internet."""


def connect(host: str, port: int, *, is_local: bool, seconds: float) -> socket.socket:
    """Resolve a host once, check every address found, and connect to one of these addresses.

    A second look-up could answer differently ("DNS rebinding"), so none is made. Public addresses are allowed, and for
    `is_local` those of this machine alone. Raises `AddressRefusedError` before any connection, and `OSError`.
    """
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    refused = [address for address in found if not _is_allowed(address, is_local=is_local)]
    if refused:
        raise AddressRefusedError(f"{host} leads to {refused[0]}, which is not an address for calls")
    return _first_connected(found, port, seconds)


def _is_allowed(address: str, *, is_local: bool) -> bool:
    parsed = ipaddress.ip_address(address)
    if is_local:
        return parsed.is_loopback
    embedded = _embedded(parsed)
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in (parsed, *embedded))


def _embedded(parsed: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address stands for: mapped, 6to4, Teredo or NAT64 (RFC 6052)."""
    if isinstance(parsed, ipaddress.IPv4Address):
        return []
    found = [parsed.ipv4_mapped, parsed.sixtofour, *(parsed.teredo or ())]
    if parsed in _NAT64:
        found.append(ipaddress.IPv4Address(parsed.packed[-4:]))
    return [each for each in found if each is not None]


def _first_connected(addresses: list[str], port: int, seconds: float) -> socket.socket:
    """Connect to the first address that accepts; raises the fault of the last one if none does."""
    for address in addresses[:-1]:
        try:
            return socket.create_connection((address, port), seconds)
        except OSError:
            continue
    return socket.create_connection((addresses[-1], port), seconds)


_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
