"""The catalogue of assets: what Dagster's web UI shows besides the graph, such as owner, kinds, columns, freshness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from inspect import cleandoc
from typing import Final

import dagster as dg

from lake.schema import lake_columns
from lake.silver.tables import SILVER
from lake.tables import PublishedWatermark
from ledger.kernel.record import Record
from ledger.records import STREAMED

JOURNAL: Final = dg.AssetSpec(
    ["ledger", "journal"],
    deps=[["quarantine", "rows"]],
    group_name="ledger",
    description=(
        "The journal of each book in PostgreSQL: every fact at its position. The API and imports append to "
        "it; rows that were quarantined become facts when they are replayed."
    ),
)
"""The source of everything: no run materializes it."""

_OWNER: Final = "team:data-engineering"
_LAYER: Final = "cofferdam/layer"
_STALE: Final = timedelta(minutes=45)
"""The age at which what every build materializes counts as stale: two builds were missed."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Attributes of the assets of a group, unless they have their own."""

    layer: str
    kinds: frozenset[str] = frozenset()
    owner: str = _OWNER
    is_built: bool = False


_GROUPS: Final[Mapping[str, _Group]] = {
    "ledger": _Group("source", frozenset({"postgres"}), "team:ledger"),
    "quarantine": _Group("source", frozenset({"postgres"})),
    "lake": _Group("bronze", frozenset({"deltalake"}), is_built=True),
    "silver": _Group("silver", frozenset({"deltalake"})),
    "staging": _Group("staging", is_built=True),
    "generated": _Group("staging", is_built=True),
    "reference": _Group("staging", is_built=True),
    "intermediate": _Group("intermediate", is_built=True),
    "finance": _Group("gold", owner="team:finance", is_built=True),
    "partner": _Group("gold", owner="team:partner-reporting", is_built=True),
    "regulatory": _Group("gold", owner="team:regulatory-reporting", is_built=True),
    "warehouse": _Group("gold", frozenset({"duckdb"}), is_built=True),
    "insights": _Group("gold", frozenset({"python"}), "team:privacy"),
}

_TABLES: Final[Mapping[tuple[str, str], type[Record]]] = {
    **{("lake", record.TABLE): record for record in STREAMED},
    ("lake", PublishedWatermark.TABLE): PublishedWatermark,
    **{("silver", declared.record.TABLE): declared.record for declared in SILVER},
}


def catalogued(defined: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """Return assets that runs materialize, with all that the catalogue shows."""
    return defined.map_asset_specs(catalogued_spec)


def catalogued_spec(spec: dg.AssetSpec) -> dg.AssetSpec:
    """Return an asset with all that the catalogue shows. Raises `KeyError` for a group that is not declared here."""
    group = _GROUPS[spec.group_name or ""]
    described = spec.replace_attributes(
        owners=spec.owners or [group.owner],
        kinds=spec.kinds | group.kinds,
        description=cleandoc(spec.description or ""),
    ).merge_attributes(tags={_LAYER: group.layer}, metadata=_columns(spec.key))
    if not group.is_built:
        return described
    return described.replace_attributes(freshness_policy=dg.FreshnessPolicy.time_window(fail_window=_STALE))


def _columns(key: dg.AssetKey) -> dict[str, dg.TableSchema]:
    """Return the column schema of a table of the lake, under Dagster's name for it; nothing for other assets."""
    record = _TABLES.get((key.path[0], key.path[-1]))
    if record is None:
        return {}
    columns = [
        dg.TableColumn(
            each.name,
            each.storage.__name__,
            each.col.doc,
            constraints=dg.TableColumnConstraints(nullable=each.nullable),
        )
        for each in lake_columns(record)
    ]
    return {"dagster/column_schema": dg.TableSchema(columns)}
