"""Dialects: the CSV format of a file, and its lines that are neither header nor row."""

import codecs
from dataclasses import dataclass, replace
from typing import Final, Self

from pipelines.imports.declarations import Declaration

_WIDE: Final = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
_UNSTEADY: Final = ("utf-7", "hz", "unicode_escape", "raw_unicode_escape", "punycode", "idna")
"""Codecs in which an ASCII character may mean another one."""

_NO_QUOTE: Final = "none"
_LINES_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class Dialect:
    """The CSV format of a file; Parquet files need none.

    `quote` is None if no field is quoted. `has_sep_line` means that the first line is `sep=` with the delimiter;
    `skip_lines` more lines precede the header, or the header is the first row that has the columns (`finds_header`), or
    there is none and `columns` names them. `footer_lines` at the end, not counting blank lines, and rows that begin
    with one of `skip_beginning` are excluded. Rows may have one empty field more than the header if they end in a
    delimiter (`ends_in_delimiter`), and `trims` strips blanks from every name and field.
    """

    delimiter: str = ","
    quote: str | None = '"'
    encoding: str = "utf-8"
    has_sep_line: bool = False
    skip_lines: int = 0
    finds_header: bool = False
    columns: tuple[str, ...] = ()
    footer_lines: int = 0
    skip_beginning: tuple[str, ...] = ()
    ends_in_delimiter: bool = False
    trims: bool = False

    @property
    def is_wide(self) -> bool:
        """True if a line break is more than one byte, so that lines are split after decoding."""
        return self.encoding in _WIDE

    @property
    def cuts_by_place(self) -> bool:
        """True if some lines are excluded only because of their place."""
        return bool(self.footer_lines or (self.columns and self.skip_lines))

    def of_one_row(self) -> Self:
        """Return the dialect for a row with its header, taken out of its file."""
        return replace(self, has_sep_line=False, skip_lines=0, finds_header=False, footer_lines=0, skip_beginning=())


def declared_dialect(section: Declaration | None) -> Dialect:
    """Parse the dialect of a mapping. Raises `InvalidInput`."""
    if section is None:
        return Dialect()
    quote, header = section.text("quote", '"'), section.choice("header", ("first", "find"), "first")
    dialect = Dialect(
        delimiter=section.text("delimiter", ","),
        quote=None if quote == _NO_QUOTE else quote,
        encoding=_encoding(section, section.text("encoding", "utf-8")),
        has_sep_line=section.flag("sep_line"),
        skip_lines=_lines(section, "skip_lines"),
        finds_header=header == "find",
        columns=section.some("columns"),
        footer_lines=_lines(section, "footer_lines"),
        skip_beginning=section.some("skip_beginning"),
        ends_in_delimiter=section.flag("trailing_delimiter"),
        trims=section.flag("trim"),
    )
    _check(section, dialect)
    section.done()
    return dialect


def _check(section: Declaration, dialect: Dialect) -> None:
    if len(dialect.delimiter) != 1 or (dialect.quote is not None and len(dialect.quote) != 1):
        raise section.wrong(r'needs delimiter and quote of one character each; a tab is "\t", no quotes are "none"')
    if dialect.delimiter == dialect.quote or {dialect.delimiter, dialect.quote} & {"\n", "\r"}:
        raise section.wrong("needs a delimiter and a quote that differ and are no line breaks")
    if dialect.finds_header and dialect.columns:
        raise section.wrong('names columns for a file without a header, and says header = "find"; say one of them')
    if len(set(dialect.columns)) < len(dialect.columns):
        raise section.wrong("has a name twice in columns; give each column a name of its own")


def _lines(section: Declaration, key: str) -> int:
    count = section.whole(key) or 0
    if count > _LINES_MAX:
        raise section.wrong(f"has {key} = {count}; it is {_LINES_MAX} at most")
    return count


def _encoding(section: Declaration, name: str) -> str:
    """Return the codec's canonical name; it must be a superset of ASCII, or UTF-16 or UTF-32."""
    ascii_bytes = bytes(range(128))
    try:
        found = codecs.lookup(name).name
        plain = found not in _UNSTEADY and codecs.encode(ascii_bytes.decode(), found) == ascii_bytes
    except (LookupError, TypeError, ValueError):
        found, plain = "", False
    if found == "utf-8-sig":
        return "utf-8"  # a byte order mark at the beginning is removed in any case
    if not plain and found not in _WIDE:
        raise section.wrong(
            f"has an encoding {name!r} that files are not read in; use utf-8, utf-16, cp1252, cp1250, latin-1 or "
            "another one that holds ASCII as it is"
        )
    return found
