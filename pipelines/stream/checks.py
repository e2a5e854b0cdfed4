"""Table maintenance in Dagster: checks that the stream worker keeps every bronze table compact."""

import logging
from collections.abc import Iterator
from typing import Final

import dagster as dg
from deltalake.exceptions import TableNotFoundError

from lake.delta.checkpoints import COMMITS_PER_CHECKPOINT, Disorder, disorder
from lake.delta.compaction import FAN
from lake.residency.zones import Zones
from lake.tables import Lake
from ledger.kernel.record import Record
from ledger.records import STREAMED
from ledger.tenancy.directory import Directory

FILES_MAX: Final = 4 * FAN
"""The most small live files of one partition: fewer than 16 of each of three sizes, and some new ones."""

LOG_ENTRIES_MAX: Final = 5 * COMMITS_PER_CHECKPOINT
"""The most log entries since the last checkpoint."""

_NAME: Final = "is_in_order"

_log = logging.getLogger("cofferdam.stream")


def _key(record: type[Record]) -> dg.AssetKey:
    return dg.AssetKey(["lake", record.TABLE])


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(
            _NAME,
            asset=_key(record),
            description="Readers meet few small files, and few log entries since the last checkpoint.",
        )
        for record in STREAMED
    ],
    can_subset=True,  # a table that is materialized alone runs its own check
)
def bronze_is_in_order(
    context: dg.AssetCheckExecutionContext,
    directory: dg.ResourceParam[Directory],
    zones: dg.ResourceParam[Zones],
) -> Iterator[dg.AssetCheckResult]:
    """Yield for each table the number of small files and log entries, in the book with the most."""
    books = [place.book for place in directory.places(lambda _server, reason: _log.warning("%s", reason))]
    asked = {check.asset_key for check in context.selected_asset_check_keys}
    for record in (each for each in STREAMED if _key(each) in asked):
        looked = {book.name: _disorder(zones.lake_of(book), book.name, record) for book in books}
        found = {name: each for name, each in looked.items() if each is not None}
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
