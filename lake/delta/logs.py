"""Logs of Delta tables: opens a table from its log, and reads what the log has about each file."""

import json
import re
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from lake.delta.foreign_commits import read_actions
from lake.delta.store import ObjectStore
from lake.errors import DamagedLake, TableName
from lake.tables import Lake, table_url
from ledger.kernel.record import Record

DIGEST: Final = "sha256"
"""The tag in which the log stores the SHA-256 of a file, in hex."""

LOG_FOLDER: Final = "_delta_log"
"""The folder of a table's log."""

_LAST_CHECKPOINT: Final = f"{LOG_FOLDER}/_last_checkpoint"
_ENTRY: Final = re.compile(rf"{LOG_FOLDER}/(\d{{20}})\.json")


def opened_table(lake: Lake, book_name: str, record: type[Record], *, version: int | None = None) -> DeltaTable:
    """Open a record's table; `version` None is the newest.

    Raises `TableNotFoundError`; `DamagedLake` if the log cannot be read, naming the first version that is missing or
    unreadable; `DeltaError` and `OSError` for other failures.
    """
    url = table_url(lake.url, book_name, record)
    try:
        return DeltaTable(url, version=version, storage_options=lake.storage_options)
    except TableNotFoundError:
        raise
    except DeltaError as fault:
        name = TableName(book_name, record.TABLE)
        if broken := _first_break(ObjectStore(lake, url)):
            raise DamagedLake(f"{name}: {broken}; make the table anew: {name.remedy}") from fault
        raise


def is_there(lake: Lake, book_name: str, record: type[Record]) -> bool:
    """Return whether a record's table of a book exists. Raises `DeltaError`, `OSError`."""
    return DeltaTable.is_deltatable(table_url(lake.url, book_name, record), lake.storage_options)


def noted_digests(store: ObjectStore) -> dict[str, str]:
    """Return the SHA-256 (hex) of each file by path, from the log; files of older versions have none.

    Raises `OSError`, `ValueError`.
    """
    last = checkpointed(store)
    noted = _noted_in_checkpoint(store, last) if last >= 0 else {}
    for version, path in _entries(store):
        if version > last:
            added = (action["add"] for action in read_actions(store.get(path)) if "add" in action)
            noted |= {file["path"]: file["tags"][DIGEST] for file in added if DIGEST in (file.get("tags") or {})}
    return noted


def checkpointed(store: ObjectStore) -> int:
    """Return the version of the last checkpoint of a log; -1 before the first. Raises `OSError`."""
    try:
        return int(json.loads(store.get(_LAST_CHECKPOINT))["version"])
    except FileNotFoundError:
        return -1


def _first_break(store: ObjectStore) -> str | None:
    """Describe the first version of a log that a reader cannot read."""
    expected = checkpointed(store) + 1
    for version, path in _entries(store):
        if version < expected:
            continue
        if version > expected:
            return f"version {expected} of its log is gone, and version {version} follows the gap"
        try:
            read_actions(store.get(path))
        except ValueError:
            return f"version {version} of its log cannot be read"
        expected += 1
    return None


def _entries(store: ObjectStore) -> list[tuple[int, str]]:
    matches = (_ENTRY.fullmatch(path) for path in store.names(LOG_FOLDER))
    return [(int(match[1]), match[0]) for match in matches if match is not None]


def _noted_in_checkpoint(store: ObjectStore, version: int) -> dict[str, str]:
    content = store.get(f"{LOG_FOLDER}/{version:020}.checkpoint.parquet")
    added = pq.read_table(pa.BufferReader(content), columns=["add"])["add"].to_pylist()
    tagged = ((file["path"], dict(file.get("tags") or ())) for file in added if file is not None)
    return {path: str(tags[DIGEST]) for path, tags in tagged if DIGEST in tags}
