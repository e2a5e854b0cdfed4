"""The rebuild of silver: its tables are made anew from bronze beside those that stand, and take their place."""

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
"""The tables of silver: each follows from others, and they are made anew together."""


def rebuild_silver(engine: sa.Engine, lake: Lake, book: Book) -> None:
    """Make the tables of silver anew up to the watermark, and let them take the place of those that stand.

    Raises `Fenced`, and `Unavailable` and `DamagedLake` where the lake fails; what stands stays as it was then.
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
