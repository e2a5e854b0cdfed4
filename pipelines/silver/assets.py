"""Silver in Dagster: the tables that the stream worker maintains, and a check that they are fresh."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import dagster as dg

from lake.bronze.read import watermark
from lake.residency.zones import Zones
from lake.silver.read import silver_position
from lake.silver.tables import SILVER
from lake.tables import Lake, Silver
from ledger.journal.batches import recorded_at
from ledger.kernel.clock import system_clock
from ledger.tenancy.directory import BookLocation, Directory

_log = logging.getLogger("cofferdam.silver")

BEHIND_MAX: Final = timedelta(minutes=1)
"""The longest time that a fact of bronze may be missing in silver, which the worker refreshes every few seconds."""


def _key(record: type[Silver]) -> dg.AssetKey:
    return dg.AssetKey(["silver", record.TABLE])


SILVER_ASSETS: Final = [
    dg.AssetSpec(
        _key(declared.record),
        deps=[["ledger", "journal"]],
        group_name="silver",
        description=f"{(declared.record.__doc__ or '').strip()} The stream worker keeps it.",
    )
    for declared in SILVER
]


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(
            "is_near_the_watermark",
            asset=_key(declared.record),
            description="No fact has been in bronze for longer than a minute without being in this table.",
        )
        for declared in SILVER
    ]
)
def silver_is_near(
    directory: dg.ResourceParam[Directory], zones: dg.ResourceParam[Zones]
) -> Iterator[dg.AssetCheckResult]:
    """Yield each table's lag, over every book of every server that answers."""
    places = list(directory.places(lambda _server, reason: _log.warning("%s", reason)))
    for declared in SILVER:
        behind = {place.book.name: _behind(place, zones.lake_of(place.book), declared.record) for place in places}
        late = [f"{name}: {said} late" for name, said in behind.items() if said > BEHIND_MAX]
        yield dg.AssetCheckResult(
            passed=not late,
            check_name="is_near_the_watermark",
            asset_key=_key(declared.record),
            severity=dg.AssetCheckSeverity.WARN,
            description="; ".join(late) or None,
            metadata={f"behind in {name}": str(said) for name, said in behind.items()},
        )


def _behind(place: BookLocation, lake: Lake, record: type[Silver]) -> timedelta:
    """Return the age of the oldest batch that is in bronze but not yet in silver."""
    cut = watermark(lake, place.book.name)
    position = silver_position(lake, place.book.name, record) or 0
    if cut is None or position >= cut.seq:
        return timedelta()
    with place.engine.connect() as connection:
        since = recorded_at(connection, place.book_id, position + 1)
    assert since is not None, "a watermark ends a batch"
    return max(system_clock() - since, timedelta())
