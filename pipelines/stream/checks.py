"""The supervision of the upkeep in Dagster: every bronze table is in order, as the worker's caretaker keeps it."""

from collections.abc import Iterator
from typing import Final

import dagster as dg
import sqlalchemy as sa
from deltalake.exceptions import TableNotFoundError

from lake.checkpoints import COMMITS_PER_CHECKPOINT, Disorder, disorder
from lake.folding import FAN
from lake.tables import Lake
from ledger.events.feed import STREAMED
from ledger.kernel.record import Record
from ledger.partners.books import all_books

FILES_MAX: Final = 4 * FAN
"""Live files of one partition that are not large yet: fewer than 16 of each of three levels, and some to come."""

LOG_ENTRIES_MAX: Final = 5 * COMMITS_PER_CHECKPOINT
"""Entries of the log since its last checkpoint."""

_NAME: Final = "is_in_order"


def _key(record: type[Record]) -> dg.AssetKey:
    return dg.AssetKey(["lake", record.TABLE])


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(
            _NAME,
            asset=_key(record),
            description="Readers find few small files, and few log entries since the last checkpoint.",
        )
        for record in STREAMED
    ]
)
def bronze_is_in_order(
    engine: dg.ResourceParam[sa.Engine], lake: dg.ResourceParam[Lake]
) -> Iterator[dg.AssetCheckResult]:
    """Say of each table what its readers have to go through, in the book where it is the most."""
    with engine.connect() as connection:
        names = [book.name for book in all_books(connection)]
    for record in STREAMED:
        found = {name: each for name in names if (each := _disorder(lake, name, record)) is not None}
        wrong = [f"{name}: {_said(each)}" for name, each in found.items() if not _is_small(each)]
        yield dg.AssetCheckResult(
            passed=not wrong,
            check_name=_NAME,
            asset_key=_key(record),
            severity=dg.AssetCheckSeverity.WARN,
            description="; ".join(wrong) or None,
            metadata={name: _said(each) for name, each in found.items()},
        )


def _disorder(lake: Lake, book_name: str, record: type[Record]) -> Disorder | None:
    try:
        return disorder(lake, book_name, record)
    except TableNotFoundError:
        return None


def _is_small(found: Disorder) -> bool:
    return found.files <= FILES_MAX and found.log_entries <= LOG_ENTRIES_MAX


def _said(found: Disorder) -> str:
    return f"{found.files} files that are not large, {found.log_entries} log entries since the checkpoint"
