"""`cofferdam generated`: writes the files that are derived from the code and checked in."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import typer

from api.graphql.schema import sdl
from cofferdam.embedded import server
from lake.schema import data_dictionary, dbt_source
from lake.silver.tables import SILVER
from lake.tables import PublishedWatermark
from ledger.events.feed import STREAMED
from ledger.kernel.sql import create_engine
from ledger.migrations.catalogue import EXPECTED, listing
from ledger.migrations.upgrade import upgrade
from ledger.records.quarantined_rows import QuarantinedRow

ROOT: Final = Path(__file__).parent.parent
"""The repository."""


def command() -> None:
    """Write schema.graphql, the dbt sources, the data dictionary and the catalogue of the database anew."""
    for path, text in (generated_files() | {EXPECTED: _catalogue()}).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        typer.echo(path.relative_to(ROOT))


def generated_files() -> dict[Path, str]:
    """Give the text of each file that is generated from the code alone by its path."""
    return {
        ROOT / "api" / "graphql" / "schema.graphql": sdl(),
        ROOT / "dbt_project" / "models" / "sources" / "lake.yml": dbt_source((*STREAMED, PublishedWatermark)),
        ROOT / "docs" / "dictionary.md": data_dictionary(
            (*STREAMED, PublishedWatermark, *(each.record for each in SILVER), QuarantinedRow)
        ),
    }


def _catalogue() -> str:
    """What a database has after every migration, asked of one that is made for it."""
    with TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as home, server(Path(home)) as url:
        upgrade(url)
        engine = create_engine(url)
        try:
            with engine.connect() as connection:
                return "".join(f"{line}\n" for line in listing(connection))
        finally:
            engine.dispose()
