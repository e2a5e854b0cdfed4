"""Origins: the facts that a row of a mart comes from, as its model declares, and whether the row follows from them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from lake.schema import lake_columns
from pipelines.lineage.positions import Positions, note_positions, positions
from pipelines.lineage.tracing import record_of
from pipelines.marts.lineage import Model, Origin

Key = Mapping[str, object]
"""The columns of a mart's key, with their values."""


@dataclass(frozen=True, slots=True)
class Total:
    """What facts come to in one currency: how many, and the sum of their amounts in minor units."""

    currency: str
    facts: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Given:
    """A column of the row: its value in the mart, and what its facts give."""

    column: str
    mart: object
    traced: object
    agrees: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """An origin followed for one row: positions, their control totals by currency, and the columns that they give.

    `times` is in how many rows of the mart each such fact stands; None where rows do not part the facts among them.
    """

    what: str
    table: str
    positions: Positions
    totals: list[Total]
    gives: list[Given]
    times: int | None


def follow(warehouse: duckdb.DuckDBPyConnection, mart: Model, row: Mapping[str, Any], *, limit: int) -> list[Followed]:
    """Every origin of a row of a mart; the positions of all of them stay noted."""
    key = {name: row[name] for name in mart.key}
    followed = [_follow(warehouse, mart, origin, row, limit=limit) for origin in mart.origins]
    every = " UNION ALL ".join(_bronze_positions(mart, origin) for origin in mart.origins)
    note_positions(warehouse, every, [*key.values()] * len(mart.origins))
    return followed


def tied(mart: Model, origin: Origin) -> str:
    """The rows of a mart with their facts, as `FROM … WHERE …`, ready for more conditions with AND."""
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
    """The facts of the row whose key is given as parameters, in its order."""
    return " AND ".join([tied(mart, origin), *(f"mart.{name} = ?" for name in mart.key)])


def _totals(warehouse: duckdb.DuckDBPyConnection, table: str, book_id: int) -> Iterator[Total]:
    """Added up from the bronze rows themselves, and not by the models that the mart was made with."""
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
