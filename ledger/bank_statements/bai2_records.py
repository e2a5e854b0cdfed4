"""Logical records of BAI2: a physical line with its continuations, read field by field."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from ledger.bank_statements.text_lines import TextLine, text_lines
from ledger.kernel.errors import InvalidFormat

_CODES: Final = ("01", "02", "03", "16", "49", "98", "99")
_SIGNED: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_CONTINUATIONS_MAX: Final = 10_000


@dataclass(slots=True)
class LogicalRecord:
    """A record with its continuations; fields are taken one by one, and a missing one at the end is empty.

    A slash ends a line's fields. Where a line has none, the line break ends them, as many banks write it.
    """

    code: str
    number: int
    texts: list[str]
    lines: int = 1
    _fields: list[str] = field(default_factory=list)
    _next_text: int = 0

    @property
    def place(self) -> str:
        """The line and record in words, for messages."""
        return f"line {self.number}, record {self.code}"

    @property
    def is_empty(self) -> bool:
        """True if no field is left."""
        while not self._fields and self._next_text < len(self.texts):
            self._fields = self.texts[self._next_text].split(",")
            self._next_text += 1
        return not self._fields

    def next(self) -> str:
        """Take the next field, or an empty one."""
        return "" if self.is_empty else self._fields.pop(0).strip()

    def needed(self, name: str) -> str:
        """Take a field that must not be empty. Raises `InvalidFormat`."""
        if not (found := self.next()):
            raise self.wrong(name, "nothing", "the field is required")
        return found

    def signed(self, name: str) -> int | None:
        """Take an amount in minor units, or None if it is empty. Raises `InvalidFormat`."""
        found = self.next()
        if found and _SIGNED.fullmatch(found) is None:
            raise self.wrong(name, found, "an amount is digits in minor units, with a sign before them at most")
        return int(found) if found else None

    def whole(self, name: str) -> int:
        """Take a whole number, 0 if it is empty. Raises `InvalidFormat`."""
        found = self.next()
        if found and _WHOLE.fullmatch(found) is None:
            raise self.wrong(name, found, "it is a whole number")
        return int(found or "0")

    def rest(self) -> str:
        """Take all that is left as text: commas and slashes in it are part of it."""
        first = [",".join(self._fields)] if self._fields else []
        texts, self._fields = [*first, *self.texts[self._next_text :]], []
        self._next_text = len(self.texts)
        return "\n".join(text.strip() for text in texts).strip()

    def wrong(self, name: str, found: str, right: str) -> InvalidFormat:
        """Return the refusal of a field of this record."""
        return InvalidFormat(self.place, name, found, right)


def logical_records(source: BinaryIO) -> Iterator[LogicalRecord]:
    """Yield the records of a file, each with its continuations (record 88). Raises `InvalidFormat`."""
    waiting: LogicalRecord | None = None
    for line in text_lines(source):
        if not line.text.strip():
            continue
        code, comma, text = line.text[:2], line.text[2:3], line.text[3:]
        if code == "88" and waiting is not None:
            _continued(waiting, line, text)
            continue
        if code not in _CODES or comma not in (",", ""):
            raise InvalidFormat(line.place, "record code", line.text[:3], f"it is {', '.join(_CODES)} or 88")
        if waiting is not None:
            yield waiting
        waiting = LogicalRecord(code, line.number, [_ended(text)])
    if waiting is not None:
        yield waiting


def _continued(record: LogicalRecord, line: TextLine, text: str) -> None:
    if record.lines > _CONTINUATIONS_MAX:
        raise InvalidFormat(line.place, "record 88", "one more", f"a record has {_CONTINUATIONS_MAX} continuations")
    record.texts.append(_ended(text))
    record.lines += 1


def _ended(text: str) -> str:
    return text.rstrip().removesuffix("/")
