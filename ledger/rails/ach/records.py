"""Records of an ACH file by their layouts: parsed from 94 characters, made from values, written as 94 characters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final, NamedTuple

from ledger.kernel.errors import InvalidInput
from ledger.rails.ach.errors import Fault, InvalidAchFile
from ledger.rails.ach.fields import Field, Kind, Value

RECORD_LENGTH: Final = 94
"""Characters of every record (Nacha Operating Rules, Appendix Three)."""


class Place(NamedTuple):
    """A field with its first position, counted from 1 as the rules do."""

    field: Field
    start: int

    @property
    def columns(self) -> slice:
        """Return where its characters are in the record."""
        return slice(self.start - 1, self.start - 1 + self.field.length)


@dataclass(frozen=True, eq=False)
class Layout:
    """A kind of record: its name, and its fields from the first to the last character."""

    name: str
    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        """Hold that the fields fill the record, and that no two have the same name."""
        assert sum(field.length for field in self.fields) == RECORD_LENGTH, self.name
        names = [field.name for field in self.valued]
        assert len(set(names)) == len(names), self.name

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Return every field with where it starts."""
        starts = accumulate((field.length for field in self.fields), initial=1)
        return tuple(map(Place, self.fields, starts))

    @cached_property
    def valued(self) -> tuple[Field, ...]:
        """Return the fields that carry a value."""
        return tuple(field for field in self.fields if not field.is_constant)

    def place(self, name: str) -> Place:
        """Return where a field is; a name that no field has is a bug."""
        return next(place for place in self.places if place.field.name == name)

    def parse(self, text: str, line: int) -> "Record":
        """Parse a record. Raises `InvalidAchFile` with every field that is at fault."""
        if self._pattern.fullmatch(text) is None or (self._dates and any(self._faults(text, line))):
            raise InvalidAchFile(list(self._faults(text, line)))
        return Record(self, text, line)

    def record(self, **values: Value) -> "Record":
        """Make a record from values; texts, optional digits and dates may be left out. Raises `InvalidInput`."""
        if unknown := values.keys() - self.columns.keys():
            raise InvalidInput(
                f"{self.name} has no field {', '.join(sorted(unknown))}; it has {', '.join(self.columns)}"
            )
        if missing := [each.name for each in self.valued if each.name not in values and not each.is_optional]:
            raise InvalidInput(f"{self.name} needs {', '.join(missing)}")
        texts = [(field, field.text(values.get(field.name, ""))) for field in self.fields]
        if faults := [fault for field, text in texts if (fault := self._fault(field, text, 0)) is not None]:
            raise InvalidAchFile(faults)
        return Record(self, "".join(text for _, text in texts), 0)

    @cached_property
    def columns(self) -> Mapping[str, slice]:
        """Return where the characters of each field are that carries a value, by its name."""
        return {place.field.name: place.columns for place in self.places if not place.field.is_constant}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("".join(field.pattern for field in self.fields))

    @cached_property
    def _dates(self) -> bool:
        return any(field.kind in {Kind.DATE, Kind.OPTIONAL_DATE} for field in self.fields)

    def written(self, text: str) -> str:
        """Return the characters of a record as they are written: fillers as blanks, a date that is none as zeros."""
        if not self._rewritten:
            return text
        return "".join(
            place.field.text(place.field.value(text[place.columns]))
            if place in self._rewritten
            else text[place.columns]
            for place in self.places
        )

    @cached_property
    def _rewritten(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.field.kind in {Kind.DATE, Kind.OPTIONAL_DATE, Kind.FILLER})

    def _faults(self, text: str, line: int) -> Iterator[Fault]:
        """Find each field whose characters are not what they should be."""
        for place in self.places:
            if (fault := self._fault(place.field, text[place.columns], line)) is not None:
                yield fault

    def _fault(self, field: Field, text: str, line: int) -> Fault | None:
        try:
            if re.fullmatch(field.pattern, text):
                field.value(text)
                return None
        except ValueError:
            pass
        return Fault(line, self.name, field.title, text, field.says)


class Record:
    """A record: its characters, of which each value is read when it is asked for.

    `line` is where it was read, and 0 if it was made. `Layout` makes records; the characters are those of its layout.
    """

    __slots__ = ("_text", "layout", "line")

    def __init__(self, layout: Layout, text: str, line: int) -> None:
        self.layout, self._text, self.line = layout, text, line

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self.layout is other.layout and self.values() == other.values()

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        """Return its 94 characters, in the one way in which they are written."""
        return self.layout.written(self._text)

    def __repr__(self) -> str:
        """Name the layout and the line, and no value: values are personal."""
        return f"<{self.layout.name}, line {self.line}>"

    def has(self, name: str) -> bool:
        """Return whether its layout has a field of that name."""
        return name in self.layout.columns

    def number(self, name: str) -> int:
        """Return the value of a numeric field; an amount in cents."""
        return int(self._text[self.layout.columns[name]])

    def text(self, name: str) -> str:
        """Return the characters of a field, without the blanks on its right."""
        return self._text[self.layout.columns[name]].rstrip(" ")

    def values(self) -> dict[str, Value]:
        """Return the value of each field by its name."""
        return {field.name: field.value(self._text[self.layout.columns[field.name]]) for field in self.layout.valued}

    def changed(self, **values: Value) -> "Record":
        """Make the same record with some values changed. Raises `InvalidInput`."""
        return self.layout.record(**{**self.values(), **values})

    def fault(self, name: str, expected: str) -> Fault:
        """State what would be right for one of its fields."""
        place = self.layout.place(name)
        return Fault(self.line, self.layout.name, place.field.title, self._text[place.columns], expected)
