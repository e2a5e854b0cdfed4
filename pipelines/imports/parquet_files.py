"""Parquet files: read in batches of rows, every column as text, so that rows of both formats are one thing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ledger.kernel.errors import InvalidInput
from pipelines.imports.chunks import Chunk, HistoryFile, WholeRow, places_of

MAGIC: Final = b"PAR1"
"""What a Parquet file begins with."""


def open_parquet(path: Path, columns: Sequence[str]) -> HistoryFile:
    """A Parquet file that has `columns`, each of a type that can be read exactly. Raises `InvalidInput`, `OSError`."""
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
    """The columns that can be read exactly. Raises `InvalidInput`, `OSError`."""
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
    except pa.ArrowException as fault:
        raise _unreadable(path, fault) from fault
    return [name for name in dict.fromkeys(schema.names) if _is_exact(schema.field(schema.names.index(name)).type)]


def _chunks(path: Path, columns: Sequence[str], *, size: int, total: int, rows: int) -> Iterator[Chunk]:
    done, again = 0, _WholeRows(path, rows)
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=rows, columns=list(columns), use_threads=False):
                first, done = done + 1, done + batch.num_rows
                texts = {name: _texts(batch.column(name)) for name in columns}
                numbers = frozenset(name for name in columns if _is_number(_plain_type(batch.column(name).type)))
                yield Chunk(range(first, done + 1), texts, (), size * done // total, again.at, numbers)
    except (pa.ArrowException, UnicodeDecodeError) as fault:
        raise _unreadable(path, fault) from fault


class _WholeRows:
    """The file read once more beside the import, up to where it has rejected rows, with all columns that are exact."""

    def __init__(self, path: Path, rows: int) -> None:
        self._batches = self._read(path, rows)
        self._batch, self._before = pa.record_batch({}), 0

    def at(self, lines: Sequence[int]) -> list[WholeRow]:
        """The rows at these row numbers, which never go back over a batch."""
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
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            columns = [name for name in dict.fromkeys(schema.names) if _is_exact(schema.field(name).type)]
            yield from file.iter_batches(batch_size=rows, columns=columns, use_threads=False)


def _require_exact(path: Path, name: str, kind: pa.DataType) -> None:
    if pa.types.is_floating(_plain_type(kind)):
        raise InvalidInput(f"{path.name} has floats in column {name!r}; amounts and ids must be integer or decimal")
    if not _is_exact(kind):
        raise InvalidInput(f"{path.name} has {kind} in column {name!r}; write integers, decimals, text or timestamps")


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """The type of the values, whatever dictionary or extension they are wrapped in; a UUID stays one."""
    while pa.types.is_dictionary(kind) or (isinstance(kind, pa.BaseExtensionType) and not _is_uuid(kind)):
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind.storage_type
    return kind


def _is_uuid(kind: pa.DataType) -> bool:
    return isinstance(kind, pa.BaseExtensionType) and kind.extension_name == "arrow.uuid"


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def _is_exact(kind: pa.DataType) -> bool:
    exact = (
        _is_uuid,
        _is_number,
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_timestamp,
        pa.types.is_date,
        pa.types.is_time,
        pa.types.is_boolean,
        pa.types.is_null,
    )
    plain = _plain_type(kind)
    return any(is_kind(plain) for is_kind in exact)


def _texts(column: pa.Array) -> list[str]:
    """The texts of a column, "" for null. Timestamps with a zone end in Z."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary_decode())
    if _is_uuid(kind):
        return ["" if value is None else str(UUID(bytes=value)) for value in column.storage.to_pylist()]
    if isinstance(kind, pa.BaseExtensionType):
        return _texts(column.storage)
    if pa.types.is_null(kind):
        return [""] * len(column)
    if pa.types.is_decimal(kind):
        return ["" if value is None else format(value, "f") for value in column.to_pylist()]
    if pa.types.is_timestamp(kind):
        # Text of nanoseconds would lose its last digits unseen when it is read back; this cast refuses to lose any.
        column = pc.cast(column, pa.timestamp("us", tz="UTC" if kind.tz else None))
    if pa.types.is_date64(kind):
        column = pc.cast(column, pa.date32())
    texts = pc.cast(column, pa.string())
    read: list[str] = (texts.fill_null("") if texts.null_count else texts).to_pylist()
    return read


def _unreadable(path: Path, fault: Exception) -> InvalidInput:
    return InvalidInput(f"{path.name} cannot be read as Parquet: {str(fault).splitlines()[0]}")
