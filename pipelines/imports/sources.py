"""Sources: where a mapping says that a value comes from, and its values for a whole chunk of rows at once.

The language is four words wide on purpose: `column`, `constant`, `template` ("{a}-{b}") and `bucket` (a whole number
modulo into named values); any of them may be translated by a table of `words`. There are no expressions.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple, TypeVar

from ledger.book.judging.results import Result
from pipelines.imports.rules import Rule

_FIELD: Final = re.compile(r"\{\{|\}\}|\{((?:[^{}]|\{\{|\}\})+)\}")
"""A part of a template that is no plain text: a brace, which is written twice, or a name in braces."""

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,40}")


class Fault(NamedTuple):
    """Why a row cannot be imported: a rule to count by, what would be right, and what was found instead.

    `says` has no word of the row, which may be personal: only `found` has.
    """

    rule: Rule | Result
    says: str
    found: str = ""

    @property
    def detail(self) -> str:
        """Both in one text, for the eyes of who has the file."""
        return f"{self.says}: {self.found!r}" if self.found else self.says


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text comes from: a template over columns, put into one of the buckets, translated by words.

    `into` empty means no bucket, `words` None no translation; `otherwise` is the translation of all other words.
    `column` is the one column that it is made of, whatever its name; then the template is empty. `fields` are the names
    that it needs, in their order, and `pattern` is the template with %s in their places.
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
        """The text that it gives in every row; None where it depends on the row."""
        text = None if self.fields else _text(self)
        return None if isinstance(text, Fault) else text

    @property
    def is_column(self) -> bool:
        """Whether it is a column as it stands."""
        return not self.into and self.words is None and self.pattern == "%s"


Text = str | Fault
"""A row's text, or why it has none."""

Columns = Mapping[str, Sequence[Text]]
"""The texts of a chunk: every column by its name, all of one length."""

_T = TypeVar("_T")


def texts(source: Source, columns: Columns, size: int) -> Sequence[Text]:
    """The source's text in each of `size` rows."""
    if not source.fields:
        return [_text(source)] * size
    if source.is_column:
        return columns[source.fields[0]]
    return per_row(partial(_text, source), *(columns[name] for name in source.fields))


def per_row(compute: Callable[..., _T | Fault], *columns: Sequence[object]) -> list[_T | Fault]:
    """What `compute` makes of each row's values; the first fault among them passes through instead.

    Equal values are computed once: most columns of a chunk have far fewer of them than rows.
    """
    rows = list(zip(*columns, strict=True))
    differing = [column for column in columns if not _is_constant(column)]
    if not differing:
        return [_first_fault(rows[0]) or compute(*rows[0])] * len(rows) if rows else []
    # What tells rows apart is as little as possible: one value, where all other columns are constant.
    keys = differing[0] if len(differing) == 1 else list(zip(*differing, strict=True))
    faulty = any(Fault in map(type, column) for column in columns)
    distinct = dict(zip(keys, rows, strict=True))
    found = {key: (_first_fault(values) if faulty else None) or compute(*values) for key, values in distinct.items()}
    return list(map(found.__getitem__, keys))


def _parsed(template: str) -> tuple[tuple[str, ...], str]:
    """The names in a template, and it with %s in their places. Raises `ValueError` for a brace that is alone."""
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
