"""Residence: the books that may be in a root of the lake, by their jurisdiction."""

from dataclasses import dataclass
from typing import Final

_EU: Final = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EU_MEMBERS: Final = frozenset(_EU.split())
"""Countries in which the law of the European Union also applies (Treaty on European Union, Article 52)."""


@dataclass(frozen=True, slots=True)
class Residents:
    """The books that belong in a root: those of the jurisdiction `zone`, or all; but never those of `elsewhere`.

    Zones are named as in the settings: a jurisdiction in capitals. `elsewhere` are the zones with roots that are closer
    to a book than this one: all others for the default root; for `EU`, zones such as `EU_DE` or `FR`.
    """

    zone: str | None = None
    elsewhere: frozenset[str] = frozenset()

    def admit(self, jurisdiction: str) -> bool:
        """Return whether a book of a jurisdiction belongs here."""
        zones = zones_of(jurisdiction)
        return self.elsewhere.isdisjoint(zones) and (self.zone is None or self.zone in zones)


EVERYBODY: Final = Residents()
"""The residents of a lake that is the only one."""


def zone_name(jurisdiction: str) -> str:
    """Return the name of a jurisdiction's zone, as in the names of variables."""
    return jurisdiction.strip().upper().replace("-", "_")


def zones_of(jurisdiction: str) -> tuple[str, ...]:
    """Return every zone that contains a jurisdiction, closest first: `EU-DE` is in EU_DE and EU, `DE` in DE and EU."""
    parts = zone_name(jurisdiction).split("_")
    names = ["_".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return (*names, "EU") if parts[0] in _EU_MEMBERS else tuple(names)
