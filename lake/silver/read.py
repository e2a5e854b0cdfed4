"""Reads silver: the position of a table, and the files with its rows at that position."""

from typing import NamedTuple

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from lake.bronze.read import files_of
from lake.delta.logs import opened_table
from lake.delta.opening import application_id, owner_of
from lake.tables import Lake, Silver


class Standing(NamedTuple):
    """The position of a table of silver, and the local paths of its Parquet files at the same version."""

    seq: int
    files: list[str]


def silver_position(lake: Lake, book_name: str, record: type[Silver]) -> int | None:
    """Return the journal position of a table of silver, or None if there is no such table yet."""
    table = _opened(lake, book_name, record)
    return None if table is None else _position(table, book_name, record)


def silver_standing(lake: Lake, book_name: str, record: type[Silver]) -> Standing | None:
    """Return the position and the files of a table at the same version, or None if there is no such table yet."""
    table = _opened(lake, book_name, record)
    if table is None:
        return None
    return Standing(_position(table, book_name, record), files_of(lake, book_name, record, table))


def _opened(lake: Lake, book_name: str, record: type[Silver]) -> DeltaTable | None:
    try:
        return opened_table(lake, book_name, record)
    except TableNotFoundError:
        return None


def _position(table: DeltaTable, book_name: str, record: type[Silver]) -> int:
    return table.transaction_version(application_id(owner_of(table) or "", book_name, record)) or 0
