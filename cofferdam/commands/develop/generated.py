"""Write the generated files of the repository again."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import typer

from api.access_page import access_page
from api.graphql.schema import sdl
from api.operators.schema import operator_sdl
from cofferdam.examples import example_answers
from cofferdam.metrics.page import metric_names, metrics_page
from cofferdam.runtime.embedded import server
from lake.schema import data_dictionary, dbt_source
from lake.schema_history import written_schemas
from lake.silver.tables import SILVER
from lake.staging import currencies_sql, market_holidays_sql, staged, staging_sql, staging_yaml
from lake.tables import PublishedWatermark
from ledger.flows.event_schemas import json_schema, require_compatible
from ledger.flows.event_types import EVENT_TYPES, TEST_EVENT
from ledger.flows.lifecycle_page import life_cycle_page
from ledger.imports.records import QuarantinedRow
from ledger.kernel.engines import create_engine
from ledger.kernel.settings import Settings
from ledger.migrations.catalogue import EXPECTED, listing
from ledger.migrations.upgrade import upgrade
from ledger.rails.ach.page import ach_page
from ledger.rails.iso20022.page import iso20022_page
from ledger.records import STREAMED
from ledger.vault.keyring import Keyrings
from ledger.vault.vault import Vault
from pipelines.definitions import definitions
from pipelines.graph import asset_graph
from pipelines.resources import held_resources

ROOT: Final = Path(__file__).parents[3]
"""The repository."""

_GOLDEN: Final = ROOT / "tests" / "golden"


def command() -> None:
    """Write the generated files again: the schema, dbt's sources and staging models, the golden files of tests."""
    _write(generated_files())
    _write(_asked_files())  # after the others, because dbt reads them


def generated_files() -> dict[Path, str]:
    """Return the text, by path, of each file that is generated from the code alone."""
    staging = ROOT / "dbt_project" / "models" / "staging" / "generated"
    schemas = _GOLDEN / "lake_schemas.txt"
    return {
        ROOT / "api" / "graphql" / "schema.graphql": sdl(),
        ROOT / "api" / "operators" / "schema.graphql": operator_sdl(),
        ROOT / "dbt_project" / "models" / "sources" / "lake.yml": dbt_source((*STREAMED, PublishedWatermark)),
        staging / "_generated.yml": staging_yaml(STREAMED),
        **event_schemas(ROOT / "docs" / "events"),
        **{staging / f"stg_lake__{record.TABLE}.sql": staging_sql(record) for record in staged(STREAMED)},
        staging.parent / "reference" / "stg_reference__currencies.sql": currencies_sql(),
        staging.parent / "reference" / "stg_reference__market_holidays.sql": market_holidays_sql(),
        schemas: written_schemas((*STREAMED, PublishedWatermark), schemas.read_text()),
        ROOT / "docs" / "guides" / "lifecycles.md": life_cycle_page(),
        ROOT / "docs" / "guides" / "access.md": access_page(),
        ROOT / "docs" / "guides" / "iso20022.md": iso20022_page(),
        ROOT / "docs" / "guides" / "metrics.md": metrics_page(),
        ROOT / "docs" / "guides" / "ach.md": ach_page(),
        _GOLDEN / "metrics.txt": metric_names(),
        ROOT / "docs" / "dictionary.md": data_dictionary(
            (*STREAMED, PublishedWatermark, *(each.record for each in SILVER), QuarantinedRow)
        ),
    }


def event_schemas(folder: Path) -> dict[Path, str]:
    """Return the JSON Schema of each event type and version, by path.

    Raises `InvalidInput` if a version would lose a property that its file has, or change one: that is a new version.
    """
    found: dict[Path, str] = {}
    for each in (*EVENT_TYPES.values(), TEST_EVENT):
        path = folder / f"{each.name}.v{each.version}.json"
        schema = json_schema(each)
        if path.exists():
            require_compatible(each, json.loads(path.read_text()))
        found[path] = json.dumps(schema, indent=2) + "\n"
    return found


def _write(files: dict[Path, str]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        typer.echo(path.relative_to(ROOT))


def _asked_files() -> dict[Path, str]:
    """Return the catalogue of a migrated database, and Dagster's graph, both from a temporary installation."""
    with TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as home, server(Path(home)) as url:
        upgrade(url)
        settings = Settings.from_env({"COFFERDAM_HOME": home, "COFFERDAM_DATABASE_URL": url})
        with held_resources(settings) as provided:
            assets = asset_graph(definitions(settings, provided))
        asked = {EXPECTED: _catalogue(url), _GOLDEN / "assets.txt": assets}
        return asked | _answers(url, Path(home))


def _answers(url: str, home: Path) -> dict[Path, str]:
    engine = create_engine(url)
    try:
        return example_answers(url, Vault(engine, Keyrings(home / "keyrings", lambda: [bytes(32)])))
    finally:
        engine.dispose()


def _catalogue(url: str) -> str:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return "".join(f"{line}\n" for line in listing(connection))
    finally:
        engine.dispose()
