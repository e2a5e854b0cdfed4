"""Parquet files: read in batches of rows with every column as text, like the rows of CSV files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ledger.kernel.errors import InvalidInput
from pipelines.imports.chunks import Chunk, HistoryFile, WholeRow, places_of
from pipelines.imports.rules import Rule
from pipelines.imports.sources import Fault, Text

MAGIC: Final = b"PAR1"
"""The first bytes of a Parquet file."""

CELL_CHARACTERS_MAX: Final = 10_000
"""The longest text of a cell; a row with a longer one is rejected, and its text is stored truncated."""

_UNPACKED_AT_ONCE: Final = 64 << 20
"""The most bytes that are unpacked at a time, however small the file is."""


def open_parquet(path: Path, columns: Sequence[str]) -> HistoryFile:
    """Open a Parquet file that has `columns`, each of an exact type. Raises `InvalidInput`, `OSError`."""
    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except pa.ArrowException as fault:
        raise _unreadable(path, fault) from fault
    places = places_of(path.name, columns, schema.names)
    for name, place in places.items():
        _require_exact(path, name, schema.field(place).type)
    size = path.stat().st_size
    return HistoryFile(path, size, lambda batch: _chunks(path, columns, size=size, total=rows, rows=batch))


def parquet_columns(path: Path) -> list[str]:
    """Return the columns with an exact type. Raises `InvalidInput`, `OSError`."""
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
    except pa.ArrowException as fault:
        raise _unreadable(path, fault) from fault
    return [name for name in dict.fromkeys(schema.names) if _is_exact(schema.field(schema.names.index(name)).type)]


def _chunks(path: Path, columns: Sequence[str], *, size: int, total: int, rows: int) -> Iterator[Chunk]:
    done, again = 0, _WholeRows(path, rows)
    try:
        with _opened(path) as file:
            for batch in file.iter_batches(batch_size=_at_once(file, rows), columns=list(columns), use_threads=False):
                first, done = done + 1, done + batch.num_rows
                texts = {name: list(map(_whole_cell, _texts(batch.column(name)))) for name in columns}
                numbers = frozenset(name for name in columns if _is_number(_plain_type(batch.column(name).type)))
                yield Chunk(range(first, done + 1), texts, (), size * done // total, again.at, numbers)
    except (pa.ArrowException, UnicodeDecodeError) as fault:
        raise _unreadable(path, fault) from fault


class _WholeRows:
    """A second reader of the file, up to its last rejected row, with all columns of an exact type."""

    def __init__(self, path: Path, rows: int) -> None:
        self._batches = self._read(path, rows)
        self._batch, self._before = pa.record_batch({}), 0

    def at(self, lines: Sequence[int]) -> list[WholeRow]:
        """Return the rows at these row numbers, which never go back over a batch."""
        found = []
        for line in lines:
            while line > self._before + self._batch.num_rows:
                self._before += self._batch.num_rows
                self._batch = next(self._batches)
            row = self._batch.slice(line - self._before - 1, 1)
            cells = {name: _texts(row.column(name))[0] for name in row.schema.names}
            numbers = [field.name for field in row.schema if _is_number(_plain_type(field.type))]
            found.append(WholeRow(columns=cells, numbers=numbers))
        return found

    @staticmethod
    def _read(path: Path, rows: int) -> Iterator[pa.RecordBatch]:
        with _opened(path) as file:
            schema = file.schema_arrow
            columns = [name for name in dict.fromkeys(schema.names) if _is_exact(schema.field(name).type)]
            yield from file.iter_batches(batch_size=_at_once(file, rows), columns=columns, use_threads=False)


def _opened(path: Path) -> pq.ParquetFile:
    """Open the file with dictionary columns kept as such: a few bytes can stand for gigabytes of text."""
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
    texts = [field.name for field in schema if _is_text(field.type)]
    return pq.ParquetFile(path, read_dictionary=texts)


def _at_once(file: pq.ParquetFile, rows: int) -> int:
    """Return the number of rows to read at a time, so that their unpacked size stays bounded."""
    metadata = file.metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    row_bytes = max((group.total_byte_size // max(group.num_rows, 1) for group in groups), default=0)
    return max(1, min(rows, _UNPACKED_AT_ONCE // max(row_bytes, 1)))


def _whole_cell(text: str) -> Text:
    if len(text) > CELL_CHARACTERS_MAX:
        return Fault(Rule.UNUSABLE_TEXT, f"a text has more than {CELL_CHARACTERS_MAX:,} characters")
    return text


def _require_exact(path: Path, name: str, kind: pa.DataType) -> None:
    if pa.types.is_floating(_plain_type(kind)):
        raise InvalidInput(f"{path.name} has floats in column {name!r}; amounts and ids must be integer or decimal")
    if not _is_exact(kind):
        raise InvalidInput(f"{path.name} has {kind} in column {name!r}; write integers, decimals, text or timestamps")


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the value type inside of dictionary and extension types; a UUID stays one."""
    while pa.types.is_dictionary(kind) or (isinstance(kind, pa.BaseExtensionType) and not _is_uuid(kind)):
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind.storage_type
    return kind


def _is_uuid(kind: pa.DataType) -> bool:
    return isinstance(kind, pa.BaseExtensionType) and kind.extension_name == "arrow.uuid"


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def _is_exact(kind: pa.DataType) -> bool:
    exact = (
        _is_uuid,
        _is_number,
        _is_text,
        pa.types.is_timestamp,
        pa.types.is_date,
        pa.types.is_time,
        pa.types.is_boolean,
        pa.types.is_null,
    )
    plain = _plain_type(kind)
    return any(is_kind(plain) for is_kind in exact)


def _texts(column: pa.Array) -> list[str]:
    """Return the texts of a column, "" for null. Timestamps with a zone end in Z."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        words = _texts(column.dictionary)
        return ["" if at is None else words[at] for at in column.indices.to_pylist()]
    if _is_uuid(kind):
        return ["" if value is None else str(UUID(bytes=value)) for value in column.storage.to_pylist()]
    if isinstance(kind, pa.BaseExtensionType):
        return _texts(column.storage)
    if pa.types.is_null(kind):
        return [""] * len(column)
    if pa.types.is_decimal(kind):
        return ["" if value is None else format(value, "f") for value in column.to_pylist()]
    if pa.types.is_timestamp(kind):
        # Nanoseconds as text would silently lose their last digits when parsed; this cast fails instead.
        column = pc.cast(column, pa.timestamp("us", tz="UTC" if kind.tz else None))
    if pa.types.is_date64(kind):
        column = pc.cast(column, pa.date32())
    # A long text is truncated before Python creates an object per row; one more character shows the truncation.
    texts = pc.utf8_slice_codeunits(pc.cast(column, pa.string()), 0, CELL_CHARACTERS_MAX + 1)
    read: list[str] = (texts.fill_null("") if texts.null_count else texts).to_pylist()
    return read


def _unreadable(path: Path, fault: Exception) -> InvalidInput:
    return InvalidInput(f"{path.name} cannot be read as Parquet: {str(fault).splitlines()[0]}")
