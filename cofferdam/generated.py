"""`cofferdam generated`: writes the files that are derived from the code and checked in."""

from pathlib import Path
from typing import Final

import typer

from api.graphql.schema import sdl
from lake.quarantined_rows import QuarantinedRow
from lake.schema import data_dictionary, dbt_source
from lake.silver.tables import SILVER
from lake.tables import PublishedWatermark
from ledger.events.feed import STREAMED

ROOT: Final = Path(__file__).parent.parent
"""The repository."""


def command() -> None:
    """Write schema.graphql, the dbt sources and the data dictionary anew."""
    for path, text in generated_files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        typer.echo(path.relative_to(ROOT))


def generated_files() -> dict[Path, str]:
    """Give the text of each generated file by its path."""
    return {
        ROOT / "api" / "graphql" / "schema.graphql": sdl(),
        ROOT / "dbt_project" / "models" / "sources" / "lake.yml": dbt_source((*STREAMED, PublishedWatermark)),
        ROOT / "docs" / "dictionary.md": data_dictionary(
            (*STREAMED, PublishedWatermark, *(each.record for each in SILVER), QuarantinedRow)
        ),
    }
