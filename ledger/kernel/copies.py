"""COPY: writes many row tuples into their record's table at once."""

from collections.abc import Sequence

import psycopg

from ledger.kernel.record import Record, columns
from ledger.kernel.tuples import HEADER, TRAILER


def copy_tuples(
    connection: psycopg.Connection[tuple[object, ...]], record: type[Record], rows: Sequence[bytes]
) -> None:
    """Write row tuples into the record's table with one COPY."""
    names = ", ".join(column.name for column in columns(record))
    with connection.cursor().copy(f"COPY {record.TABLE} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(HEADER + b"".join(rows) + TRAILER)
