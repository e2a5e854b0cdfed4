"""Columns: converts between Arrow (IPC and Parquet) and plain Python values, in batches of rows, with strict checks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lake.columns.unpacked import unpacked_bytes
from lake.schema import ARROW_TYPES
from ledger.kernel.errors import InvalidInput

PlainColumns = dict[str, list[Any]]
"""Columns of Python values by name, None if a row has no value."""

UNPACKED_AT_ONCE: Final = 64 * 1024 * 1024
"""Maximum number of bytes of text decompressed at a time, whatever a file claims."""

UNPACKED_MAX: Final = 4 * UNPACKED_AT_ONCE
"""Maximum number of bytes of such texts in a request body; the operator's own files have no limit."""

TEXT_UNITS_MAX: Final = 2_001
"""The number of characters of a text that are read: longer than any column accepts, so that the text is refused."""

_PARQUET: Final = b"PAR1"
_IPC_FILE: Final = b"ARROW1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EXACT: Final[Mapping[type, tuple[Callable[[pa.DataType], bool], ...]]] = {
    str: (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        lambda kind: isinstance(kind, pa.UuidType),
    ),
    int: (pa.types.is_integer, pa.types.is_decimal),
    datetime: (lambda kind: pa.types.is_timestamp(kind) and kind.tz is not None, pa.types.is_date),
}
_WANTED: Final[Mapping[type, str]] = {str: "string", int: "int64", datetime: 'timestamp[us, tz="UTC"] or date32'}


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """A file or request body whose columns have the right types.

    `rows` is the number of rows that it claims, and `unpacked_bytes` the memory that they take, each None if only
    reading it tells; `read` returns its Arrow batches anew.
    """

    name: str
    rows: int | None
    unpacked_bytes: int | None
    read: Callable[[int], Iterator[pa.RecordBatch]]

    def batches(self, rows: int, *, whole: str) -> Iterator[PlainColumns]:
        """Yield batches of up to `rows` rows; adjacent rows with the same value in the column `whole` stay together.

        Raises `InvalidInput` if reading fails, or if more rows than a batch have to stay together.
        """
        with _telling(self.name):
            for table in _cut(self, rows, whole):
                yield {
                    name: [value for part in table.column(name).chunks for value in _plain(part)]
                    for name in table.column_names
                }


def open_columns(source: Path | bytes, wanted: Mapping[str, type]) -> ColumnSource:
    """Open Parquet, or an Arrow IPC file or stream, distinguished by the first bytes.

    Raises `InvalidInput` for other formats, and for columns that `wanted` does not have or that have another type;
    `OSError` if a file cannot be read.
    """
    name = source.name if isinstance(source, Path) else "the body"
    with _telling(name):
        with _opened(source) as stream:
            magic = stream.read(len(_IPC_FILE))
        opened = _of_parquet(source) if magic.startswith(_PARQUET) else _of_ipc(source, name, magic)
    schema, rows, size, read = opened
    _require_types(name, schema, wanted)
    return ColumnSource(name, rows, size, read)


def arrow_batch(columns: Mapping[str, Sequence[object]], types: Mapping[str, type]) -> pa.RecordBatch:
    """Convert plain columns to one Arrow batch with the types of the lake."""
    return pa.record_batch([pa.array(columns[name], ARROW_TYPES[types[name]]) for name in types], arrow_fields(types))


def arrow_fields(types: Mapping[str, type]) -> pa.Schema:
    """Return the Arrow schema of plain columns."""
    return pa.schema([pa.field(name, ARROW_TYPES[kind]) for name, kind in types.items()])


@contextmanager
def written_columns(
    path: Path, types: Mapping[str, type]
) -> Iterator[Callable[[Mapping[str, Sequence[object]]], None]]:
    """Open a file for batches of columns: Parquet, or an Arrow IPC file if its name ends in `.arrow` or `.feather`.

    The file gets its name when the block succeeds; before that it has another name. Raises `OSError`.
    """
    schema, unfinished = arrow_fields(types), path.with_name(f"{path.name}.unfinished")
    is_arrow = path.suffix in (".arrow", ".feather")
    try:
        with pa.ipc.new_file(str(unfinished), schema) if is_arrow else pq.ParquetWriter(unfinished, schema) as file:
            yield lambda columns: file.write_batch(arrow_batch(columns, types))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


_Opened = tuple[pa.Schema, int | None, int | None, Callable[[int], Iterator[pa.RecordBatch]]]


def _of_parquet(source: Path | bytes) -> _Opened:
    with _opened(source) as stream, pq.ParquetFile(stream) as file:
        schema, metadata = file.schema_arrow, file.metadata
        size = sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
    growing = _growing(metadata)
    # Texts stay dictionary-encoded: a repeated text is held once, however long it is.
    texts = [
        field.name
        for field in schema
        if field.name not in growing and (pa.types.is_string(field.type) or pa.types.is_large_string(field.type))
    ]
    # In other encodings each value may be as long as the whole column in the file, for a few bytes each.
    at_once = UNPACKED_AT_ONCE // max(growing.values(), default=1) or 1

    def read(rows: int) -> Iterator[pa.RecordBatch]:
        unpacked = 0
        with _opened(source) as stream, pq.ParquetFile(stream, read_dictionary=texts) as file:
            for batch in file.iter_batches(batch_size=min(rows, at_once), use_threads=False):
                unpacked += batch.nbytes if growing and isinstance(source, bytes) else 0
                if unpacked > UNPACKED_MAX:
                    raise InvalidInput(f"the body takes more than {UNPACKED_MAX:,} bytes unpacked; send it in several")
                yield batch

    return schema, metadata.num_rows, size, read


def _growing(metadata: pq.FileMetaData) -> dict[str, int]:
    """Return the columns in which a text is stored as the difference from the one before, with their chunks' size."""
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    chunks = [group.column(at) for group in groups for at in range(group.num_columns)]
    sizes: dict[str, int] = {}
    for chunk in chunks:
        if "DELTA_BYTE_ARRAY" in chunk.encodings:
            sizes[chunk.path_in_schema] = max(sizes.get(chunk.path_in_schema, 1), chunk.total_uncompressed_size)
    return sizes


def _of_ipc(source: Path | bytes, name: str, magic: bytes) -> _Opened:
    is_file = magic == _IPC_FILE
    if not is_file and magic[:4] != b"\xff\xff\xff\xff":
        raise InvalidInput(f"{name} is neither Parquet nor Arrow IPC; send one of these, as a file or a stream")

    def read(_rows: int) -> Iterator[pa.RecordBatch]:
        with _opened(source) as stream:
            if is_file:
                with pa.ipc.open_file(stream) as file:
                    yield from (file.get_batch(at) for at in range(file.num_record_batches))
            else:
                with pa.ipc.open_stream(stream) as batches:
                    yield from batches

    with _opened(source) as stream, (pa.ipc.open_file if is_file else pa.ipc.open_stream)(stream) as file:
        size = None if is_file or isinstance(source, Path) else unpacked_bytes(source)
        return file.schema, None, size, read


def _opened(source: Path | bytes) -> pa.NativeFile:
    return pa.OSFile(str(source)) if isinstance(source, Path) else pa.BufferReader(source)


def _require_types(name: str, schema: pa.Schema, wanted: Mapping[str, type]) -> None:
    for field in schema:
        if field.name not in wanted:
            raise InvalidInput(f"{name} has a column {field.name!r}; columns are {', '.join(wanted)}")
        if schema.names.count(field.name) > 1:
            raise InvalidInput(f"{name} has two columns {field.name!r}; give it one")
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        right = wanted[field.name]
        if not pa.types.is_null(kind) and not any(is_kind(kind) for is_kind in _EXACT[right]):
            hint = "; a float is never exact" if pa.types.is_floating(kind) else ""
            raise InvalidInput(f"{name} has {kind} in column {field.name!r}; write {_WANTED[right]}{hint}")


def _cut(source: ColumnSource, rows: int, whole: str) -> Iterator[pa.Table]:
    """Yield tables of at most `rows` rows, in the order of the source."""
    waiting: list[pa.Table] = []
    count = 0
    for batch in source.read(rows):
        batch.validate(full=True)  # untrusted bytes: an invalid offset would be followed
        waiting.append(pa.Table.from_batches([batch]))
        count += batch.num_rows
        if count > rows:
            held = pa.concat_tables(waiting)
            while held.num_rows > rows:
                end = _end(source.name, held, rows, whole)
                yield held.slice(0, end)
                held = held.slice(end)
            waiting, count = [held], held.num_rows
    if waiting and (held := pa.concat_tables(waiting)).num_rows:
        yield held


def _end(name: str, table: pa.Table, rows: int, whole: str) -> int:
    """Return how many of the first `rows` rows can be taken without splitting rows that stay together."""
    if whole not in table.column_names:
        return rows
    column = table.column(whole)
    torn = column[rows].as_py()
    end = rows
    while torn is not None and end and column[end - 1].as_py() == torn:
        end -= 1
    if not end:
        raise InvalidInput(f"{name} has more than {rows} adjacent rows whose {whole} is {torn[:40]!r}; make it less")
    return end


def _plain(column: pa.Array) -> list[Any]:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        # A long text is truncated before Python uses four bytes for each of its characters.
        return list(pc.utf8_slice_codeunits(column, 0, TEXT_UNITS_MAX).to_pylist())
    if pa.types.is_dictionary(kind):
        words = _plain(column.dictionary)
        return [None if at is None else words[at] for at in column.indices.to_pylist()]
    if isinstance(kind, pa.UuidType):
        return [None if value is None else str(value) for value in column.to_pylist()]
    if pa.types.is_timestamp(kind):
        # This cast refuses to drop the last digits of nanoseconds.
        micros = column.cast(pa.timestamp("us", tz=kind.tz)).cast(pa.int64()).to_pylist()
        return [None if at is None else _EPOCH + timedelta(0, 0, at) for at in micros]
    if pa.types.is_decimal(kind) and kind.scale == 0:
        return [value if value is None else int(value) for value in column.to_pylist()]
    values: list[Any] = column.to_pylist()
    return values


@contextmanager
def _telling(name: str) -> Iterator[None]:
    """Raise any error of the Arrow readers as `InvalidInput`; theirs include `OSError` without an error number."""
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError, OverflowError, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno is not None:
            raise
        text = (str(fault).splitlines() or ["it is cut off"])[0]
        raise InvalidInput(f"{name} cannot be read as Parquet or Arrow: {text}") from fault
