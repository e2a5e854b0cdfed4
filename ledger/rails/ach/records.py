"""Records of an ACH file by their layouts: parsed from 94 characters, made from values, written as 94 characters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import Final, NamedTuple

from ledger.kernel.errors import InvalidInput
from ledger.rails.ach.errors import Fault, InvalidAchFile
from ledger.rails.ach.fields import Field, Value

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
        if (found := self._pattern.fullmatch(text)) is not None:
            try:
                values = map(Field.value, self.valued, found.groups())
                return Record(self, dict(zip(self._names, values, strict=True)), line)
            except ValueError:
                pass  # a day that no month has: found below
        raise InvalidAchFile(list(self._faults(text, line)))

    def record(self, **values: Value) -> "Record":
        """Make a record from values; texts, optional digits and dates may be left out. Raises `InvalidInput`."""
        if unknown := values.keys() - set(self._names):
            raise InvalidInput(
                f"{self.name} has no field {', '.join(sorted(unknown))}; it has {', '.join(self._names)}"
            )
        if missing := [each.name for each in self.valued if each.name not in values and not each.is_optional]:
            raise InvalidInput(f"{self.name} needs {', '.join(missing)}")
        texts = [(field, field.text(values.get(field.name, ""))) for field in self.valued]
        if faults := [fault for field, text in texts if (fault := self._fault(field, text, 0)) is not None]:
            raise InvalidAchFile(faults)
        return Record(self, {field.name: field.value(text) for field, text in texts}, 0)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.valued)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("".join(f.pattern if f.is_constant else f"({f.pattern})" for f in self.fields))

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
    """A record with the values of its fields; `line` is where it was read, 0 if it was made."""

    __slots__ = ("layout", "line", "values")

    def __init__(self, layout: Layout, values: Mapping[str, Value], line: int) -> None:
        self.layout, self.values, self.line = layout, values, line

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self.layout is other.layout and self.values == other.values

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        """Return its 94 characters."""
        return "".join(
            field.choices[0]
            if len(field.choices) == 1
            else field.text("" if field.is_constant else self.values[field.name])
            for field in self.layout.fields
        )

    def __repr__(self) -> str:
        """Name the layout and the line, and no value: values are personal."""
        return f"<{self.layout.name}, line {self.line}>"

    def has(self, name: str) -> bool:
        """Return whether its layout has a field of that name."""
        return name in self.values

    def number(self, name: str) -> int:
        """Return the value of a numeric field; an amount in cents."""
        value = self.values[name]
        assert isinstance(value, int), name
        return value

    def text(self, name: str) -> str:
        """Return the value of a field of characters, without the blanks on its right."""
        value = self.values[name]
        assert isinstance(value, str), name
        return value

    def day(self, name: str) -> date | None:
        """Return the value of a date field."""
        value = self.values[name]
        assert value is None or isinstance(value, date), name
        return value

    def changed(self, **values: Value) -> "Record":
        """Make the same record with some values changed. Raises `InvalidInput`."""
        return self.layout.record(**{**self.values, **values})

    def fault(self, name: str, expected: str) -> Fault:
        """State what would be right for one of its fields."""
        place = self.layout.place(name)
        return Fault(self.line, self.layout.name, place.field.title, str(self)[place.columns], expected)
