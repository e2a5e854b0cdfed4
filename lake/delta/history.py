"""History: the commits that appended rows to a bronze table, as far as the table's log still has them.

Only this module reads old commits. Commits of maintenance append no rows, and are skipped.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deltalake.exceptions import TableNotFoundError

from lake.delta.logs import opened_table
from lake.tables import Lake
from ledger.kernel.record import Record

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Commit:
    """An append of rows: the rows of this table with first_seq <= seq <= last_seq, and of no other commit.

    `chain_hash` is the book's chain hash that it reached, `writer` the code version that wrote it.
    """

    version: int
    committed_at: datetime
    first_seq: int
    last_seq: int
    rows: int
    chain_hash: str
    control_totals: dict[str, int]
    writer: str


def commits(lake: Lake, book_name: str, record: type[Record]) -> list[Commit]:
    """Return the appends that the log of a table still has, in order of position; none if there is no such table.

    The log keeps its entries only for a while; the rows of an append whose entry is gone are still there.
    """
    try:
        table = opened_table(lake, book_name, record)
    except TableNotFoundError:
        return []
    found = (_commit(entry) for entry in table.history() if "first_seq" in entry)
    return sorted(found, key=lambda commit: commit.first_seq)


def _commit(entry: dict[str, Any]) -> Commit:
    totals = json.loads(entry.get("control_totals") or "{}")
    return Commit(
        version=int(entry["version"]),
        committed_at=_EPOCH + timedelta(milliseconds=int(entry["timestamp"])),
        first_seq=int(entry["first_seq"]),
        last_seq=int(entry["last_seq"]),
        rows=int(entry["rows"]),
        chain_hash=str(entry["chain_hash"]),
        control_totals={str(currency): int(total) for currency, total in totals.items()},
        writer=str(entry.get("writer") or _UNKNOWN),
    )
