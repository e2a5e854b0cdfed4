"""Fields of fixed-width records: which characters each may have, and the value that they stand for."""

import re
from datetime import date
from enum import Enum
from typing import Final, NamedTuple

Value = str | int | date | None
"""A field's value: an amount is in cents, a date without a day (zeros or blanks) is None."""

_CENTURY: Final = 2000


class Kind(Enum):
    """The content of a field: a pattern of its characters, and a description for people."""

    TEXT = ("[ -~]{%d}", "printable ASCII characters, filled with blanks on the right")
    REQUIRED = ("(?! {%d})[ -~]{%d}", "printable ASCII characters, not all blank, filled with blanks on the right")
    CODE = ("[A-Z0-9]{%d}", "upper-case letters and digits")
    NUMBER = ("[0-9]{%d}", "digits, filled with zeros on the left")
    CENTS = ("[0-9]{%d}", "an amount in cents: digits, filled with zeros on the left")
    DIGITS = ("[0-9]{%d}", "digits")
    OPTIONAL_DIGITS = ("(?:[0-9]{%d}| {%d})", "digits, or all blank")
    DATE = ("(?:[0-9]{%d}| {%d})", "a date as YYMMDD; zeros or blanks for none")
    OPTIONAL_DATE = ("(?:[0-9]{%d}| {%d})", "a date as YYMMDD; blanks or zeros for none")
    BLANK = (" {%d}", "blanks")
    FILLER = ("(?: {%d}|0{%d})", "blanks, or zeros")

    def pattern(self, length: int) -> str:
        """Return the regular expression of a field of this kind and length."""
        return self.value[0].replace("%d", str(length))

    @property
    def says(self) -> str:
        """Describe the characters for people."""
        return self.value[1]


_NUMERIC: Final = frozenset({Kind.NUMBER, Kind.CENTS})
_DATES: Final = frozenset({Kind.DATE, Kind.OPTIONAL_DATE})


class Field(NamedTuple):
    """A field of a record: a name, a length in characters, a kind, and the only texts it may have, if they are few."""

    name: str
    length: int
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Return its name for people."""
        return self.name.removesuffix("_minor").replace("_", " ")

    @property
    def is_constant(self) -> bool:
        """Return whether it has the same characters in every record, so that it carries no value."""
        return self.kind in {Kind.BLANK, Kind.FILLER} or len(self.choices) == 1

    @property
    def pattern(self) -> str:
        """Return the regular expression that its characters match."""
        if self.choices:
            return f"(?:{'|'.join(re.escape(each) for each in self.choices)})"
        return self.kind.pattern(self.length)

    @property
    def says(self) -> str:
        """Say what its characters should be."""
        if self.choices:
            return " or ".join(self.choices) if len(self.choices) > 1 else repr(self.choices[0])
        return f"{self.kind.says} ({self.length} characters)" if self.length > 1 else f"{self.kind.says} (1 character)"

    @property
    def is_optional(self) -> bool:
        """Return whether it may be left out, which blanks or zeros then stand for."""
        return re.fullmatch(self.pattern, " " * self.length) is not None

    def value(self, text: str) -> Value:
        """Return the value of characters that match the pattern. Raises `ValueError` for a day that no month has."""
        if self.kind in _NUMERIC:
            return int(text)
        if self.kind in _DATES:
            return day_of(text)
        return "" if self.kind is Kind.FILLER else text.rstrip(" ")

    def text(self, value: Value) -> str:
        """Return the characters of a value, of any length: the caller matches them with the pattern."""
        if self.is_constant:
            return self.choices[0] if self.choices else " " * self.length
        if self.kind in _NUMERIC:
            return f"{value:0{self.length}d}" if isinstance(value, int) else str(value)
        if self.kind in _DATES:
            none = "000000" if self.kind is Kind.DATE else " " * self.length
            return f"{value:%y%m%d}" if isinstance(value, date) else none
        return str(value).ljust(self.length)


def day_of(text: str) -> date | None:
    """Return the day of six characters, YYMMDD, or None for zeros and blanks. Raises `ValueError`."""
    if not text.strip(" 0"):
        return None
    return date(_CENTURY + int(text[:2]), int(text[2:4]), int(text[4:]))
