"""Releases in Dagster: a partition of `insight_release` is a month of a book, released once."""

import logging
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import dagster as dg

from lake.residency.zones import Zones
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.operations import Operation, note_success
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import Directory
from pipelines.insights.due import due_everywhere
from pipelines.insights.release import release_month
from pipelines.stream.residency import settled_lake

INSIGHT_MONTHS: Final = dg.DynamicPartitionsDefinition(name="insight_months")
"""Keys such as `sandbox|2018-04`, a book and a month; they are added when the month becomes due."""

_KEY: Final = re.compile(r"(?P<book>[^|]+)\|(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])")

_log = logging.getLogger("cofferdam.insights")


@dg.asset(
    partitions_def=INSIGHT_MONTHS,
    deps=[dg.AssetKey("lake_snapshot")],
    group_name="insights",
    description="The differentially private figures of one month across all partners of a book, with noise drawn once.",
)
def insight_release(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    directory: dg.ResourceParam[Directory],
    zones: dg.ResourceParam[Zones],
) -> dg.MaterializeResult[None]:
    """Release the partition's month; does nothing if it was released before."""
    book_name, month = parse_key(context.partition_key)
    place = directory.place_of(book_name)
    released = release_month(place.engine, settled_lake(zones, place), place.book, month)
    note_success(settings, Operation.RELEASE)
    if released is None:
        return dg.MaterializeResult(metadata={"released": "nothing: no vertical has enough partners"})
    return dg.MaterializeResult(
        metadata={"released": ", ".join(released.metrics) or "stood before", "position": released.as_of_seq}
    )


INSIGHT_ASSETS: Final = [insight_release]
"""The assets and jobs for the definitions, which provide the resources `directory` and `zones`."""


def release_sensor(seconds: int) -> dg.SensorDefinition:
    """Return the sensor that looks for due months."""

    @dg.sensor(
        target=insight_release,
        name="insight_months_due",
        minimum_interval_seconds=seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Releases each month of each book three days after the month's end.",
    )
    def look(
        context: dg.SensorEvaluationContext,
        settings: dg.ResourceParam[Settings],
        directory: dg.ResourceParam[Directory],
        zones: dg.ResourceParam[Zones],
    ) -> dg.SensorResult | dg.SkipReason:
        """Add the due months as partitions and start a run of each, at most once an hour."""
        now = system_clock()
        keys = due_keys(directory, zones, now=now)
        if not keys:
            note_success(settings, Operation.RELEASE)
            return dg.SkipReason("nothing is due")
        context.log.info("due: %s", ", ".join(keys))
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=f"{key} {now:%Y-%m-%dT%H}", partition_key=key) for key in keys],
            dynamic_partitions_requests=[INSIGHT_MONTHS.build_add_request(keys)],
        )

    return look


def materialize_due(instance: dg.DagsterInstance, resources: Mapping[str, object]) -> list[str]:
    """Release all due months in this process, one run per partition; return the released partition keys.

    `resources` holds the `settings`, the `directory` and the `zones`. A book that is being imported is logged and left
    for later; every other error of a release propagates. Dagster's web UI shows the runs.
    """
    settings, directory, zones = resources["settings"], resources["directory"], resources["zones"]
    assert isinstance(settings, Settings)
    assert isinstance(directory, Directory)
    assert isinstance(zones, Zones)
    keys = due_keys(directory, zones, now=system_clock())
    instance.add_dynamic_partitions("insight_months", keys)
    if not keys:
        note_success(settings, Operation.RELEASE)
    ours = {"settings": settings, "directory": directory, "zones": zones}
    return [key for key in keys if _materialized(instance, key, ours)]


def due_keys(directory: Directory, zones: Zones, *, now: datetime) -> list[str]:
    """Return the partition keys of all due months."""
    return [f"{book.name}|{month:%Y-%m}" for book, month in due_everywhere(directory, zones, now=now)]


def parse_key(key: str) -> tuple[str, date]:
    """Return the book's name and the month of a partition key. Raises `InvalidInput`."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise InvalidInput(f"{key!r} is no month of insights; they are named as in sandbox|2018-04")
    return match["book"], date(int(match["year"]), int(match["month"]), 1)


def _materialized(instance: dg.DagsterInstance, key: str, resources: Mapping[str, object]) -> bool:
    """Run one partition; return whether it was released now."""
    try:
        dg.materialize([insight_release], partition_key=key, instance=instance, resources=resources)
    except Unavailable as reason:
        _log.warning("insights of %s are not released now: %s", key, reason)
        return False
    return True
