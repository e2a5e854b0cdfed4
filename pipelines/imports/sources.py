"""Sources: the declared origin of a value, evaluated for a whole chunk of rows at once.

The language has four words on purpose: `column`, `constant`, `template` ("{a}-{b}") and `bucket` (a whole number modulo
the number of names); `words` can translate each result. There are no expressions.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple, TypeVar

from ledger.book.judging.results import Result
from pipelines.imports.rules import Rule

_FIELD: Final = re.compile(r"\{\{|\}\}|\{((?:[^{}]|\{\{|\}\})+)\}")
"""A special part of a template: a doubled brace, or a name in braces."""

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,40}")


class Fault(NamedTuple):
    """The reason why a row cannot be imported: a rule to count by, the requirement, and the offending text.

    `says` contains no text of the row, which may be personal; only `found` does.
    """

    rule: Rule | Result
    says: str
    found: str = ""

    @property
    def detail(self) -> str:
        """Both texts in one, for readers of the file only."""
        return f"{self.says}: {self.found!r}" if self.found else self.says


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of a text: a template over columns, mapped to one of the buckets, translated by words.

    Empty `into` means no bucket, `words` None no translation; `otherwise` is the translation of all other words.
    `column` is set for a single plain column, whatever its name; then the template is empty. `fields` are the names in
    the template, in order, and `pattern` is the template with %s in their places.
    """

    template: str
    into: tuple[str, ...] = ()
    words: Mapping[str, str] | None = None
    otherwise: str | None = None
    column: str | None = None
    fields: tuple[str, ...] = field(init=False)
    pattern: str = field(init=False)

    def __post_init__(self) -> None:
        fields, pattern = _parsed(self.template) if self.column is None else ((self.column,), "%s")
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "pattern", pattern)

    @property
    def constant(self) -> str | None:
        """The text of every row; None if it depends on the row."""
        text = None if self.fields else _text(self)
        return None if isinstance(text, Fault) else text

    @property
    def is_column(self) -> bool:
        """True if it is a column without changes."""
        return not self.into and self.words is None and self.pattern == "%s"


Text = str | Fault
"""A row's text, or the fault in place of it."""

Columns = Mapping[str, Sequence[Text]]
"""The texts of a chunk: every column by name, all of one length."""

_T = TypeVar("_T")


def texts(source: Source, columns: Columns, size: int) -> Sequence[Text]:
    """Return the source's text in each of `size` rows."""
    if not source.fields:
        return [_text(source)] * size
    if source.is_column:
        return columns[source.fields[0]]
    return per_row(partial(_text, source), *(columns[name] for name in source.fields))


def per_row(compute: Callable[..., _T | Fault], *columns: Sequence[object]) -> list[_T | Fault]:
    """Apply `compute` to each row's values; a row with a fault keeps its first fault instead.

    Equal values are computed once: most columns of a chunk have far fewer distinct values than rows.
    """
    rows = list(zip(*columns, strict=True))
    differing = [column for column in columns if not _is_constant(column)]
    if not differing:
        return [_first_fault(rows[0]) or compute(*rows[0])] * len(rows) if rows else []
    # The cache key is as small as possible: a single value, if all other columns are constant.
    keys = differing[0] if len(differing) == 1 else list(zip(*differing, strict=True))
    faulty = any(Fault in map(type, column) for column in columns)
    distinct = dict(zip(keys, rows, strict=True))
    found = {key: (_first_fault(values) if faulty else None) or compute(*values) for key, values in distinct.items()}
    return list(map(found.__getitem__, keys))


def _parsed(template: str) -> tuple[tuple[str, ...], str]:
    """Return a template's names, and the template with %s in their places. Raises `ValueError` for a lone brace."""
    if {"{", "}"} & set(_FIELD.sub("", template)):
        raise ValueError(template)
    fields: list[str] = []

    def placed(part: re.Match[str]) -> str:
        if part[1] is None:
            return part[0][0]
        fields.append(part[1].replace("{{", "{").replace("}}", "}").replace("%%", "%"))
        return "%s"

    pattern = _FIELD.sub(placed, template.replace("%", "%%"))
    return tuple(fields), pattern


def _is_constant(column: Sequence[object]) -> bool:
    return bool(column) and column[0] == column[-1] and column.count(column[0]) == len(column)


def _first_fault(values: tuple[object, ...]) -> Fault | None:
    return next((value for value in values if isinstance(value, Fault)), None)


def _text(source: Source, *values: str) -> Text:
    text = source.pattern % values
    if source.into:
        if _WHOLE.fullmatch(text) is None:
            return Fault(Rule.NOT_A_WHOLE_NUMBER, "buckets are chosen by a whole number", text)
        text = source.into[int(text) % len(source.into)]
    if source.words is None:
        return text
    word = source.words.get(text, source.otherwise)
    return Fault(Rule.UNKNOWN_WORD, "the text is none of the mapping's words", text) if word is None else word
