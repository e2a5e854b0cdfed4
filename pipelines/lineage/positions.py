"""Positions: those that a trace found, kept in a table beside the warehouse, to be counted and joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb


@dataclass(frozen=True, slots=True)
class Positions:
    """Positions of a book: how many, the least and the greatest, and as many as were to be listed, in order."""

    count: int
    first: int | None
    last: int | None
    listed: list[int]


def note_positions(warehouse: duckdb.DuckDBPyConnection, chosen: str, parameters: Sequence[object] = ()) -> None:
    """Keep the rows (bronze table, position) of a query in the table `traced`, each once."""
    # Temporary: it lies beside the warehouse, which is only read.
    noted = f"SELECT DISTINCT * FROM ({chosen}) chosen (bronze, seq)"  # noqa: S608  # made from names of the manifest
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE traced AS {noted}", list(parameters))


def positions(
    warehouse: duckdb.DuckDBPyConnection, chosen: str, parameters: dict[str, Any], *, limit: int
) -> Positions:
    """Those that a `FROM … WHERE …` chooses among the noted ones."""
    counted = f"SELECT count(seq), min(seq), max(seq) {chosen}"
    ((count, first, last),) = warehouse.execute(counted, parameters).fetchall()
    rows = warehouse.execute(f"SELECT seq {chosen} ORDER BY seq LIMIT {int(limit)}", parameters).fetchall()
    return Positions(count, first, last, [row[0] for row in rows])
