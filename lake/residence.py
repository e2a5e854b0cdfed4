"""Residence: whose books may lie in a root of the lake, by the jurisdiction that they are under."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Residents:
    """The books that belong in a root: those of the jurisdiction `zone`, or of all but those of `elsewhere`.

    Zones are named as in the settings: a jurisdiction in capitals.
    """

    zone: str | None = None
    elsewhere: frozenset[str] = frozenset()

    def admit(self, jurisdiction: str) -> bool:
        """Whether a book under a jurisdiction belongs here."""
        zone = zone_name(jurisdiction)
        return zone not in self.elsewhere if self.zone is None else zone == self.zone


EVERYBODY: Final = Residents()
"""Of a lake that is the only one."""


def zone_name(jurisdiction: str) -> str:
    """What a zone of this jurisdiction is called in a variable's name."""
    return jurisdiction.upper().replace("-", "_")
