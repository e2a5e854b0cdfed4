"""The rebuild of silver: makes its tables anew from bronze, and exchanges them for the current ones."""

from contextlib import closing, suppress
from typing import Final

import duckdb
import sqlalchemy as sa

from lake.bronze.read import watermark
from lake.bronze.replacement import Exchange, clear_stage, planned_exchange, stage_of
from lake.silver.refresh import SilverTables
from lake.silver.tables import SILVER
from lake.tables import Lake
from ledger.journal.feed import cluster_id
from ledger.kernel.errors import Unavailable
from ledger.tenancy.records import Book
from pipelines.silver.audit import compare_silver
from pipelines.stream.locks import alone
from pipelines.stream.rebuild import exchange, rebuilding, require_sound

SILVER_NAMES: Final = frozenset(declared.record.TABLE for declared in SILVER)
"""The tables of silver: rebuilt together, since each depends on others."""


def rebuild_silver(engine: sa.Engine, lake: Lake, book: Book) -> None:
    """Rebuild the tables of silver up to the watermark, and exchange them for the current ones.

    Raises `Fenced`, and `Unavailable` and `DamagedLake` if the lake fails; the current tables are then unchanged.
    """
    with rebuilding(engine, lake, book) as (rebuilt, _):
        clear_stage(lake, book.name)
        try:
            if (cut := watermark(lake, book.name)) is None:
                return
            stage, cluster = stage_of(lake), cluster_id(rebuilt.connection)
            with closing(SilverTables.open(stage, book, cluster_id=cluster, bronze=lake)) as tables:
                tables.refresh(cut)
            require_sound(iter(compare_silver(engine, stage, book)))
            with alone(rebuilt.connection, book):
                exchange(rebuilt, Exchange.of(book.name, tuple(declared.record for declared in SILVER), None))
        except duckdb.Error as fault:
            raise Unavailable(f"silver of book {book.name!r} cannot be made anew: {fault}") from fault
        finally:
            with suppress(OSError):
                if planned_exchange(lake, book.name) is None:
                    clear_stage(lake, book.name)
