"""Memory: DuckDB without a file, whose rows that do not fit spill into a folder of its own.

DuckDB spills into `.tmp` of the working folder, which is one for all processes and all installations, under names that
two of them would share.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import duckdb


@contextmanager
def opened_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for as long as the block lasts; its folder is this user's alone, and goes with it."""
    with (
        TemporaryDirectory(prefix="cofferdam-spill-") as folder,
        duckdb.connect(config={"temp_directory": folder}) as memory,
    ):
        yield memory
