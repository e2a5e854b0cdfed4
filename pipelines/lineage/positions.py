"""Positions: keeps the positions of a trace in a temporary table, to be counted and joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb


@dataclass(frozen=True, slots=True)
class Positions:
    """Positions of a book: their number, the least and the greatest, and the first ones in order."""

    count: int
    first: int | None
    last: int | None
    listed: list[int]


def note_positions(warehouse: duckdb.DuckDBPyConnection, chosen: str, parameters: Sequence[object] = ()) -> None:
    """Store the rows (bronze table, position) of a query in the table `traced`, without duplicates."""
    # A temporary table, since the warehouse is opened read-only.
    noted = f"SELECT DISTINCT * FROM ({chosen}) chosen (bronze, seq)"  # noqa: S608  # made from names of the manifest
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE traced AS {noted}", list(parameters))


def positions(
    warehouse: duckdb.DuckDBPyConnection, chosen: str, parameters: dict[str, Any], *, limit: int
) -> Positions:
    """Return the noted positions that a `FROM … WHERE …` selects."""
    counted = f"SELECT count(seq), min(seq), max(seq) {chosen}"
    ((count, first, last),) = warehouse.execute(counted, parameters).fetchall()
    rows = warehouse.execute(f"SELECT seq {chosen} ORDER BY seq LIMIT {int(limit)}", parameters).fetchall()
    return Positions(count, first, last, [row[0] for row in rows])
