"""The quarantine in Dagster: a table that imports fill, and the check that says how many of its rows wait."""

import logging
from typing import Final

import dagster as dg
import duckdb
from deltalake.exceptions import DeltaError

from lake.quarantine import waiting_rows
from lake.quarantined_rows import QuarantinedRow
from lake.tables import Lake
from lake.zones import Zones
from ledger.partners.directory import Directory

_log = logging.getLogger("cofferdam.imports")

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
def no_row_waits(directory: dg.ResourceParam[Directory], zones: dg.ResourceParam[Zones]) -> dg.AssetCheckResult:
    """Count the rows that wait, in every book of every server that answers."""
    books = [place.book for place in directory.places(lambda _server, reason: _log.warning("%s", reason))]
    waiting = {book.name: _waiting(zones.lake_of(book), book.name) for book in books}
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
