"""In-memory DuckDB sessions, each of which spills rows that do not fit in memory into a folder of its own.

By default DuckDB spills into `.tmp` of the working folder, which all processes and installations share, under names
that two of them could use at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import duckdb


@contextmanager
def opened_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection while the block runs; its spill folder is private to the user, and deleted afterwards."""
    with (
        TemporaryDirectory(prefix="cofferdam-spill-") as folder,
        duckdb.connect(config={"temp_directory": folder}) as memory,
    ):
        yield memory
