"""Silver's audit: compares every row of silver with one derived from the ledger's rows at silver's position.

The ledger's rows are read in full and aggregated at once, by other statements than silver's, which merge ranges.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from deltalake.exceptions import DeltaError

from lake.delta.damage import first_damage
from lake.errors import DamagedLake
from lake.schema import arrow_schema
from lake.silver.read import Standing, silver_standing
from lake.silver.tables import SILVER, AccountDay, CurrentAccount, SilverTable, StandingHold
from lake.tables import Lake, Silver
from ledger.book.audits.audit import Finding
from ledger.book.records.accounts import Account, AccountTerms
from ledger.book.records.transfers import Transfer
from ledger.journal.journal import head
from ledger.kernel.calendar import Calendar
from ledger.kernel.record import Record, columns
from ledger.tenancy.calendars import book_calendar
from ledger.tenancy.records import Book
from pipelines.stream.rows import RecordRange, read_rows
from pipelines.stream.worker import feed_connection

_SOURCES: Final[tuple[type[Record], ...]] = (Account, AccountTerms, Transfer)
_POSITIONS: Final = 50_000  # read at once
_NAMED: Final = 3  # differences listed per table


def compare_silver(engine: sa.Engine, lake: Lake, book: Book) -> list[Finding]:
    """Compare each table of silver with the ledger, at the table's own position: a finding per table."""
    with feed_connection(engine) as connection, TemporaryDirectory() as folder:
        apart = replace(lake, cache=Path(folder))
        # Silver is read before the ledger, which is then at least as far.
        standings = [(declared, _standing(apart, book, declared)) for declared in SILVER]
        last = head(connection, book.book_id).last_seq
        with duckdb.connect(Path(folder) / "ledger.duckdb") as memory:
            memory.execute("SET TimeZone = 'UTC'")
            _load(memory, connection, book, last)
            _load_days(memory, book_calendar(connection, book.book_id))
            found = [_table(memory, declared, standing, last) for declared, standing in standings]
        return [_with_damage(apart, book, *each) for each in zip(SILVER, found, strict=True)]


def _with_damage(lake: Lake, book: Book, declared: SilverTable, finding: Finding) -> Finding:
    """Prefix a failed finding with the damaged file that caused it, if there is one."""
    if finding.ok:
        return finding
    try:
        damage = first_damage(lake, book.name, declared.record)
    except (DamagedLake, DeltaError, OSError, ValueError) as fault:
        damage = _unreadable(fault)
    return replace(finding, detail=f"{damage}; {finding.detail}") if damage else finding


def _standing(lake: Lake, book: Book, declared: SilverTable) -> Standing | str | None:
    """Return the table's state; a text if it cannot be read."""
    try:
        return silver_standing(lake, book.name, declared.record)
    except (DamagedLake, DeltaError, OSError) as fault:
        return _unreadable(fault)


def _load(memory: duckdb.DuckDBPyConnection, connection: sa.Connection, book: Book, last: int) -> None:
    """Load the ledger's rows into DuckDB, which keeps them on disk."""
    memory.execute("CREATE SCHEMA feed")
    for record in _SOURCES:
        memory.from_arrow(arrow_schema(record).empty_table()).create(f"feed.{record.TABLE}")
        for after in range(0, last, _POSITIONS):
            upto = min(after + _POSITIONS, last)
            rows = read_rows(connection, book.book_id, RecordRange(record, after, upto))
            memory.from_arrow(rows).insert_into(f"feed.{record.TABLE}")


def _load_days(memory: duckdb.DuckDBPyConnection, calendar: Calendar) -> None:
    """Load the recorded day, by the book's calendar, of each batch of transfers."""
    instants = [instant for (instant,) in memory.execute("SELECT DISTINCT recorded_at FROM feed.transfers").fetchall()]
    days = pa.table(
        {
            "recorded_at": pa.array(instants, pa.timestamp("us", "UTC")),
            "recorded_on": pa.array([calendar.booked_on(instant) for instant in instants], pa.date32()),
        }
    )
    memory.from_arrow(days).create("recorded")


def _table(
    memory: duckdb.DuckDBPyConnection, declared: SilverTable, standing: Standing | str | None, last: int
) -> Finding:
    check = f"silver_{declared.record.TABLE}"
    if standing is None:
        return Finding(check, ok=True, detail="nothing has been refreshed yet")
    if isinstance(standing, str):
        return Finding(check, ok=False, detail=standing)
    if standing.seq > last:
        return Finding(check, ok=False, detail=f"stands at position {standing.seq}, the journal ends at {last}")
    try:
        wrong, rows = _differences(memory, declared, standing)
    except (OSError, duckdb.Error) as fault:
        return Finding(check, ok=False, detail=_unreadable(fault))
    if wrong:
        return Finding(check, ok=False, detail="; ".join(wrong))
    return Finding(check, ok=True, detail=f"{rows} rows follow from the ledger's up to position {standing.seq}")


def _unreadable(fault: Exception) -> str:
    return f"cannot be read: {' '.join(str(fault).split())[:300]}"


def _differences(memory: duckdb.DuckDBPyConnection, declared: SilverTable, standing: Standing) -> tuple[list[str], int]:
    record = declared.record
    chosen = ", ".join(arrow_schema(record).names)
    memory.execute(
        "CREATE OR REPLACE TABLE cut AS SELECT CAST($position AS bigint) AS position", {"position": standing.seq}
    )
    memory.execute(f"CREATE OR REPLACE TABLE ours AS SELECT {chosen} FROM ({_DERIVED[record]})")  # noqa: S608  # constants below
    memory.execute("CREATE OR REPLACE TABLE theirs AS FROM ours LIMIT 0")
    if standing.files:  # the day is a partition column: it is in the path, not in the files
        read = "read_parquet($files, union_by_name = true, hive_partitioning = $is_parted)"
        parted = {"files": standing.files, "is_parted": bool(declared.record.PARTITIONS)}
        memory.execute(f"INSERT INTO theirs SELECT {chosen} FROM {read}", parted)  # noqa: S608  # names of the record
    counted = memory.execute("SELECT count(*) FROM theirs").fetchall()
    missing = memory.execute(_BUT_NOT.format("ours", "theirs")).fetchall()
    surplus = memory.execute(_BUT_NOT.format("theirs", "ours")).fetchall()
    return list(_named(record, missing, surplus)), counted[0][0]


def _named(record: type[Silver], missing: list[tuple[object, ...]], surplus: list[tuple[object, ...]]) -> Iterator[str]:
    """Yield the first differences, each with the row's key and kind."""
    names = arrow_schema(record).names
    keys = [names.index(column.name) for column in columns(record) if column.col.key and column.name != "book_id"]
    twins = {tuple(row[at] for at in keys): row for row in surplus}
    found = []
    for row in missing:
        key = tuple(row[at] for at in keys)
        twin = twins.pop(key, None)
        found.append((key, "is missing" if twin is None else f"is altered: {_altered(names, row, twin)}"))
    found += [(key, "is surplus") for key in twins]
    for key, what in found[:_NAMED]:
        said = ", ".join(f"{names[at]} {value}" for at, value in zip(keys, key, strict=True))
        yield f"row of {said} {what}"
    if len(found) > _NAMED:
        yield "and more"


def _altered(names: list[str], row: tuple[object, ...], twin: tuple[object, ...]) -> str:
    pairs = zip(names, row, twin, strict=True)
    return ", ".join(f"{name} is {theirs}, by the ledger {ours}" for name, ours, theirs in pairs if ours != theirs)


_BUT_NOT: Final = "SELECT * FROM (FROM {0} EXCEPT ALL FROM {1}) ORDER BY ALL LIMIT 100"
_DERIVED: Final[dict[type[Silver], str]] = {
    CurrentAccount: """
        WITH cut_terms AS (
            SELECT account_id, arg_max(t, seq) AS newest FROM feed.account_terms t, cut WHERE seq <= position
            GROUP BY account_id
        ), closings AS (
            SELECT CASE h.closes WHEN 'debit' THEN h.debit_account_no ELSE h.credit_account_no END AS account_no,
                   max(h.seq) FILTER (WHERE e.seq IS NULL) AS closed_by_seq,
                   max(coalesce(e.seq, h.seq)) AS seq, max(coalesce(e.recorded_at, h.recorded_at)) AS recorded_at
            FROM feed.transfers h CROSS JOIN cut
            LEFT JOIN feed.transfers e ON e.hold_seq = h.seq AND e.seq <= position
            WHERE h.closes IS NOT NULL AND h.seq <= position
            GROUP BY ALL
        )
        SELECT a.* EXCLUDE (debits_within_credits, credits_within_debits, credit_line_minor, seq, recorded_at),
               a.recorded_at AS opened_at,
               coalesce(t.newest.debits_within_credits, a.debits_within_credits) AS debits_within_credits,
               coalesce(t.newest.credits_within_debits, a.credits_within_debits) AS credits_within_debits,
               coalesce(t.newest.credit_line_minor, a.credit_line_minor) AS credit_line_minor,
               coalesce(t.newest.frozen, 'none') AS frozen, c.closed_by_seq,
               greatest(a.seq, t.newest.seq, c.seq) AS seq,
               greatest(a.recorded_at, t.newest.recorded_at, c.recorded_at) AS recorded_at
        FROM feed.accounts a CROSS JOIN cut
        LEFT JOIN cut_terms t ON t.account_id = a.account_id
        LEFT JOIN closings c ON c.account_no = a.account_no
        WHERE a.seq <= position
    """,
    StandingHold: """
        SELECT h.* FROM feed.transfers h CROSS JOIN cut
        WHERE h.kind = 'hold' AND h.seq <= position
          AND NOT EXISTS (SELECT 1 FROM feed.transfers e WHERE e.hold_seq = h.seq AND e.seq <= position)
    """,
    AccountDay: """
        WITH sides AS (
            SELECT debit_account_no AS account_no, t, seq FROM feed.transfers t
            UNION ALL SELECT credit_account_no, t, seq FROM feed.transfers t
        ), last_of_day AS (
            SELECT account_no, recorded_on, arg_max(t, seq) AS t
            FROM sides CROSS JOIN cut JOIN recorded ON recorded.recorded_at = t.recorded_at
            WHERE seq <= position GROUP BY ALL
        )
        SELECT t.book_id, account_no, recorded_on, t.currency, t.seq, t.recorded_at,
               CASE account_no WHEN t.debit_account_no THEN t.debit_account_debits_minor
                    ELSE t.credit_account_debits_minor END AS debits_minor,
               CASE account_no WHEN t.debit_account_no THEN t.debit_account_credits_minor
                    ELSE t.credit_account_credits_minor END AS credits_minor,
               coalesce(CASE account_no WHEN t.debit_account_no THEN t.debit_account_pending_debits_minor
                    ELSE t.credit_account_pending_debits_minor END, 0) AS pending_debits_minor,
               coalesce(CASE account_no WHEN t.debit_account_no THEN t.debit_account_pending_credits_minor
                    ELSE t.credit_account_pending_credits_minor END, 0) AS pending_credits_minor
        FROM last_of_day
    """,
}
