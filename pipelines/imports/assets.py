"""The quarantine in Dagster: a table that imports fill, and the check that counts its waiting rows."""

import logging
from typing import Final

import dagster as dg

from ledger.imports.quarantined_rows import count_waiting
from ledger.imports.records import QuarantinedRow
from ledger.kernel.errors import Unavailable
from ledger.kernel.work import read
from ledger.tenancy.directory import BookLocation, Directory, reaching

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
    description="Every row of a foreign file that was rejected has been replayed or given up.",
)
def no_row_waits(directory: dg.ResourceParam[Directory]) -> dg.AssetCheckResult:
    """Count the waiting rows, in every book of every server that answers."""
    places = directory.places(lambda _server, reason: _log.warning("%s", reason))
    waiting = {place.book.name: _waiting(place) for place in places}
    told = [f"{name}: {count}" for name, count in waiting.items() if count]
    return dg.AssetCheckResult(
        passed=not told,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(told) or None,
        metadata={f"waiting in {name}": count for name, count in waiting.items()},
    )


def _waiting(place: BookLocation) -> int | str:
    """Return the number of waiting rows, or the reason why it is unknown; a build does not fail for it."""
    try:
        with reaching(place.book.name), read(place.engine) as reader:
            return count_waiting(reader.connection, place.book_id)
    except Unavailable as fault:
        return str(fault)
