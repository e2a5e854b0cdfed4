"""Faults of ACH files: where each is, what was found, and what would be right."""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.kernel.errors import InvalidInput

_SHOWN = 3


class Fault(NamedTuple):
    """A fault of one field. `line` counts the file's records from 1, whether or not line breaks part them."""

    line: int
    record: str
    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Return the fault as one line of printable characters."""
        found = ascii(self.found) if self.found else "nothing"
        return f"line {self.line}, {self.record}, {self.field}: found {found}; expected {self.expected}"


class InvalidAchFile(InvalidInput):
    """A file that breaks the format: nothing of it may be taken. `faults` has all that were found, up to a limit."""

    code = "invalid_ach_file"

    def __init__(self, faults: Sequence[Fault]) -> None:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        super().__init__("; ".join(map(str, faults[:_SHOWN])) + more)
        self.faults = tuple(faults)
