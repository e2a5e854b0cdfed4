"""Sail: builds the same dbt models on an engine beyond one machine, from pinned versions of bronze into gold.

Sail runs in an environment of its own, `.venv-scale`: inside dbt's process, or as a server elsewhere. It reads bronze
by version and downloads no file to this machine. It never writes bronze: its Delta writer does not notice concurrent
commits, so a table is written either by the stream or by Sail.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from deltalake import DeltaTable

from lake.gold import gold_url, publish_marts
from lake.residency.claims import DEFAULT
from lake.residency.zones import Zone, Zones
from lake.schema import SQL_TYPES, lake_columns
from lake.tables import Lake, PublishedWatermark, table_url
from ledger.kernel.errors import Refusal, Unavailable
from ledger.kernel.record import Record
from ledger.kernel.settings import Settings
from ledger.records import STREAMED
from ledger.tenancy.directory import Directory
from pipelines.marts.project import MARTS, dbt_arguments
from pipelines.marts.snapshot import take_snapshot
from pipelines.marts.sources import SCHEMA, PinnedBook, numbers

ENVIRONMENT: Final = Path(__file__).parents[2] / ".venv-scale"
"""The environment with Sail (decision 0039)."""

DBT: Final = (
    "__file__ = 'dbt'; import json, os, sys; asked = json.load(sys.stdin); os.environ.update(asked['secrets']); "
    "from dbt.cli.main import cli; cli(asked['arguments'])"
)
"""Arguments come by standard input, since the pins of many books exceed the length of a command line, and so do the
store's credentials, since other users can read a process's command line. `__file__` is set because Spark's client takes
a main module without a file for a run of its own tests."""

_PINNED: Final = "pinned"  # the schema of the bronze tables in Sail's catalog, one table per book
_LOCK: Final = 0x601D  # our advisory lock on gold
_LINE_MAX: Final = 300
_TYPES: Final = {"varchar": "string", "timestamp with time zone": "timestamp"}

Progress = Callable[[str], Any]
"""Receives a short description of the current step."""


class GoldFailed(Refusal):
    """A model or a test failed on Sail; the published marts are unchanged. The text names each failure."""

    code = "gold_failed"


@dataclass(frozen=True, slots=True)
class GoldReport:
    """The result of a build: the position of each book, and the published version of each mart."""

    positions: dict[str, int]
    versions: dict[str, int]

    def __str__(self) -> str:
        books = ", ".join(f"{name} at position {seq}" for name, seq in self.positions.items())
        return f"gold is up to date: {books or 'no book has a fact yet'}; {len(self.versions)} marts are published"


def build_gold(
    directory: Directory, zones: Zones, zone: Zone, *, server: tuple[str, int] | None = None, progress: Progress
) -> GoldReport:
    """Stream the missing facts of a zone, build and test every mart of it on Sail, and publish them together.

    `server` is the host and port of a Sail server; without one, Sail runs inside dbt's process. Raises `GoldFailed`,
    `Unavailable` if Sail is not installed or another build is running, and the errors of a snapshot.
    """
    settings, lake = zone.settings, zone.lake
    if not (ENVIRONMENT / "bin" / "python").exists():
        raise Unavailable("Sail is not installed; `make scale` does it")
    with alone(directory.default_engine):
        progress("streaming what is missing")
        cuts = take_snapshot(directory, zones, zone).cuts
        progress("building the marts on Sail")
        _run(settings, {"sources": pinned_sources(lake, cuts), "gold": gold_url(lake), **_address(server)})
        positions = {cut.book_name: cut.watermark.seq for cut in cuts}
        versions = publish_marts(lake, _built(settings), {"positions": json.dumps(positions, sort_keys=True)})
    return GoldReport(positions, versions)


@contextmanager
def alone(engine: sa.Engine) -> Iterator[None]:
    """Exclude other builds of gold, since a build publishes the newest versions of the tables as its own."""
    with engine.connect() as pooled:
        connection = pooled.execution_options(
            isolation_level="AUTOCOMMIT"
        )  # no transaction stays open for the build's time
        try:
            if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_LOCK))).scalar_one():
                raise Unavailable("another build of gold is under way; wait for its end")
            yield
        finally:
            pooled.invalidate()  # the lock ends with the connection


def pinned_sources(lake: Lake, cuts: Sequence[PinnedBook]) -> list[str]:
    """Return the statements for the views of the source `lake`: each table's newest version, up to the watermarks.

    Sail drops quotes in a view's text, so a view names catalog tables and never paths; and only `VERSION AS OF` pins a
    version: as a table option, Sail ignores it silently.
    """
    statements = [f"CREATE SCHEMA IF NOT EXISTS {schema}" for schema in (_PINNED, SCHEMA)]
    for record in STREAMED:
        places = [cut for cut in cuts if record.TABLE in cut.watermark.versions]
        for cut in places:
            place = _quoted(table_url(lake.url, cut.book_name, record))
            statements.append(f"CREATE TABLE IF NOT EXISTS {_table(record, cut)} USING delta LOCATION {place}")
        rows = [_rows(lake, record, cut) for cut in places] or [_nothing(record)]
        statements.append(f"CREATE OR REPLACE VIEW {SCHEMA}.{record.TABLE} AS {' UNION ALL '.join(rows)}")
    marks = [_mark(cut) for cut in cuts] or [_nothing(PublishedWatermark)]
    statements.append(f"CREATE OR REPLACE VIEW {SCHEMA}.{PublishedWatermark.TABLE} AS {' UNION ALL '.join(marks)}")
    return statements


def _run(settings: Settings, variables: dict[str, object]) -> None:
    artifacts = _artifacts(settings)
    artifacts.mkdir(parents=True, exist_ok=True)
    (artifacts / "run_results.json").unlink(missing_ok=True)
    arguments = dbt_arguments("build", artifacts=artifacts, variables=variables, flags=(*MARTS, "--target", "sail"))
    outcome = subprocess.run(
        [str(ENVIRONMENT / "bin" / "python"), "-c", DBT],
        input=json.dumps({"arguments": arguments, "secrets": settings.root.storage_options}),
        env={**settings.child_environ(), "RUST_LOG": "warn"},
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        said = "; ".join(_failures(settings)) or " ".join((outcome.stdout + outcome.stderr).split())[-2 * _LINE_MAX :]
        raise GoldFailed(f"{said}; what was published before stays so, and dbt's log is {artifacts / 'dbt.log'}")


def _address(server: tuple[str, int] | None) -> dict[str, object]:
    return {} if server is None else {"sail_host": server[0], "sail_port": server[1]}


def _failures(settings: Settings) -> Iterator[str]:
    for result in _results(settings):
        if result["status"] in ("error", "fail", "runtime error"):
            yield f"{result['unique_id']}: {' '.join(str(result['message']).split())[:_LINE_MAX]}"


def _built(settings: Settings) -> list[str]:
    """Return every mart of the run, as schema.name."""
    manifest = json.loads((_artifacts(settings) / "manifest.json").read_text())
    models = [manifest["nodes"][result["unique_id"]] for result in _results(settings)]
    return [f"{model['schema']}.{model['alias']}" for model in models if model["config"]["materialized"] == "table"]


def _results(settings: Settings) -> list[dict[str, Any]]:
    path = _artifacts(settings) / "run_results.json"
    results: list[dict[str, Any]] = json.loads(path.read_text())["results"] if path.exists() else []
    return results


def _artifacts(settings: Settings) -> Path:
    return settings.home / f"gold-{settings.zone or DEFAULT}".lower()


def _table(record: type[Record], cut: PinnedBook) -> str:
    return f"{_PINNED}.{record.TABLE}_{cut.book_id}"


def _rows(lake: Lake, record: type[Record], cut: PinnedBook) -> str:
    """Return the rows of one book; a version contains all older ones, so the newest version and a position suffice."""
    numbered = numbers(cut)
    names = ", ".join(f"{numbered.get(column.name, column.name)} AS {column.name}" for column in lake_columns(record))
    url = table_url(lake.url, cut.book_name, record)
    version = DeltaTable(url, storage_options=lake.storage_options).version()
    pinned = f"{_table(record, cut)} VERSION AS OF {version}"
    return f"SELECT {names} FROM {pinned} WHERE seq <= {cut.watermark.seq}"  # noqa: S608  # names of ours


def _mark(cut: PinnedBook) -> str:
    mark = cut.watermark
    versions = json.dumps(mark.versions, sort_keys=True)
    row: tuple[str | int, ...] = (int(cut.book_id), cut.book_name, mark.seq, mark.chain_hash, versions)
    typed = zip(row, _typed(PublishedWatermark), strict=True)
    return f"SELECT {', '.join(f'CAST({_literal(value)} AS {kind}) AS {name}' for value, (name, kind) in typed)}"


def _nothing(record: type[Record]) -> str:
    return f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS {name}' for name, kind in _typed(record))} WHERE false"


def _typed(record: type[Record]) -> Iterator[tuple[str, str]]:
    kinds = ((column.name, SQL_TYPES[column.storage]) for column in lake_columns(record))
    return ((name, _TYPES.get(kind, kind)) for name, kind in kinds)


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else _quoted(value)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
