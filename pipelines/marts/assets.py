"""Marts in Dagster: the lake snapshot, the check that blocks the build, the dbt models and tests, the warehouse."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import dagster as dg
from packaging.version import Version

from lake.residency.zones import Zones
from lake.tables import PublishedWatermark
from ledger.kernel.operations import Operation, note_success
from ledger.kernel.record import Record
from ledger.kernel.settings import Settings
from ledger.records import STREAMED
from ledger.tenancy.directory import Directory
from pipelines.marts.dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliInvocation,
    dbt_assets,
)
from pipelines.marts.lineage import record_lineage
from pipelines.marts.partner_views import create_partner_views
from pipelines.marts.pinning import WAREHOUSE_KEY, compared, is_published_later, pin, pinned
from pipelines.marts.project import MARTS, as_parsed, dbt_command
from pipelines.marts.snapshot import AWAY
from pipelines.marts.sources import SCHEMA, pinned_books
from pipelines.marts.warehouse import opened, publish
from pipelines.marts.zones import zone_of

SNAPSHOT_KEY: Final = dg.AssetKey("lake_snapshot")

_TABLES: Final[tuple[type[Record], ...]] = (*STREAMED, PublishedWatermark)
"""The source tables that the snapshot pins, one view each."""

_SIZES: Final = """
    SELECT schema_name || '.' || table_name, estimated_size FROM duckdb_tables()
    WHERE schema_name <> 'lake' ORDER BY 1
"""


class MartsTranslator(DagsterDbtTranslator):
    """Translates dbt's models to Dagster assets: by their own names, in groups."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return the model's name as key, or the schema and name of a source, like the pinned views."""
        is_source = dbt_resource_props["resource_type"] == "source"
        return dg.AssetKey([SCHEMA, dbt_resource_props["name"]] if is_source else [dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the model's folder as group: staging, intermediate, or the audience of the mart."""
        return str(dbt_resource_props["fqn"][-2])


_TRANSLATOR: Final = MartsTranslator(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))


@dg.asset(
    key=SNAPSHOT_KEY,
    deps=[["ledger", "journal"]],
    group_name="lake",
    description="The lake at one watermark per book, pinned as views in the file that this run builds.",
)
def lake_snapshot(
    context: dg.AssetExecutionContext,
    directory: dg.ResourceParam[Directory],
    zones: dg.ResourceParam[Zones],
) -> dg.MaterializeResult[None]:
    """Stream the missing facts, take the watermarks, and pin their files."""
    snapshot = pin(context, directory, zones)
    positions = {cut.book_name: cut.watermark.seq for cut in snapshot.cuts}
    return dg.MaterializeResult(metadata=positions | ({AWAY: "; ".join(snapshot.away)} if snapshot.away else {}))


@dg.asset_check(
    asset=SNAPSHOT_KEY,
    blocking=True,
    description="Per book, the totals by currency and every column of every row in the lake equal the ledger's.",
)
def ledger_equals_lake(
    context: dg.AssetCheckExecutionContext,
    directory: dg.ResourceParam[Directory],
    zones: dg.ResourceParam[Zones],
) -> dg.AssetCheckResult:
    """Compare the lake with the ledger; if they differ, nothing is built on this snapshot."""
    found, not_compared, wrong = compared(context, directory, zone_of(context, zones))
    return dg.AssetCheckResult(
        passed=not wrong,
        description="; ".join(wrong) or None,
        metadata={f"{each.what} of {each.book_name}": str(each) for each in found} | not_compared,
    )


# A separate step between the snapshot and the models, on purpose: a check cannot block a step that itself checks the
# same asset, and dbt's step checks its sources. The check blocks this step, and through it the models.
@dg.multi_asset(
    name="sources",
    specs=[
        dg.AssetSpec(
            [SCHEMA, record.TABLE],
            deps=[SNAPSHOT_KEY],
            group_name="lake",
            description=(record.__doc__ or "").strip(),
            skippable=True,
        )
        for record in _TABLES
    ],
    can_subset=True,
)
def sources(
    context: dg.AssetExecutionContext, directory: dg.ResourceParam[Directory], zones: dg.ResourceParam[Zones]
) -> Iterator[dg.MaterializeResult[None]]:
    """Count the rows of each pinned table, which proves that it can be read."""
    with opened(pinned(context, directory, zones), read_only=True) as warehouse:
        for record in _TABLES:
            if dg.AssetKey([SCHEMA, record.TABLE]) not in context.selected_asset_keys:
                continue
            rows = warehouse.table(f"{SCHEMA}.{record.TABLE}").count("*").fetchall()
            yield dg.MaterializeResult(asset_key=[SCHEMA, record.TABLE], metadata={"rows": rows[0][0]})


def marts(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Return every model of dbt's manifest as an asset, and every test as a check, built by one dbt command.

    The warehouse is replaced as a whole: a run of some of the assets builds all, reports only those, and publishes; a
    run of checks only builds what they check, and publishes nothing.
    """

    @dbt_assets(manifest=manifest, name="marts", dagster_dbt_translator=_TRANSLATOR)
    def marts(
        context: dg.AssetExecutionContext, directory: dg.ResourceParam[Directory], zones: dg.ResourceParam[Zones]
    ) -> Iterator[Any]:
        settings, place = zone_of(context, zones).settings, pinned(context, directory, zones)
        for event in _dbt_build(context, settings, place, manifest, selected=_asked(context)).stream():
            if (
                not isinstance(event, dg.Output)
                or event.output_name in context.op_execution_context.selected_output_names
            ):
                yield event
        if context.selected_asset_keys and not is_published_later(context):
            context.log.info("published: %s", _publish(settings, place, context.run.run_id))

    return marts


def warehouse(built: dg.AssetsDefinition, manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Return the asset that publishes the built file; a run of this asset alone builds the file first."""

    @dg.asset(
        key=WAREHOUSE_KEY,
        deps=[built],
        group_name="warehouse",
        description="The DuckDB file with the marts, replaced by one rename after all models and tests have passed.",
    )
    def warehouse(
        context: dg.AssetExecutionContext, directory: dg.ResourceParam[Directory], zones: dg.ResourceParam[Zones]
    ) -> dg.MaterializeResult[None]:
        settings, place = zone_of(context, zones).settings, pinned(context, directory, zones)
        if not _artifacts(place).exists():
            _dbt_build(context, settings, place, manifest, selected=MARTS).wait()
        return dg.MaterializeResult(metadata=_publish(settings, place, context.run.run_id))

    return warehouse


def _publish(settings: Settings, place: Path, run_id: str) -> dict[str, int | bool]:
    """Publish the built file and record the build's end; return the counts of its contents."""
    with opened(place) as made:
        positions = {f"position of {cut.book_name}": cut.watermark.seq for cut in pinned_books(made)}
        create_partner_views(made)
        rows = {f"rows of {name}": count for name, count in made.execute(_SIZES).fetchall()}
        record_lineage(made, _artifacts(place), run_id)
    published = publish(settings, run_id)
    note_success(settings, Operation.BUILD)
    return {"published": published, **positions, **rows}


def _asked(context: dg.AssetExecutionContext) -> tuple[str, ...]:
    """Return dbt's selector of what a run builds: everything, or the tests of a run of checks only and their models."""
    if context.selected_asset_keys or is_published_later(context):
        return MARTS
    names = sorted(f"+{check.name}" for check in context.selected_asset_check_keys)
    return ("--select", *names, "--indirect-selection", "empty", "--exclude-resource-type", "unit_test")


def _dbt_build(
    context: dg.AssetExecutionContext,
    settings: Settings,
    place: Path,
    manifest: Mapping[str, Any],
    *,
    selected: tuple[str, ...],
) -> DbtCliInvocation:
    """Start `dbt build` of what is selected; an error or a failed test raises once its events have been read.

    Not `DbtCliResource`, which starts dbt a second time for its version. Unit tests check the code, not the rows: the
    test suite runs them.
    """
    artifacts = _artifacts(place)
    return DbtCliInvocation.run(
        args=dbt_command("build", warehouse=place, artifacts=artifacts, flags=(*selected, *as_parsed(settings))),
        env={**settings.child_environ(), "DBT_LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"},
        manifest=manifest,
        dagster_dbt_translator=_TRANSLATOR,
        project_dir=place.parent,  # the working directory; the command line has the folder of the models
        target_path=artifacts,
        raise_on_error=True,
        context=context,
        adapter=None,
        cli_version=Version(version("dbt-core")),
    )


def _artifacts(place: Path) -> Path:
    """Return the folder of dbt's manifest and results, beside the file that it builds."""
    return place.parent / "dbt"
