"""Dates: parses dates and instants by a declared format, without calendars and time zones."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

ISO: Final = "iso"
"""An ISO date, `2024-01-05` or `20240105`, alone or with a time of day."""

SERIALS: Final = {"excel": date(1899, 12, 30), "excel-1904": date(1904, 1, 1)}
"""Serial day numbers of spreadsheets, each with its own day zero; the fraction is the time of day."""

DateReader = Callable[[str], date | datetime]
"""Returns a date if the text has no time of day, otherwise a naive or aware instant. Raises `ValueError`."""

_ISO: Final = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})"
    r"(?:[T ](?P<time>[0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2}(?:[.,][0-9]{1,6}0*)?)?)?)"
    r"(?P<zone> ?(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
_SECONDS_LENGTH: Final = len("2024-01-05 09:30:00")
_SECONDS_SIGNS: Final = {("-", "-", between, ":", ":") for between in " T"}
_SERIAL: Final = re.compile(r"(?P<days>[0-9]{1,7})(?:\.(?P<part>[0-9]{1,18}))?")
_EXCEL_MARCH_1900: Final = 61
_DAY_SECONDS: Final = 86_400

# English names, whatever the locale of this process.
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBERS: Final = {"d": 2, "m": 2, "y": 2, "H": 2, "I": 2, "M": 2, "S": 2, "Y": 4, "j": 3}
_COMPOSED: Final = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y", "e": "%d"}
_TIME_OF_DAY: Final = frozenset("HIMSfp")
_SHORT_YEAR_PIVOT: Final = 69
_DIRECTIVE: Final = re.compile(r"%-?(.)|(\s+)|([^%\s]+)|(%)")


def date_reader(form: str, months: Sequence[str] = ()) -> DateReader:
    """Return the reader of a format: `iso`, `excel`, `excel-1904`, or `strptime` directives; `months` are names for %b.

    Digits are 0 to 9. A number may lack leading zeros if it has a sign on both sides, but never beside another number.
    Raises `ValueError`, which names the unsupported part of the format.
    """
    if form == ISO:
        return _read_iso
    if form in SERIALS:
        return lambda text: _read_serial(text, SERIALS[form])
    return _Form(form, months).read


class _Form:
    """A format of `strptime` directives, compiled into one pattern."""

    def __init__(self, form: str, months: Sequence[str]) -> None:
        self._months = [_folded(name) for name in months]
        parts = list(_parts(form))
        self._fields = [letter for letter, _ in parts if letter]
        self._require_a_day()
        self._pattern = re.compile("".join(self._piece(parts, at) for at in range(len(parts))), re.IGNORECASE)
        self._has_time = bool(_TIME_OF_DAY & set(self._fields))

    def read(self, text: str) -> date | datetime:
        """Parse the date or instant; the whole text must match."""
        found = self._pattern.fullmatch(text.strip())
        if found is None:
            raise ValueError(text)
        said = found.groupdict()
        day = self._day(said)
        if "a" in said and _place(said["a"], _DAYS) != day.weekday():
            raise ValueError(text)
        if not self._has_time:
            return day
        minute, second = int(said.get("M") or 0), int(said.get("S") or 0)
        micros = int((said.get("f") or "0").ljust(6, "0"))
        zone = _zone(said["z"]) if "z" in said else None
        return datetime(day.year, day.month, day.day, _hour(said), minute, second, micros, tzinfo=zone)

    def _day(self, said: dict[str, str]) -> date:
        year = _year(said)
        if "j" in said:
            day = date(year, 1, 1) + timedelta(int(said["j"]) - 1)
            if day.year != year:
                raise ValueError(said["j"])
            return day
        month = int(said["m"]) if "m" in said else self._month(said["b"])
        return date(year, month, int(said["d"]))

    def _month(self, name: str) -> int:
        return (self._months.index(_folded(name)) if self._months else _place(name, _MONTHS)) + 1

    def _require_a_day(self) -> None:
        fields = set(self._fields)
        if len(fields) != len(self._fields):
            raise ValueError("it says the same twice")
        if len(fields & {"Y", "y"}) != 1 or (
            "j" not in fields and (len(fields & {"m", "b"}) != 1 or "d" not in fields)
        ):
            raise ValueError("it needs a year, a month and a day, such as %d.%m.%Y")
        if ("I" in fields) != ("p" in fields) or {"I", "H"} <= fields:
            raise ValueError("%I goes with %p, and never with %H")

    def _piece(self, parts: list[tuple[str, str]], at: int) -> str:
        letter, text = parts[at]
        if not letter:
            return r"\s+" if text.isspace() else re.escape(text)
        if letter == "b":
            return f"(?P<b>{'|'.join(map(re.escape, sorted(self._names(), key=len, reverse=True)))})"
        if letter == "a":
            return f"(?P<a>{'|'.join(f'{name}|{name[:3]}' for name in _DAYS)})"
        if letter in _NUMBERS:
            width = _NUMBERS[letter]
            beside = any(0 <= near < len(parts) and parts[near][0] in {*_NUMBERS, "f"} for near in (at - 1, at + 1))
            return f"(?P<{letter}>[0-9]{{{width if beside or letter in 'Yy' else 1},{width}}})"
        return {"f": "(?P<f>[0-9]{1,6})", "p": "(?P<p>AM|PM)", "z": "(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})"}[letter]

    def _names(self) -> list[str]:
        return self._months or [*(_folded(each) for name in _MONTHS for each in (name, name[:3])), "sept"]


def _parts(form: str) -> Iterator[tuple[str, str]]:
    """Yield the format's parts: a directive's letter, or plain text."""
    for directive, blanks, text, alone in _DIRECTIVE.findall(form):
        letter = {"B": "b", "h": "b", "A": "a"}.get(directive, directive)
        if directive == "%":
            yield "", "%"
        elif directive in _COMPOSED:
            yield from _parts(_COMPOSED[directive])
        elif letter in {*_NUMBERS, *"bafpz"}:
            yield letter, ""
        elif directive or alone:
            raise ValueError(f"%{directive} is not read; use {' '.join(f'%{each}' for each in 'YymdbHIMSfpzja')}")
        else:
            yield "", blanks or text


def _read_iso(text: str) -> date | datetime:
    if len(text) == _SECONDS_LENGTH and (text[4], text[7], text[10], text[13], text[16]) in _SECONDS_SIGNS:
        return datetime.fromisoformat(text)  # by far the most frequent format, at a tenth of the time
    found = _ISO.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    if found["time"] is None:
        return date.fromisoformat(found["day"])
    whole = f"{found['day']}T{found['time'].replace(',', '.')}{(found['zone'] or '').strip().upper()}"
    return datetime.fromisoformat(whole)


def _read_serial(text: str, zero: date) -> date | datetime:
    """Parse a spreadsheet's day number; a time of day is rounded to the second, as spreadsheets show it."""
    found = _SERIAL.fullmatch(text.strip())
    if found is None or (zero == SERIALS["excel"] and int(found["days"]) < _EXCEL_MARCH_1900):
        raise ValueError(text)  # before March 1900, spreadsheets count a day that did not exist
    day = zero + timedelta(int(found["days"]))
    part = found["part"] or ""
    if not part.strip("0"):
        return day
    seconds = (2 * int(part) * _DAY_SECONDS + 10 ** len(part)) // (2 * 10 ** len(part))
    return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)  # noqa: DTZ001  # naive: the mapping has the zone


def _year(said: dict[str, str]) -> int:
    if "Y" in said:
        return int(said["Y"])
    short = int(said["y"])
    return short + (1900 if short >= _SHORT_YEAR_PIVOT else 2000)


def _hour(said: dict[str, str]) -> int:
    if "p" not in said:
        return int(said.get("H") or 0)
    hour = int(said["I"])
    if not 1 <= hour <= 12:  # noqa: PLR2004  # hours of a clock face
        raise ValueError(said["I"])
    return hour % 12 + (12 if said["p"].upper() == "PM" else 0)


def _zone(text: str) -> timezone:
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if minutes > 59:  # noqa: PLR2004  # minutes of an hour
        raise ValueError(text)
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if text[0] == "-" else away)


def _place(name: str, names: Sequence[str]) -> int:
    """Return the index of the name, given in full or by its first three letters."""
    return [each[:3].casefold() for each in names].index(name[:3].casefold())


def _folded(name: str) -> str:
    return name.casefold()
