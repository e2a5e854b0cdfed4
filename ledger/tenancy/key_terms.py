"""The terms of an API key: its scopes, its label, its expiry, and the addresses that it is accepted from."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, Self

from ledger.kernel.errors import InvalidInput
from ledger.tenancy.records import ApiKey

SCOPES: Final = frozenset({"read", "write", "reveal"})
"""All scopes that a key may have. Only `reveal` shows the values of vault tokens; a key has it where it is named."""

Networks = tuple[IPv4Network | IPv6Network, ...]

_LABEL_LETTERS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """The terms of a key; without `networks` it is accepted from every address, without `expires_at` for ever."""

    scopes: str = "read write"
    label: str | None = None
    expires_at: datetime | None = None
    networks: Networks = ()

    @classmethod
    def of(cls, key: ApiKey, *, expires_at: datetime | None) -> Self:
        """Return the terms of a key with another expiry."""
        return cls(key.scopes, key.label, expires_at, networks(key.addresses))

    def check(self, now: datetime) -> None:
        """Raise `InvalidInput` for an unknown scope, a label that is too long, or an expiry that has passed."""
        if not set(self.scopes.split()) <= SCOPES:
            known = ", ".join(sorted(SCOPES))
            raise InvalidInput(f"{self.scopes!r} is not a list of scopes; they are: {known}")
        if self.label is not None and len(self.label) > _LABEL_LETTERS_MAX:
            raise InvalidInput(f"the label has {len(self.label)} letters; use {_LABEL_LETTERS_MAX} at most")
        if self.expires_at is not None and self.expires_at <= now:
            raise InvalidInput(f"the key would expire at {self.expires_at:%Y-%m-%d %H:%M}, which has passed")

    @property
    def addresses(self) -> str | None:
        """The networks as they are stored: separated by blanks; null without any."""
        return " ".join(map(str, self.networks)) or None


def networks(text: str | None) -> Networks:
    """Return the networks in a text such as `203.0.113.0/24 2001:db8::/48`. Raises `InvalidInput`."""
    return tuple(_network(each) for each in (text or "").replace(",", " ").split())


def contain(allowed: Networks, address: str) -> bool:
    """Return whether an address is in one of the networks; without any, each is."""
    if not allowed:
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain in each for each in allowed)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as fault:
        raise InvalidInput(f"{fault}; write an address, or a network such as 203.0.113.0/24") from None
