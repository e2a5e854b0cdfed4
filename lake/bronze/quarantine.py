"""The quarantine of earlier versions: a Delta table per book, which is read once to copy its rows to the ledger."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Final

from deltalake.exceptions import TableNotFoundError

from lake.bronze.read import files_of
from lake.delta.logs import opened_table
from lake.delta.opening import owner_of
from lake.duckdb_sessions import opened_memory
from lake.errors import ForeignLake
from lake.schema import lake_columns
from lake.tables import Lake
from ledger.imports.records import QuarantinedRow
from ledger.kernel.record import Col, record

_ROWS: Final = 10_000


@record
class LakeRow(QuarantinedRow):
    """A quarantined row in the lake: with its mapping's text, and with its own even after it is settled."""

    PLACE: ClassVar[str] = "quarantine/rows"
    declaration: Annotated[str | None, Col("The mapping's text, to replay it by; null for a bulk.", pii=True)]


def lake_rows(lake: Lake, book_name: str, *, cluster_id: str) -> Iterator[list[dict[str, Any]]] | None:
    """Yield the rows of a book in batches, with ids and bytes as text; returns None if there is no table.

    Raises `ForeignLake` for the table of another ledger, `DamagedLake`, `OSError`, `DeltaError`; while reading, also
    `duckdb.Error`.
    """
    try:
        table = opened_table(lake, book_name, LakeRow)
    except TableNotFoundError:
        return None
    if (owner := owner_of(table)) != cluster_id:
        raise ForeignLake(
            f"the rows in quarantine of {book_name} in {lake.url} belong to another ledger (PostgreSQL cluster "
            f"{owner or 'unknown'}, not {cluster_id}); point COFFERDAM_LAKE_URL at this ledger's own lake"
        )
    return _read(files_of(lake, book_name, LakeRow, table))


def _read(paths: list[str]) -> Iterator[list[dict[str, Any]]]:
    if not paths:
        return
    names = ", ".join(column.name for column in lake_columns(LakeRow))
    query = f"SELECT {names} FROM read_parquet($paths, union_by_name = true, hive_partitioning = false)"  # noqa: S608  # names of ours
    with opened_memory() as memory:
        memory.execute("SET TimeZone = 'UTC'")
        for batch in memory.sql(query, params={"paths": paths}).to_arrow_reader(_ROWS):
            yield batch.to_pylist()
