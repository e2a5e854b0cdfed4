"""Runs: what Dagster's own state says of the run that built a warehouse, where that state is still there."""

from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg

from ledger.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Run:
    """A run of Dagster: how it ended, from when to when it ran, and when it materialized the asset asked for."""

    run_id: str
    status: str
    started_at: datetime | None
    ended_at: datetime | None
    materialized_at: datetime | None


def run_of(settings: Settings, run_id: str, asset: str) -> Run | None:
    """The run as Dagster remembers it; None where Dagster's state is absent, or does not know it any more."""
    if not (settings.dagster_home / "dagster.yaml").exists():
        return None
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        record = instance.get_run_record_by_id(run_id)
        if record is None:
            return None
        made = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
    key = dg.AssetKey([asset])
    times = [each.timestamp for each in made if each.event_log_entry.dagster_event.asset_key == key]
    return Run(
        run_id=run_id,
        status=record.dagster_run.status.value,
        started_at=_instant(record.start_time),
        ended_at=_instant(record.end_time),
        materialized_at=_instant(max(times, default=None)),
    )


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
