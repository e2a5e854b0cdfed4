"""Pinning: what every step of a build stands on: the snapshot in this run's own file, held against the ledger."""

from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import dagster as dg
import duckdb

from lake.delta.damage import naming_damage
from lake.residency.zones import Zone, Zones
from ledger.kernel.errors import Unavailable
from ledger.tenancy.directory import Directory
from pipelines.marts.checks import Comparison, compare_totals
from pipelines.marts.damage import explained, tables_of
from pipelines.marts.snapshot import Snapshot, take_snapshot
from pipelines.marts.sources import pin_sources, pinned_books
from pipelines.marts.warehouse import building, has_begun, new_building, opened, standing_cuts
from pipelines.marts.zones import zone_of

WAREHOUSE_KEY: Final = dg.AssetKey("warehouse")

_Context = dg.AssetExecutionContext | dg.AssetCheckExecutionContext


def pin(context: dg.AssetExecutionContext, directory: Directory, zones: Zones) -> Snapshot:
    """Take the watermarks of the run's zone, and pin their files in a new file of this run."""
    zone = zone_of(context, zones)
    snapshot = take_snapshot(directory, zones, zone, partial(standing_cuts, zone.settings))
    for reason in snapshot.away:
        context.log.warning("%s; its books stay where they were", reason)
    place = new_building(zone.settings, context.run.run_id)
    with naming_damage(zone.lake, tables_of(snapshot.cuts)), opened(place) as warehouse:
        pin_sources(warehouse, zone.lake, snapshot.cuts)
    return snapshot


class Compared(NamedTuple):
    """What was compared, which books were not now and why, and what differs, behind the damaged file if it is one."""

    found: list[Comparison]
    not_compared: dict[str, str]
    wrong: list[str]


def compared(context: _Context, directory: Directory, zone: Zone) -> Compared:
    """Add both sides of each pinned book up, on its own server.

    A book whose server does not answer was compared when the warehouse that stands was built at the same cut.
    """
    made = Compared([], {}, [])
    with opened(building(zone.settings, context.run.run_id), read_only=True) as warehouse:
        for cut in pinned_books(warehouse):
            try:
                found = compare_totals(directory.place_of(cut.book_name), warehouse, cut)
            except duckdb.Error as fault:
                made.wrong.append(explained(zone.lake, cut, f"cannot be read: {fault}"))
            except Unavailable as reason:
                if cut not in standing_cuts(zone.settings):
                    raise
                made.not_compared[cut.book_name] = f"compared by an earlier build, not now: {reason}"
            else:
                made.found.extend(found)
                differing = "; ".join(str(each) for each in found if not each.ok)
                made.wrong.extend([explained(zone.lake, cut, differing)] if differing else [])
    return made


def pinned(context: dg.AssetExecutionContext, directory: Directory, zones: Zones) -> Path:
    """The file that this run builds.

    A run that was asked for a part of the job, such as a single mart, has no snapshot yet: it is taken here, and held
    against the ledger as the whole job does. Raises `Failure`, which nothing tries again, where the two differ.
    """
    zone = zone_of(context, zones)
    if not has_begun(zone.settings, context.run.run_id):
        pin(context, directory, zones)
        if wrong := compared(context, directory, zone).wrong:
            raise dg.Failure(f"the lake differs from the ledger: {'; '.join(wrong)}", allow_retries=False)
    return building(zone.settings, context.run.run_id)


def is_published_later(context: dg.AssetExecutionContext) -> bool:
    """Whether the run has the step that publishes what the others build: the whole job does, a part of it may not."""
    asked = context.run.asset_selection
    return not asked or WAREHOUSE_KEY in asked
