"""Gold: the marts as Delta tables beside bronze, and the one table that says which of their versions belong together.

    <lake>/_gold/<schema>/<mart>   a mart; each build replaces its rows in one commit
    <lake>/_gold/published         a row per mart with the version that the last whole build gave it

A build that fails half-way leaves marts at newer versions than those that are published.
"""

from collections.abc import Mapping
from typing import Annotated, Final

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError

from lake.delta.commits import WRITER
from lake.delta.opening import COMPRESSION
from lake.schema import arrow_schema
from lake.tables import Lake
from ledger.kernel.record import Col, Record, record

_FOLDER: Final = "_gold"  # the name of a book begins with a letter, so that this is none


@record
class PublishedMart(Record):
    """Which version of a mart is part of the last build that was whole."""

    TABLE = "published"
    mart: Annotated[str, Col("The mart, as schema.name; its table is at schema/name beside this one.", key=True)]
    version: Annotated[int, Col("The Delta version of its table.")]


def gold_url(lake: Lake) -> str:
    """The folder that holds every mart."""
    return f"{lake.url}/{_FOLDER}"


def mart_url(lake: Lake, mart: str) -> str:
    """Where a mart's table lies; `mart` is schema.name."""
    return f"{gold_url(lake)}/{mart.replace('.', '/')}"


def publish_marts(lake: Lake, marts: list[str], metadata: Mapping[str, str]) -> dict[str, int]:
    """Make the newest versions of all these marts the published ones, in one commit; the versions.

    Only who builds them may call this, while nobody else builds. What was replaced longer ago
    than a table keeps it, a day for a mart, is deleted.
    """
    tables = {mart: DeltaTable(mart_url(lake, mart), storage_options=lake.storage_options) for mart in marts}
    versions = {mart: table.version() for mart, table in tables.items()}
    schema = arrow_schema(PublishedMart)
    rows = [{"mart": mart, "version": version} for mart, version in sorted(versions.items())]
    write_deltalake(
        _published_url(lake),
        pa.Table.from_pylist(rows, schema=schema),
        mode="overwrite",
        storage_options=lake.storage_options,
        writer_properties=COMPRESSION,
        commit_properties=CommitProperties(custom_metadata={**metadata, "writer": WRITER}),
    )
    for table in (*tables.values(), DeltaTable(_published_url(lake), storage_options=lake.storage_options)):
        table.create_checkpoint()
        table.vacuum(dry_run=False)
    return versions


def published_marts(lake: Lake) -> dict[str, int]:
    """The published version of each mart; nothing before the first whole build."""
    try:
        table = DeltaTable(_published_url(lake), storage_options=lake.storage_options)
    except TableNotFoundError:
        return {}
    return {row["mart"]: row["version"] for row in table.to_pyarrow_table().to_pylist()}


def _published_url(lake: Lake) -> str:
    return f"{gold_url(lake)}/{PublishedMart.TABLE}"
