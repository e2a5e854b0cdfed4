"""Reads a book at one position: its watermark, and the Parquet files of each table at that watermark."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.fs as pa_fs
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError
from deltalake.fs import DeltaStorageHandler

from lake.delta.damage import naming_damage
from lake.delta.logs import opened_table
from lake.tables import Lake, PublishedWatermark, table_url
from ledger.kernel.record import Record

_CACHED_FOR_SECONDS: Final = 3 * 3600  # as long as the table keeps replaced files


@dataclass(frozen=True, slots=True)
class Watermark:
    """All facts of a book up to `seq` are in the lake, in the Delta `versions` of its tables by name."""

    seq: int
    chain_hash: str
    versions: dict[str, int]


def watermark(lake: Lake, book_name: str) -> Watermark | None:
    """Return the newest watermark of a book, or None if nothing has been streamed. Raises `DamagedLake`."""
    try:
        table = opened_table(lake, book_name, PublishedWatermark)
    except TableNotFoundError:
        return None
    with naming_damage(lake, [(book_name, PublishedWatermark)]):
        return published(table)


def published(watermarks: DeltaTable) -> Watermark | None:
    """Return the newest watermark in a table of watermarks, or None before the first.

    Raises `ArrowInvalid` for rows that no writer of ours wrote: a damaged file may still be readable.
    """
    rows = watermarks.to_pyarrow_table().to_pylist()
    if not rows:
        return None
    if any(value is None for row in rows for value in row.values()):
        raise pa.ArrowInvalid("a watermark lacks a value")
    newest = max(rows, key=lambda row: int(row["seq"]))
    try:
        versions = json.loads(newest["versions"])
    except ValueError as fault:
        raise pa.ArrowInvalid("a watermark's versions are not JSON") from fault
    return Watermark(newest["seq"], newest["chain_hash"], versions)


def files(lake: Lake, book_name: str, record: type[Record], cut: Watermark) -> list[str]:
    """Return local paths of the Parquet files with the record's rows up to the watermark, for DuckDB's `read_parquet`.

    They are those of the newest version, because compacted files are kept only for hours: a reader selects the rows
    with `seq <= cut.seq`, which are the same in every version from the watermark's on.
    """
    return files_at(lake, book_name, record, version=None) if record.TABLE in cut.versions else []


def files_at(lake: Lake, book_name: str, record: type[Record], *, version: int | None) -> list[str]:
    """Return the files at any version of the table; None is the newest. Raises `TableNotFoundError`, `DamagedLake`."""
    return files_of(lake, book_name, record, opened_table(lake, book_name, record, version=version))


def files_of(
    lake: Lake, book_name: str, record: type[Record], table: DeltaTable, *, span: tuple[int, int] | None = None
) -> list[str]:
    """Return the files of an open table; with a `span`, only those that may have a row with after < seq <= upto."""
    live: dict[str, list[Any]] = pa.table(table.get_add_actions(flatten=True)).to_pydict()
    names: list[str] = live["path"]
    wanted = names if span is None else [name for at, name in enumerate(names) if _may_be_within(live, at, span)]
    url = table_url(lake.url, book_name, record)
    if lake.is_local:
        return [f"{url}/{name}" for name in wanted]
    store = pa_fs.PyFileSystem(DeltaStorageHandler(url, lake.storage_options))
    return _cached(lake.cache / book_name / record.TABLE, store, wanted, live=set(names))


def _may_be_within(live: dict[str, list[Any]], at: int, span: tuple[int, int]) -> bool:
    least, greatest = live["min.seq"][at], live["max.seq"][at]
    return least is None or (least <= span[1] and greatest > span[0])


def _cached(folder: Path, store: pa_fs.FileSystem, names: list[str], *, live: set[str]) -> list[str]:
    """Download the missing files; a Parquet file never changes under its name, so that once is enough."""
    for name in names:
        if not (folder / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            _fetch(store, name, folder / name)
    _forget_replaced(folder, live)
    return [str(folder / name) for name in names]


def _fetch(store: pa_fs.FileSystem, name: str, target: Path) -> None:
    descriptor, part = tempfile.mkstemp(dir=target.parent, suffix=".part")
    with os.fdopen(descriptor, "wb") as local, store.open_input_stream(name) as remote:
        while block := remote.read(1 << 20):
            local.write(block)
    Path(part).replace(target)


def _forget_replaced(folder: Path, live: set[str]) -> None:
    fetched_at = {path: path.stat().st_mtime for path in folder.rglob("*.parquet")}
    oldest = max(fetched_at.values(), default=0) - _CACHED_FOR_SECONDS
    for path, fetched in fetched_at.items():
        if str(path.relative_to(folder)) not in live and fetched < oldest:
            path.unlink(missing_ok=True)
