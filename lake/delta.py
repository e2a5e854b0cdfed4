"""Delta tables that belong to one ledger: opened, or made, brought to the records' columns, refused when another's."""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa
from deltalake import DeltaTable, Schema, WriterProperties
from deltalake.exceptions import TableNotFoundError

from lake.commits import CommitLog, Place
from lake.errors import ForeignLake, Misplaced
from lake.schema import arrow_schema, schema_version
from lake.store import ObjectStore
from lake.tables import Lake, partitions_of, table_url
from ledger.kernel.record import Record
from ledger.records.books import Book

COMPRESSION: Final = WriterProperties(compression="ZSTD", compression_level=3)
"""Of what Delta's own client writes: silver and gold. On transfers 62 B a row, where snappy takes 110 as fast."""

_OWNER: Final = "cofferdam.cluster"
_SCHEMA: Final = "cofferdam.schema"

JURISDICTION: Final = "cofferdam.jurisdiction"
"""The property in which every table of a book says what law its rows are under."""


def open_delta(
    lake: Lake, book: Book, record: type[Record], *, cluster_id: str, options: Mapping[str, str]
) -> DeltaTable:
    """A handle on the record's table of a book, which is made with `options` if it is absent.

    A table that was written by an earlier version of us gets the columns and options that have come since. Raises
    `ForeignLake` for another ledger's, and for one that a later version wrote: its rows would lose columns; and
    `Misplaced` in a root where books of this one's jurisdiction do not belong.
    """
    url = table_url(lake.url, book.name, record)
    if not lake.residents.admit(book.jurisdiction):
        raise Misplaced(f"book {book.name} is under {book.jurisdiction}, whose books never lie in {lake.url}")
    wanted = {**options, _OWNER: cluster_id, _SCHEMA: schema_version(record), JURISDICTION: book.jurisdiction}
    try:
        table = DeltaTable(url, storage_options=lake.storage_options)
    except TableNotFoundError:
        return _create(lake, url, record, wanted)
    owner = owner_of(table)
    if owner != cluster_id:
        raise ForeignLake(
            f"{url} belongs to another ledger (PostgreSQL cluster {owner or 'unknown'}, not {cluster_id}); "
            "point COFFERDAM_LAKE_URL at this ledger's own lake, or at an empty place"
        )
    stated = table.metadata().configuration.get(JURISDICTION, book.jurisdiction)
    if stated != book.jurisdiction:
        raise Misplaced(f"book {book.name} is under {book.jurisdiction}, and {url} says that it is under {stated}")
    _bring_up(table, record, wanted)
    return table


def owner_of(table: DeltaTable) -> str | None:
    """The PostgreSQL cluster that the table says it belongs to."""
    return table.metadata().configuration.get(_OWNER)


def application_id(cluster_id: str, book_name: str, record: type[Record]) -> str:
    """Under which name the journal position is kept in the table's own log."""
    return f"{cluster_id}/{book_name}/{record.TABLE}"


def open_log(lake: Lake, book_name: str, record: type[Record], table: DeltaTable, *, cluster_id: str) -> CommitLog:
    """The place in the table's log that a handle shows, to commit what follows it."""
    app_id = application_id(cluster_id, book_name, record)
    store = ObjectStore(lake, table_url(lake.url, book_name, record))
    mark = table.transaction_version(app_id) or 0
    return CommitLog(store, app_id, Place(table.version(), mark), name=_named(book_name, record))


def keeper_log(lake: Lake, book_name: str, record: type[Record], table: DeltaTable) -> CommitLog:
    """The same place for one who keeps the table in order beside its writer."""
    store = ObjectStore(lake, table_url(lake.url, book_name, record))
    return CommitLog(store, None, Place(table.version(), 0), name=_named(book_name, record))


def _named(book_name: str, record: type[Record]) -> str:
    return f"{record.TABLE} of book {book_name!r}"


def _bring_up(table: DeltaTable, record: type[Record], wanted: Mapping[str, str]) -> None:
    """Add what the record has and the table lacks: columns are only ever added, and only such as may be null."""
    url, schema = table.table_uri, arrow_schema(record)
    known = {field.name: field.type for field in pa.schema(table.schema().to_arrow())}
    if later := sorted(set(known) - set(schema.names) - set(table.metadata().partition_columns)):
        raise ForeignLake(
            f"{url} was written by a later version of Cofferdam, with the columns {', '.join(later)}; start that one"
        )
    if changed := [field.name for field in schema if known.get(field.name, field.type) != field.type]:
        raise ForeignLake(f"{url} has another type in {', '.join(changed)}; a column never changes its type")
    if missing := [field.with_nullable(True) for field in schema if field.name not in known]:
        table.alter.add_columns(Schema.from_arrow(pa.schema(missing)).fields)
    present = table.metadata().configuration
    if changes := {name: value for name, value in wanted.items() if present.get(name) != value}:
        table.alter.set_table_properties(changes, raise_if_not_exists=False)


def _create(lake: Lake, url: str, record: type[Record], configuration: Mapping[str, str]) -> DeltaTable:
    schema, partitions = arrow_schema(record), partitions_of(record)
    for name in partitions:
        if name not in schema.names:
            schema = schema.append(pa.field(name, pa.date32(), False, {"comment": "The UTC day of `recorded_at`."}))
    return DeltaTable.create(
        url,
        schema,
        partition_by=list(partitions) or None,
        name=record.TABLE,
        description=" ".join((record.__doc__ or "").split()),
        configuration=dict(configuration),
        storage_options=lake.storage_options,
        raise_if_key_not_exists=False,  # the owner is a property of ours
    )
