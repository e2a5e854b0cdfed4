"""Recorded lineage: stores in the warehouse which run and code built each model, and from which sources.

dbt writes its manifest and results to the folder of the build, which is deleted when the warehouse is published. The
needed parts are written into the warehouse first, so that the file explains itself wherever it is copied.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

import duckdb

from ledger.kernel.errors import NotFound
from ledger.kernel.version import VERSION

_TABLES: Final = """
    CREATE SCHEMA IF NOT EXISTS lineage;
    CREATE OR REPLACE TABLE lineage.builds (
        run_id varchar, dbt_invocation_id varchar, dbt_version varchar, writer varchar, built_at timestamptz
    );
    CREATE OR REPLACE TABLE lineage.models (
        model varchar, schema_name varchar, path varchar, code_sha256 varchar, grain varchar, key_columns varchar[],
        parents varchar[], origins varchar, built_at timestamptz
    );
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """A kind of facts that a mart's rows come from, as declared by `trace` in the model's `meta`.

    `table` is the bronze table of the facts; `relation` a model with a row per fact, whose column `position` has the
    fact's position; `where` joins such a `fact` to a row of the `mart`; `gives` maps columns of the mart to aggregates
    over these facts. `facts` is None, or a condition on the bronze rows: the mart's rows then partition those facts, so
    that each belongs to exactly `times` rows, counted as rows of the relation.
    """

    what: str
    table: str
    relation: str
    position: str
    where: str
    gives: dict[str, str]
    facts: str | None
    times: int | None

    @classmethod
    def declared(cls, meta: Mapping[str, Any]) -> Self:
        """Parse one entry of a model's `trace`."""
        parts = meta.get("parts", {})
        return cls(
            what=meta["what"],
            table=meta["from"],
            relation=meta["of"],
            position=meta.get("position", "seq"),
            where=meta["where"],
            gives=dict(meta["gives"]),
            facts=parts.get("facts"),
            times=parts.get("times"),
        )


@dataclass(frozen=True, slots=True)
class Build:
    """The build of a warehouse: the Dagster run, its dbt invocation, and our code version."""

    run_id: str
    dbt_invocation_id: str
    dbt_version: str
    writer: str
    built_at: datetime


@dataclass(frozen=True, slots=True)
class Model:
    """A model: the path and SHA-256 of its code, its grain and key, its parents, and its origins.

    `origins` is empty unless the model is a mart; `built_at` is None before the first build.
    """

    name: str
    schema: str
    path: str
    code_sha256: str
    grain: str
    key: tuple[str, ...]
    parents: tuple[str, ...]
    origins: tuple[Origin, ...]
    built_at: datetime | None = None

    @property
    def relation(self) -> str:
        """The table or view, qualified by its schema."""
        return f"{self.schema}.{self.name}"


def declared_models(manifest: Mapping[str, Any]) -> list[Model]:
    """Return every model of dbt's manifest, ordered by name."""
    keys = dict(_keys(manifest))
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    return sorted((_model(manifest, node, keys) for node in nodes), key=lambda model: model.name)


def record_lineage(warehouse: duckdb.DuckDBPyConnection, artifacts: Path, run_id: str) -> None:
    """Write the lineage in dbt's manifest and results in `artifacts` into the warehouse."""
    manifest = json.loads((artifacts / "manifest.json").read_text())
    results = json.loads((artifacts / "run_results.json").read_text())
    ended = {each["unique_id"].rsplit(".", 1)[-1]: _ended(each) for each in results["results"]}
    about = results["metadata"]
    warehouse.execute(_TABLES)
    warehouse.execute(
        "INSERT INTO lineage.builds VALUES (?, ?, ?, ?, ?)",
        [run_id, about["invocation_id"], about["dbt_version"], f"cofferdam {VERSION}", about["generated_at"]],
    )
    for model in declared_models(manifest):
        origins = json.dumps([asdict(origin) for origin in model.origins])
        warehouse.execute(
            "INSERT INTO lineage.models VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [model.name, model.schema, model.path, model.code_sha256, model.grain, list(model.key),
             list(model.parents), origins, ended.get(model.name)],
        )  # fmt: skip


def recorded_build(warehouse: duckdb.DuckDBPyConnection) -> Build:
    """Return the build of a warehouse. Raises `NotFound` if none is recorded."""
    try:
        (row,) = warehouse.execute("FROM lineage.builds").fetchall()
    except duckdb.CatalogException:
        raise NotFound("the warehouse does not say how it was built; build it anew: cofferdam build") from None
    return Build(*row)


def recorded_models(warehouse: duckdb.DuckDBPyConnection) -> dict[str, Model]:
    """Return the recorded models of a warehouse, by name."""
    rows = warehouse.execute("FROM lineage.models ORDER BY model").fetchall()
    return {row[0]: _recorded(row) for row in rows}


def _recorded(row: tuple[Any, ...]) -> Model:
    name, schema, path, code, grain, key, parents, origins, built_at = row
    read = tuple(Origin(**origin) for origin in json.loads(origins))
    return Model(name, schema, path, code, grain, tuple(key), tuple(parents), read, built_at)


def _model(manifest: Mapping[str, Any], node: Mapping[str, Any], keys: Mapping[str, tuple[str, ...]]) -> Model:
    meta = node["config"]["meta"]
    return Model(
        name=node["name"],
        schema=node["schema"],
        path=node["original_file_path"],
        code_sha256=node["checksum"]["checksum"],
        grain=meta["grain"],
        key=keys.get(node["unique_id"], ()),
        parents=tuple(sorted(_name(manifest, parent) for parent in node["depends_on"]["nodes"])),
        origins=tuple(Origin.declared(each) for each in meta.get("trace", ())),
    )


def _keys(manifest: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the key of each model: the columns of its uniqueness test."""
    for node in manifest["nodes"].values():
        tested = node.get("test_metadata") or {}
        if node["resource_type"] == "test" and tested.get("name") == "key_is_unique":
            yield node["attached_node"], tuple(tested["kwargs"]["columns"])


def _name(manifest: Mapping[str, Any], unique_id: str) -> str:
    """Return a model's name, or a source's schema and name."""
    source = manifest["sources"].get(unique_id)
    return f"{source['schema']}.{source['name']}" if source else unique_id.rsplit(".", 1)[-1]


def _ended(result: Mapping[str, Any]) -> str | None:
    return max((each["completed_at"] for each in result["timing"] if each["completed_at"]), default=None)
