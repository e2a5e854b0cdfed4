"""Origins: follows a mart row to the facts that its model declares, and compares the row with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from lake.schema import lake_columns
from pipelines.lineage.positions import Positions, note_positions, positions
from pipelines.lineage.tracing import record_of
from pipelines.marts.lineage import Model, Origin

Key = Mapping[str, object]
"""The key columns of a mart, with their values."""


@dataclass(frozen=True, slots=True)
class Total:
    """The number of facts in one currency, and the sum of their amounts in minor units."""

    currency: str
    facts: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Given:
    """A column of the row: its value in the mart, and its value derived from the facts."""

    column: str
    mart: object
    traced: object
    agrees: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """An origin followed for one row: positions, control totals by currency, and the derived columns.

    `times` is the number of mart rows that each such fact belongs to; None if the rows do not partition the facts.
    """

    what: str
    table: str
    positions: Positions
    totals: list[Total]
    gives: list[Given]
    times: int | None


def follow(warehouse: duckdb.DuckDBPyConnection, mart: Model, row: Mapping[str, Any], *, limit: int) -> list[Followed]:
    """Follow every origin of a mart row; the positions of all of them stay noted."""
    key = {name: row[name] for name in mart.key}
    followed = [_follow(warehouse, mart, origin, row, limit=limit) for origin in mart.origins]
    every = " UNION ALL ".join(_bronze_positions(mart, origin) for origin in mart.origins)
    note_positions(warehouse, every, [*key.values()] * len(mart.origins))
    return followed


def tied(mart: Model, origin: Origin) -> str:
    """Return the join of a mart's rows with their facts as `FROM … WHERE …`; more conditions can follow with AND."""
    return f"FROM {mart.relation} mart, {origin.relation} fact WHERE ({origin.where})"


def _follow(
    warehouse: duckdb.DuckDBPyConnection, mart: Model, origin: Origin, row: Mapping[str, Any], *, limit: int
) -> Followed:
    values = [row[name] for name in mart.key]
    note_positions(warehouse, _bronze_positions(mart, origin), values)
    given = ", ".join(origin.gives.values())
    traced = warehouse.execute(f"SELECT {given} {_of_row(mart, origin)}", values).fetchall()[0]
    return Followed(
        what=origin.what,
        table=origin.table,
        positions=positions(warehouse, "FROM traced", {}, limit=limit),
        totals=list(_totals(warehouse, origin.table, row["book_id"])),
        gives=list(_given(origin, row, traced)),
        times=origin.times,
    )


def _bronze_positions(mart: Model, origin: Origin) -> str:
    return f"SELECT '{origin.table}' AS bronze, fact.{origin.position} AS seq {_of_row(mart, origin)}"


def _of_row(mart: Model, origin: Origin) -> str:
    """Return the join for one row, whose key values are the parameters, in the key's order."""
    return " AND ".join([tied(mart, origin), *(f"mart.{name} = ?" for name in mart.key)])


def _totals(warehouse: duckdb.DuckDBPyConnection, table: str, book_id: int) -> Iterator[Total]:
    """Yield totals of the bronze rows themselves, independent of the models that made the mart."""
    if "amount_minor" not in (column.name for column in lake_columns(record_of(table))):
        return
    added = f"""
        SELECT currency, count(*), sum(amount_minor) FROM lake.{table}
        WHERE book_id = ? AND seq IN (SELECT seq FROM traced) GROUP BY currency ORDER BY currency"""  # noqa: S608  # of STREAMED
    for currency, facts, amount_minor in warehouse.execute(added, [book_id]).fetchall():
        yield Total(currency, facts, int(amount_minor))


def _given(origin: Origin, row: Mapping[str, Any], traced: Sequence[object]) -> Iterator[Given]:
    for column, value in zip(origin.gives, traced, strict=True):
        yield Given(column, row[column], value, agrees=row[column] == value)
