"""Schemas of the lake's tables, derived from records: the Arrow schema, the dbt source, the data dictionary."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import pyarrow as pa

from ledger.kernel.record import Column, Record, columns

ARROW_TYPES: Final[dict[type, pa.DataType]] = {
    bool: pa.bool_(),
    int: pa.int64(),
    str: pa.string(),
    bytes: pa.string(),
    UUID: pa.string(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}
"""Arrow types; ids are canonical text and bytes are hex text, which every engine reads alike; a type never changes."""

SQL_TYPES: Final[dict[type, str]] = {
    bool: "boolean",
    int: "bigint",
    str: "varchar",
    bytes: "varchar",
    UUID: "varchar",
    date: "date",
    datetime: "timestamp with time zone",
}
"""The types of the same columns in the marts' engine."""

_MADE: Final = "made by `make generated` from the records; do not edit"


def lake_columns(record: type[Record]) -> tuple[Column, ...]:
    """Return the columns that reach the lake, in record order: personal ones as sealed text, without withheld ones."""
    return tuple(column for column in columns(record) if not column.col.withheld)


def arrow_schema(record: type[Record]) -> pa.Schema:
    """Return the schema of a record's Delta table; each field's `comment` is the column's description."""
    return pa.schema(
        pa.field(column.name, ARROW_TYPES[column.storage], column.nullable, {"comment": _description(column)})
        for column in lake_columns(record)
    )


def schema_version(record: type[Record]) -> str:
    """Return the version of a record's schema: the number of columns, and a digest of their names and types.

    Columns are only ever added at the end, so that of two versions the one with more columns is the later.
    """
    schema = arrow_schema(record)
    text = "\n".join(f"{field.name} {field.type}" for field in schema)
    return f"{len(schema)}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def dbt_source(records: Sequence[type[Record]]) -> str:
    """Return the dbt source `lake` as YAML: a table per record with its descriptions, and the tests of its key.

    Delta itself refuses a null in any other column marked `not null` on writing, so that only the columns of the key
    are tested again.
    """
    lines = [f"# {_MADE}", "version: 2", "sources:", "  - name: lake", "    schema: lake"]
    lines += ["    description: Every fact of every book, streamed exactly once from the journal.", "    tables:"]
    for record in records:
        lines += _source_table(record)
    return "\n".join(lines) + "\n"


def data_dictionary(records: Sequence[type[Record]]) -> str:
    """Return the data dictionary as Markdown: a section per record, a line per column."""
    parts = [f"<!-- {_MADE} -->", "# Data dictionary", ""]
    parts += ["Types are those of the lake; ids are UUIDs as text, and bytes are hex text.", ""]
    for record in records:
        parts += _dictionary_section(record)
    return "\n".join(parts).rstrip() + "\n"


def quoted(text: str) -> str:
    """Quote a text for YAML."""
    return json.dumps(text, ensure_ascii=False)


def _source_table(record: type[Record]) -> Iterator[str]:
    keys = [column.name for column in lake_columns(record) if column.col.key]
    yield f"      - name: {record.TABLE}"
    yield f"        description: {quoted(_summary(record))}"
    yield "        data_tests:"
    yield "          - is_primary_key:"
    yield f"              name: lake_{record.TABLE}_has_its_key"
    yield f"              arguments: {{columns: [{', '.join(keys)}]}}"
    yield "        columns:"
    for column in lake_columns(record):
        yield f"          - name: {column.name}"
        yield f"            description: {quoted(_description(column))}"
        yield f"            data_type: {SQL_TYPES[column.storage]}"


def _dictionary_section(record: type[Record]) -> Iterator[str]:
    yield f"## {record.TABLE}"
    yield ""
    yield _summary(record)
    yield ""
    yield "| column | type | null | key | in the lake | what it is |"
    yield "|---|---|---|---|---|---|"
    for column in columns(record):
        marks = (column.nullable, column.col.key, record.IN_LAKE and not column.col.withheld)
        cells = [f"`{column.name}`", SQL_TYPES[column.storage], *("yes" if mark else "" for mark in marks)]
        text = _description(column).replace("|", "\\|")
        yield f"| {' | '.join(cells)} | {text} |".replace("|  |", "| |").replace("|  |", "| |")
    yield ""


def _description(column: Column) -> str:
    return f"{column.col.doc} One of: {', '.join(column.choices)}." if column.choices else column.col.doc


def _summary(record: type[Record]) -> str:
    return " ".join((record.__doc__ or "").split())
