"""Marts in Dagster: the snapshot of the lake, the check that blocks, the dbt models with their tests, the warehouse."""

from collections.abc import Iterator, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.core.dbt_cli_invocation import DbtCliInvocation
from packaging.version import Version

from lake.damage import naming_damage
from lake.tables import PublishedWatermark
from lake.zones import Zones
from ledger.events.feed import STREAMED
from ledger.kernel.errors import Unavailable
from ledger.kernel.record import Record
from ledger.kernel.settings import Settings
from ledger.partners.directory import Directory
from pipelines.marts.checks import Comparison, compare_totals
from pipelines.marts.damage import explained, tables_of
from pipelines.marts.lineage import record_lineage
from pipelines.marts.project import MARTS, PROJECT, dbt_command
from pipelines.marts.snapshot import AWAY, take_snapshot
from pipelines.marts.sources import SCHEMA, pin_sources, pinned_cuts
from pipelines.marts.warehouse import building, new_building, opened, publish, standing_cuts
from pipelines.marts.zones import zone_of

SNAPSHOT_KEY: Final = dg.AssetKey("lake_snapshot")

_TABLES: Final[tuple[type[Record], ...]] = (*STREAMED, PublishedWatermark)
"""What the snapshot pins: a view each."""

_SIZES: Final = """
    SELECT schema_name || '.' || table_name, estimated_size FROM duckdb_tables()
    WHERE schema_name <> 'lake' ORDER BY 1
"""


class MartsTranslator(DagsterDbtTranslator):
    """How dbt's models show in Dagster: by their own names, and in groups."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Name a model after itself, and a source after its schema and itself, as the pinned views are named."""
        is_source = dbt_resource_props["resource_type"] == "source"
        return dg.AssetKey([SCHEMA, dbt_resource_props["name"]] if is_source else [dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Group models by the folder that they lie in: staging, intermediate, or the audience of the mart."""
        return str(dbt_resource_props["fqn"][-2])


@dg.asset(
    key=SNAPSHOT_KEY,
    group_name="lake",
    description="The lake at one watermark per book, pinned as views in the file that this run builds.",
)
def lake_snapshot(
    context: dg.AssetExecutionContext,
    directory: dg.ResourceParam[Directory],
    zones: dg.ResourceParam[Zones],
) -> dg.MaterializeResult[None]:
    """Stream what is missing, take the watermarks, pin their files."""
    zone = zone_of(context, zones)
    snapshot = take_snapshot(directory, zones, zone, partial(standing_cuts, zone.settings))
    for reason in snapshot.away:
        context.log.warning("%s; its books stay where they were", reason)
    place = new_building(zone.settings, context.run.run_id)
    with naming_damage(zone.lake, tables_of(snapshot.cuts)), opened(place) as warehouse:
        pin_sources(warehouse, zone.lake, snapshot.cuts)
    positions = {cut.book_name: cut.watermark.seq for cut in snapshot.cuts}
    return dg.MaterializeResult(metadata=positions | ({AWAY: "; ".join(snapshot.away)} if snapshot.away else {}))


@dg.asset_check(
    asset=SNAPSHOT_KEY,
    blocking=True,
    description="Per book, totals by currency and every column of every row in the lake are the ledger's.",
)
def ledger_equals_lake(
    context: dg.AssetCheckExecutionContext,
    directory: dg.ResourceParam[Directory],
    zones: dg.ResourceParam[Zones],
) -> dg.AssetCheckResult:
    """Add both sides up, each book on its own server; when they differ, nothing is built on this snapshot.

    A book whose server does not answer was compared when the warehouse that stands was built at the same cut.
    """
    compared: list[Comparison] = []
    not_compared: dict[str, str] = {}
    wrong: list[str] = []
    zone = zone_of(context, zones)
    with opened(building(zone.settings, context.run.run_id), read_only=True) as warehouse:
        for cut in pinned_cuts(warehouse):
            try:
                compared += compare_totals(directory.place_of(cut.book_name), warehouse, cut)
            except duckdb.Error as fault:
                wrong.append(explained(zone.lake, cut, f"cannot be read: {fault}"))
            except Unavailable as reason:
                if cut not in standing_cuts(zone.settings):
                    raise
                not_compared[cut.book_name] = f"compared by an earlier build, not now: {reason}"
            else:
                differing = "; ".join(str(each) for each in compared if each.book_name == cut.book_name and not each.ok)
                wrong += [explained(zone.lake, cut, differing)] if differing else []
    return dg.AssetCheckResult(
        passed=not wrong,
        description="; ".join(wrong) or None,
        metadata={f"{each.what} of {each.book_name}": str(each) for each in compared} | not_compared,
    )


# A step of its own between the snapshot and the models, on purpose: Dagster lets no check block a step that itself
# checks the same asset, and dbt's step checks its sources. Blocked is this one, and through it the models.
@dg.multi_asset(
    name="sources",
    specs=[
        dg.AssetSpec(
            [SCHEMA, record.TABLE], deps=[SNAPSHOT_KEY], group_name="lake", description=(record.__doc__ or "").strip()
        )
        for record in _TABLES
    ],
)
def sources(context: dg.AssetExecutionContext, zones: dg.ResourceParam[Zones]) -> Iterator[dg.MaterializeResult[None]]:
    """Count the rows of each pinned table, which says that it can be read."""
    with opened(building(zone_of(context, zones).settings, context.run.run_id), read_only=True) as warehouse:
        for record in _TABLES:
            rows = warehouse.table(f"{SCHEMA}.{record.TABLE}").count("*").fetchall()
            yield dg.MaterializeResult(asset_key=[SCHEMA, record.TABLE], metadata={"rows": rows[0][0]})


def marts(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Every model of dbt's manifest as an asset, and every test of it as a check; one dbt builds all of them."""
    translator = MartsTranslator(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    @dbt_assets(manifest=manifest, name="marts", dagster_dbt_translator=translator)
    def marts(context: dg.AssetExecutionContext, zones: dg.ResourceParam[Zones]) -> Iterator[Any]:
        invocation = _dbt_build(context, zone_of(context, zones).settings, manifest, translator)
        yield from invocation.stream()

    return marts


def warehouse(built: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The asset that publishes what was built."""

    @dg.asset(
        deps=[built],
        group_name="warehouse",
        description="The DuckDB file with the marts, replaced by one rename when all of them and their tests are well.",
    )
    def warehouse(context: dg.AssetExecutionContext, zones: dg.ResourceParam[Zones]) -> dg.MaterializeResult[None]:
        settings = zone_of(context, zones).settings
        place = building(settings, context.run.run_id)
        with opened(place) as made:
            positions = {f"position of {cut.book_name}": cut.watermark.seq for cut in pinned_cuts(made)}
            rows = {f"rows of {name}": count for name, count in made.execute(_SIZES).fetchall()}
            record_lineage(made, _artifacts(place), context.run.run_id)
        published = publish(settings, context.run.run_id)
        return dg.MaterializeResult(metadata={"published": published, **positions, **rows})

    return warehouse


def _dbt_build(
    context: dg.AssetExecutionContext, settings: Settings, manifest: Mapping[str, Any], translator: MartsTranslator
) -> DbtCliInvocation:
    """Start `dbt build`; an error or a failing test raises when its events have been read.

    Not by `DbtCliResource`, which starts dbt once more to ask its version, and loads it in this process too: seconds
    that a build does not need. Unit tests are of the code, not of the rows: the test suite runs them.
    """
    place = building(settings, context.run.run_id)
    artifacts = _artifacts(place)
    return DbtCliInvocation.run(
        args=dbt_command("build", warehouse=place, artifacts=artifacts, flags=MARTS),
        env={**settings.child_environ(), "DBT_LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"},
        manifest=manifest,
        dagster_dbt_translator=translator,
        project_dir=PROJECT,
        target_path=artifacts,
        raise_on_error=True,
        context=context,
        adapter=None,
        cli_version=Version(version("dbt-core")),
    )


def _artifacts(place: Path) -> Path:
    """Where dbt leaves its manifest and its results: beside the file that it builds."""
    return place.parent / "dbt"
