"""The quarantine in Dagster: a table that imports fill, and the check that says how many of its rows wait."""

from typing import Final

import dagster as dg
import duckdb
import sqlalchemy as sa
from deltalake.exceptions import DeltaError

from lake.quarantine import waiting_rows
from lake.quarantined_rows import QuarantinedRow
from lake.tables import Lake
from ledger.partners.books import all_books

_KEY: Final = dg.AssetKey(["quarantine", "rows"])

QUARANTINE_ASSETS: Final = [
    dg.AssetSpec(
        _KEY,
        group_name="quarantine",
        description=f"{(QuarantinedRow.__doc__ or '').strip()} Imports fill it, `cofferdam quarantine` empties it.",
    )
]


@dg.asset_check(
    asset=_KEY,
    name="no_row_waits",
    description="Every row of a foreign file that was not taken has been replayed or given up.",
)
def no_row_waits(engine: dg.ResourceParam[sa.Engine], lake: dg.ResourceParam[Lake]) -> dg.AssetCheckResult:
    """Count the rows that wait, in every book."""
    with engine.connect() as connection:
        names = [book.name for book in all_books(connection)]
    waiting = {name: _waiting(lake, name) for name in names}
    told = [f"{name}: {count}" for name, count in waiting.items() if count]
    return dg.AssetCheckResult(
        passed=not told,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(told) or None,
        metadata={f"waiting in {name}": count for name, count in waiting.items()},
    )


def _waiting(lake: Lake, name: str) -> int | str:
    """How many rows wait, or why that is not known: a build does not end for it."""
    try:
        return waiting_rows(lake, name)
    except (OSError, DeltaError, duckdb.Error) as fault:
        return f"cannot be read: {' '.join(str(fault).split())[:200]}"
