"""Residence: whose books may lie in a root of the lake, by the jurisdiction that they are under."""

from dataclasses import dataclass
from typing import Final

_EU: Final = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EU_MEMBERS: Final = frozenset(_EU.split())
"""Countries whose law is the law of the European Union as well (Treaty on European Union, Article 52)."""


@dataclass(frozen=True, slots=True)
class Residents:
    """The books that belong in a root: those of the jurisdiction `zone`, or all; but never those of `elsewhere`.

    Zones are named as in the settings: a jurisdiction in capitals. `elsewhere` are the roots that are closer to a book
    than this one: all others for the default root; for `EU` such as `EU_DE` or `FR`.
    """

    zone: str | None = None
    elsewhere: frozenset[str] = frozenset()

    def admit(self, jurisdiction: str) -> bool:
        """Whether a book under a jurisdiction belongs here."""
        zones = zones_of(jurisdiction)
        return self.elsewhere.isdisjoint(zones) and (self.zone is None or self.zone in zones)


EVERYBODY: Final = Residents()
"""Of a lake that is the only one."""


def zone_name(jurisdiction: str) -> str:
    """What a zone of this jurisdiction is called in a variable's name."""
    return jurisdiction.strip().upper().replace("-", "_")


def zones_of(jurisdiction: str) -> tuple[str, ...]:
    """Every zone that a jurisdiction lies in, the closest first: `EU-DE` lies in EU_DE and EU, `DE` in DE and EU."""
    parts = zone_name(jurisdiction).split("_")
    names = ["_".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return (*names, "EU") if parts[0] in _EU_MEMBERS else tuple(names)
