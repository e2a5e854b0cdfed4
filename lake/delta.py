"""Delta tables that belong to one ledger: opened, or made, and refused when they are another's."""

from typing import Final

from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties
from deltalake.exceptions import TableNotFoundError

from lake.errors import ForeignLake
from lake.schema import arrow_schema
from lake.tables import Lake, Silver, table_url
from ledger.kernel.record import Record
from ledger.kernel.version import VERSION

WRITER: Final = f"cofferdam {VERSION}"
"""The code version that commits name."""

COMPRESSION: Final = WriterProperties(compression="ZSTD", compression_level=3)
"""Measured on transfers: 62 B a row, where snappy takes 110 at the same speed."""

_OWNER: Final = "cofferdam.cluster"


def open_delta(
    lake: Lake, book_name: str, record: type[Record], *, cluster_id: str, options: dict[str, str]
) -> DeltaTable:
    """A handle on the record's table, which is made with `options` if it is absent. Raises `ForeignLake`."""
    url = table_url(lake.url, book_name, record)
    try:
        table = DeltaTable(url, storage_options=lake.storage_options)
    except TableNotFoundError:
        table = _create(lake, url, record, {**options, _OWNER: cluster_id})
    owner = owner_of(table)
    if owner != cluster_id:
        raise ForeignLake(
            f"{url} belongs to another ledger (PostgreSQL cluster {owner or 'unknown'}, not {cluster_id}); "
            "point COFFERDAM_LAKE_URL at this ledger's own lake, or at an empty place"
        )
    return table


def owner_of(table: DeltaTable) -> str | None:
    """The PostgreSQL cluster that the table says it belongs to."""
    return table.metadata().configuration.get(_OWNER)


def application_id(cluster_id: str, book_name: str, record: type[Record]) -> str:
    """Under which name the journal position is kept in the table's own log."""
    return f"{cluster_id}/{book_name}/{record.TABLE}"


def commit_properties(app_id: str, position: int, metadata: dict[str, str]) -> CommitProperties:
    """A commit that moves the table's mark to `position` together with its rows, and says who wrote it."""
    return CommitProperties(
        custom_metadata={**metadata, "writer": WRITER},
        app_transactions=[Transaction(app_id, position)],
    )


def _create(lake: Lake, url: str, record: type[Record], configuration: dict[str, str]) -> DeltaTable:
    return DeltaTable.create(
        url,
        arrow_schema(record),
        name=record.TABLE,
        description=" ".join((record.__doc__ or "").split()),
        partition_by=list(record.PARTITIONS) if issubclass(record, Silver) else None,
        configuration=configuration,
        storage_options=lake.storage_options,
        raise_if_key_not_exists=False,  # the owner is a property of ours
    )
