"""Pinning: gives every step of a build this run's own file with the snapshot, compared with the ledger."""

import logging
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

_log: Final = logging.getLogger("cofferdam.marts")

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
    for cut in snapshot.cuts:
        where = {"book_name": cut.book_name, "position": cut.watermark.seq}
        _log.info("book %r is pinned at position %d", *where.values(), extra=where)
    return snapshot


class Compared(NamedTuple):
    """The result of a comparison: the figures, the skipped books with their reasons, and the differences."""

    found: list[Comparison]
    not_compared: dict[str, str]
    wrong: list[str]


def compared(context: _Context, directory: Directory, zone: Zone) -> Compared:
    """Compare each pinned book with the ledger on the book's own server.

    A book whose server does not answer stays at the watermark of the published warehouse, whose build compared it.
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
    """Return the file that this run builds.

    A run of a part of the job, such as a single mart, has no snapshot yet: it is taken here, and compared with the
    ledger as in the whole job. Raises `Failure` without retries if they differ.
    """
    zone = zone_of(context, zones)
    if not has_begun(zone.settings, context.run.run_id):
        pin(context, directory, zones)
        if wrong := compared(context, directory, zone).wrong:
            raise dg.Failure(f"the lake differs from the ledger: {'; '.join(wrong)}", allow_retries=False)
    return building(zone.settings, context.run.run_id)


def is_published_later(context: dg.AssetExecutionContext) -> bool:
    """Return whether a later step of the run publishes the build: always in the whole job, not in every part."""
    asked = context.run.asset_selection
    return not asked or WAREHOUSE_KEY in asked
