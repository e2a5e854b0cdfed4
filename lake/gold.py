"""Gold: the marts as Delta tables beside bronze, and one table with the versions of them that belong together.

    <lake>/_gold/<schema>/<mart>   a mart; each build replaces its rows in one commit
    <lake>/_gold/published         a row per mart with its version in the last complete build

A build that fails half-way leaves marts at newer versions than the published ones.
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

_FOLDER: Final = "_gold"  # a book's name begins with a letter, so that no book is named so


@record
class PublishedMart(Record):
    """The version of a mart in the last complete build."""

    TABLE = "published"
    mart: Annotated[str, Col("The mart, as schema.name; its table is at schema/name beside this one.", key=True)]
    version: Annotated[int, Col("The Delta version of its table.")]


def gold_url(lake: Lake) -> str:
    """Return the folder of all marts."""
    return f"{lake.url}/{_FOLDER}"


def mart_url(lake: Lake, mart: str) -> str:
    """Return the address of a mart's table; `mart` is schema.name."""
    return f"{gold_url(lake)}/{mart.replace('.', '/')}"


def publish_marts(lake: Lake, marts: list[str], metadata: Mapping[str, str]) -> dict[str, int]:
    """Publish the newest versions of all these marts, in one commit, and return them.

    Only the builder may call this, while no other build runs. Files replaced longer ago than the table's retention, a
    day for a mart, are deleted.
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
    """Return the published version of each mart; empty before the first complete build."""
    try:
        table = DeltaTable(_published_url(lake), storage_options=lake.storage_options)
    except TableNotFoundError:
        return {}
    return {row["mart"]: row["version"] for row in table.to_pyarrow_table().to_pylist()}


def _published_url(lake: Lake) -> str:
    return f"{gold_url(lake)}/{PublishedMart.TABLE}"
