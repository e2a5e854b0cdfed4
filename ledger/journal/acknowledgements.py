"""Acknowledgements: the newest watermark of each book, stored in the ledger, to compare the lake with."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.journal.journal import driver
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import BookId

# It is written after the lake's own commit: if it is lost in a crash, it is only older than the lake, so that no commit
# has to wait for the disk.
_ACKNOWLEDGE: Final = """
    INSERT INTO acknowledged_watermarks (book_id, seq, chain_hash, versions, acknowledged_at)
    SELECT %s, %s, decode(%s, 'hex'), %s, %s FROM set_config('synchronous_commit', 'off', true)
    ON CONFLICT (book_id) DO UPDATE SET seq = excluded.seq, chain_hash = excluded.chain_hash,
        versions = excluded.versions, acknowledged_at = excluded.acknowledged_at
"""
_ACKNOWLEDGED: Final = """
    SELECT seq, encode(chain_hash, 'hex'), versions FROM acknowledged_watermarks WHERE book_id = %s
"""
_LAGS: Final = sa.text("""
    SELECT h.book_id, h.last_seq AS seq, coalesce(a.seq, 0) AS lake_seq, (
        SELECT recorded_at FROM journal_batches j WHERE j.book_id = h.book_id AND j.seq > coalesce(a.seq, 0)
        ORDER BY j.seq LIMIT 1
    ) AS waiting_since_at
    FROM book_heads h LEFT JOIN acknowledged_watermarks a USING (book_id)
    ORDER BY h.book_id
""")


class Lag(NamedTuple):
    """The position of a book's journal and of its lake, and the instant of the oldest batch that is not in the lake."""

    book_id: BookId
    seq: int
    lake_seq: int
    waiting_since_at: datetime | None


def lags(connection: sa.Connection) -> list[Lag]:
    """Return how far the lake of every book is behind its journal, in one statement."""
    return [Lag(**row._asdict()) for row in connection.execute(_LAGS)]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A watermark: all facts up to `seq` were in the lake, with these table `versions` by name; `chain_hash` in hex."""

    seq: int
    chain_hash: str
    versions: dict[str, int]


def acknowledge(
    connection: sa.Connection, book_id: BookId, acknowledged: Acknowledgement, *, clock: Clock = system_clock
) -> None:
    """Store the lake's current watermark, on a connection in autocommit mode."""
    versions = json.dumps(acknowledged.versions, sort_keys=True)
    row = (book_id, acknowledged.seq, acknowledged.chain_hash, versions, clock())
    driver(connection).execute(_ACKNOWLEDGE, row)


def acknowledged_watermark(connection: sa.Connection, book_id: BookId) -> Acknowledgement | None:
    """Return the last acknowledgement, or None before the first."""
    row = driver(connection).execute(_ACKNOWLEDGED, (book_id,)).fetchone()
    return None if row is None else Acknowledgement(int(str(row[0])), str(row[1]), json.loads(str(row[2])))
