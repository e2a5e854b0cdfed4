"""Opens Delta tables of one ledger: creates them, adds missing columns, and refuses tables of another ledger."""

import logging
from collections.abc import Mapping
from typing import Final

import pyarrow as pa
from deltalake import DeltaTable, Schema, WriterProperties
from deltalake.exceptions import TableNotFoundError

from lake.delta.commits import BY_US, CommitLog, LogPosition
from lake.delta.foreign_commits import protocol_beyond_ours
from lake.delta.logs import opened_table
from lake.delta.store import ObjectStore
from lake.errors import DamagedLake, ForeignLake, Misplaced, TableName
from lake.schema import arrow_schema, schema_version
from lake.tables import Lake, partitions_of, table_url
from ledger.kernel.record import Record
from ledger.tenancy.records import Book

COMPRESSION: Final = WriterProperties(compression="ZSTD", compression_level=3)
"""Compression of files that Delta's own client writes: silver and gold.

On transfers it takes 62 B a row, where snappy takes 110 B in the same time.
"""

_OWNER: Final = "cofferdam.cluster"
_SCHEMA: Final = "cofferdam.schema"

_log = logging.getLogger("cofferdam.lake")

JURISDICTION: Final = "cofferdam.jurisdiction"
"""The property of every table of a book with the jurisdiction of its rows."""


def open_delta(
    lake: Lake, book: Book, record: type[Record], *, cluster_id: str, options: Mapping[str, str]
) -> DeltaTable:
    """Open the record's table of a book; create it with `options` if it is absent.

    A table of an earlier version gets the columns and options added since; options that were changed outside are set
    back, which is logged in one line. Raises `ForeignLake` for a table of another ledger, or of a later version, whose
    rows would lose columns; `Misplaced` if books of this jurisdiction do not belong in the root; `DamagedLake` if its
    log is damaged, or requires a protocol that we do not write.
    """
    url = table_url(lake.url, book.name, record)
    if not lake.residents.admit(book.jurisdiction):
        raise Misplaced(f"book {book.name} is under {book.jurisdiction}, whose books do not belong in {lake.url}")
    wanted = {**options, _OWNER: cluster_id, _SCHEMA: schema_version(record), JURISDICTION: book.jurisdiction}
    try:
        table = opened_table(lake, book.name, record)
    except TableNotFoundError:
        return _create(lake, url, record, wanted)
    owner = owner_of(table)
    if owner != cluster_id:
        raise ForeignLake(
            f"{url} belongs to another ledger (PostgreSQL cluster {owner or 'unknown'}, not {cluster_id}); "
            "point COFFERDAM_LAKE_URL at this ledger's own lake, or at an empty place"
        )
    if more := protocol_beyond_ours(table):
        name = _named(book.name, record)
        raise DamagedLake(f"{name} asks for {more}, which Cofferdam does not write; make it anew: {name.remedy}")
    stated = table.metadata().configuration.get(JURISDICTION, book.jurisdiction)
    if stated != book.jurisdiction:
        raise Misplaced(f"book {book.name} is under {book.jurisdiction}, and {url} says that it is under {stated}")
    _bring_up(table, book.name, record, wanted)
    return table


def foreign_properties(table: DeltaTable, record: type[Record], options: Mapping[str, str]) -> list[str]:
    """List the properties of a table that differ from ours, each with both values, and columns that are not ours."""
    present = table.metadata().configuration
    wanted = {**options, _SCHEMA: schema_version(record)}
    wrong = [f"{key} is {present.get(key)}, not {value}" for key, value in wanted.items() if present.get(key) != value]
    known = {*wanted, _OWNER, JURISDICTION}
    wrong += [f"{key} = {value} is not Cofferdam's" for key, value in sorted(present.items()) if key not in known]
    ours = {*arrow_schema(record).names, *partitions_of(record)}
    wrong += [f"column {field.name} is not Cofferdam's" for field in table.schema().fields if field.name not in ours]
    return wrong


def owner_of(table: DeltaTable) -> str | None:
    """Return the PostgreSQL cluster that a table states as its owner."""
    return table.metadata().configuration.get(_OWNER)


def application_id(cluster_id: str, book_name: str, record: type[Record]) -> str:
    """Return the app id under which the table's own log stores the journal position."""
    return f"{cluster_id}/{book_name}/{record.TABLE}"


def open_log(lake: Lake, book_name: str, record: type[Record], table: DeltaTable, *, cluster_id: str) -> CommitLog:
    """Return a commit log at the version of an open table, to append to it."""
    app_id = application_id(cluster_id, book_name, record)
    store = ObjectStore(lake, table_url(lake.url, book_name, record))
    mark = table.transaction_version(app_id) or 0
    return CommitLog(store, app_id, LogPosition(table.version(), mark), name=_named(book_name, record))


def maintenance_log(lake: Lake, book_name: str, record: type[Record], table: DeltaTable) -> CommitLog:
    """Return a commit log for maintenance, at the version of an open table."""
    store = ObjectStore(lake, table_url(lake.url, book_name, record))
    return CommitLog(store, None, LogPosition(table.version(), 0), name=_named(book_name, record))


def _named(book_name: str, record: type[Record]) -> TableName:
    return TableName(book_name, record.TABLE)


def _bring_up(table: DeltaTable, book_name: str, record: type[Record], wanted: Mapping[str, str]) -> None:
    """Add the columns that the table lacks: columns are only ever added, and only nullable ones."""
    url, schema = table.table_uri, arrow_schema(record)
    known = {field.name: field.type for field in pa.schema(table.schema().to_arrow())}
    if later := sorted(set(known) - set(schema.names) - set(table.metadata().partition_columns)):
        raise ForeignLake(
            f"{url} has columns that this version does not know, {', '.join(later)}: a later version of Cofferdam "
            "added them, start that one; or somebody else did, then make the table anew: "
            f"{TableName(book_name, record.TABLE).remedy}"
        )
    if changed := [field.name for field in schema if known.get(field.name, field.type) != field.type]:
        raise ForeignLake(f"{url} has another type in {', '.join(changed)}; a column never changes its type")
    if missing := [field.with_nullable(True) for field in schema if field.name not in known]:
        table.alter.add_columns(Schema.from_arrow(pa.schema(missing)).fields, commit_properties=BY_US)
    present = table.metadata().configuration
    if changes := {name: value for name, value in wanted.items() if present.get(name) != value}:
        if stale := {name: present[name] for name in changes if name in present and name != _SCHEMA}:
            said = ", ".join(f"{name} from {value} to {changes[name]}" for name, value in stale.items())
            _log.warning("%s had other properties than Cofferdam sets; set back: %s", url, said)
        table.alter.set_table_properties(changes, raise_if_not_exists=False, commit_properties=BY_US)


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
        raise_if_key_not_exists=False,  # the owner is a custom property
        commit_properties=BY_US,
    )
