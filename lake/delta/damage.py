"""Damage: finds the files of a table that are missing, unreadable, or not as they were written."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from lake.delta.files import DataFile, live_files
from lake.delta.logs import noted_digests, opened_table
from lake.delta.store import ObjectStore
from lake.errors import DamagedLake, TableName
from lake.tables import Lake, table_url
from ledger.kernel.record import Record

_OUT_OF_REACH: Final = "Generic S3 error"


def first_damage(lake: Lake, book_name: str, record: type[Record]) -> str | None:
    """Describe the first damaged file of a table, with the command that repairs it; None if all are sound.

    Every file is read in full from the store: its bytes are compared with the SHA-256 in the log, or, if the log has
    none, its pages with their checksums. Raises `DamagedLake` if the log itself is damaged, `OSError`.
    """
    try:
        table = opened_table(lake, book_name, record)
    except TableNotFoundError:
        return None
    return first_damage_of(table, lake, book_name, record)


def first_damage_of(table: DeltaTable, lake: Lake, book_name: str, record: type[Record]) -> str | None:
    """Describe the same of a table that is open, at its version. Raises as `first_damage`."""
    name, store = TableName(book_name, record.TABLE), ObjectStore(lake, table_url(lake.url, book_name, record))
    noted = noted_digests(store)
    for file in live_files(table):
        if wrong := _wrong(store, file, noted.get(file.path)):
            return f"file {file.path} of {name} {wrong}; make the table anew: {name.remedy}"
    return None


@contextmanager
def naming_damage(lake: Lake, tables: Iterable[tuple[str, type[Record]]]) -> Iterator[None]:
    """Check the tables (book and record) if reading fails in the block, and raise `DamagedLake` with the first damage.

    The original error is raised again if every file is sound, or the store is unreachable.
    """
    try:
        yield
    except (duckdb.Error, pa.ArrowException, DeltaError, OSError) as fault:
        if _OUT_OF_REACH in str(fault):
            raise
        for book_name, record in tables:
            if found := first_damage(lake, book_name, record):
                raise DamagedLake(found) from fault
        raise


def _wrong(store: ObjectStore, file: DataFile, digest: str | None) -> str | None:
    try:
        content = store.get(file.path)
    except FileNotFoundError:
        return "is gone"
    if digest is not None:
        found = hashlib.sha256(content).hexdigest()
        return None if found == digest else f"was changed: its SHA-256 is {found[:12]}…, {digest[:12]}… was written"
    if len(content) != file.size:
        return f"was changed: it has {len(content)} bytes, {file.size} were written"
    try:
        pq.read_table(pa.BufferReader(content), partitioning=None, page_checksum_verification=True)
    except (pa.ArrowException, OSError) as fault:
        return f"cannot be read: {' '.join(str(fault).split())[:200]}"
    return None
