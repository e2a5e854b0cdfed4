"""Declarations: tables read key by key; all missing, misspelt or mistyped keys are collected with their location."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import MINOR_MAX

_T = TypeVar("_T")
_Other = TypeVar("_Other")


@dataclass(frozen=True, slots=True)
class Declared:
    """One table of a declaration. Faults go to `faults`, and a value of the right type is returned instead.

    `place` names the table in messages and is empty for the whole; `asked` collects the keys that the table may have.
    """

    place: str
    table: Mapping[str, object]
    faults: list[str]
    asked: set[str] = field(default_factory=set)

    def optional(self, key: str, read: Callable[[str], _T]) -> _T | None:
        """Parse a text with `read`, which raises `InvalidInput`; None if the key is absent."""
        value = self._get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.wrong(f"{key} is {_shown(value)}; write a text")
            return None
        try:
            return read(value)
        except InvalidInput as refusal:
            self.wrong(f"{key}: {refusal}")
            return None

    def needed(self, key: str, read: Callable[[str], _T], otherwise: _Other) -> _T | _Other:
        """Parse a text like `optional`, but the key must be present."""
        if key not in self.table:
            self.asked.add(key)
            self.wrong(f"{key} is missing")
        found = self.optional(key, read)
        return otherwise if found is None else found

    def whole(self, key: str, *, highest: int = MINOR_MAX) -> int | None:
        """Return a whole number from zero on, or None if the key is absent."""
        value = self._get(key)
        if value is None or (type(value) is int and 0 <= value <= highest):
            return value
        self.wrong(f"{key} is {_shown(value)}; write a whole number from 0 to {highest}")
        return None

    def flag(self, key: str) -> bool:
        """Return whether a key is present with the value true."""
        value = self._get(key)
        if value is not None and value is not True:
            self.wrong(f"{key} is {_shown(value)}; write true, or leave it out")
        return value is True

    def listed(self, key: str) -> Sequence[object]:
        """Return a list, empty if the key is absent."""
        value = self._get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not value:
            self.wrong(f"{key} is {_shown(value)}; write a list with at least one entry")
            return []
        return value

    def tables(self, key: str, called: str) -> list["Declared"]:
        """Return a list of tables, each called by a word and its number from one."""
        return [self.entry(f"{called} {number}", value) for number, value in enumerate(self.listed(key), 1)]

    def named(self, key: str) -> Mapping[str, object]:
        """Return a table whose keys are names, empty if it is absent."""
        value = self._get(key)
        if value is not None and not isinstance(value, Mapping):
            self.wrong(f"{key} is {_shown(value)}; write a table")
        return value if isinstance(value, Mapping) else {}

    def entry(self, place: str, value: object) -> "Declared":
        """Return a table inside this one."""
        place = f"{self.place}, {place}" if self.place else place
        if isinstance(value, Mapping):
            return Declared(place, value, self.faults)
        self.faults.append(f"{place}: is {_shown(value)}; write a table")
        # A value that is not a table has no keys that could be missing.
        return Declared(place, {}, [])

    def done(self) -> None:
        """Report the keys that are not known: a misspelt key would otherwise be silently ignored."""
        for key in sorted(set(self.table) - self.asked):
            near = get_close_matches(key, self.asked, n=1)
            guess = f"did you mean {near[0]}? " if near else ""
            self.wrong(f"there is no key {key!r}; {guess}The keys are {', '.join(sorted(self.asked))}")

    def wrong(self, says: str) -> None:
        """Record a fault of this table."""
        self.faults.append(f"{self.place}: {says}" if self.place else says)

    def _get(self, key: str) -> object:
        self.asked.add(key)
        return self.table.get(key)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  # a line of a message, no rule
