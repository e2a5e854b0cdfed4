"""Changes of silver's tables that follow from a range of bronze: pure functions over Arrow.

A change is a whole new row, or the key of a removed row; `is_gone` tells which. The changes of two consecutive ranges
give the same rows as those of both as one range, wherever they are split.
"""

from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lake.schema import arrow_schema
from lake.silver.tables import AccountDay, CurrentAccount, StandingHold
from lake.tables import Silver
from ledger.book.records.accounts import Side
from ledger.book.records.transfers import Kind
from ledger.kernel.calendar import Calendar

IS_GONE: Final = "is_gone"
"""The column of a change that is true if the row is removed."""


@dataclass(frozen=True, slots=True)
class BronzeRows:
    """The rows of three bronze tables in one range of positions, with the columns that are read here."""

    accounts: pa.Table
    account_terms: pa.Table
    transfers: pa.Table


def hold_changes(rows: BronzeRows) -> pa.Table:
    """Return new holds that are still open, and the keys of those that ended."""
    transfers = rows.transfers
    ended = transfers.filter(pc.is_valid(transfers["hold_seq"]))
    began = transfers.filter(pc.equal(transfers["kind"], Kind.HOLD.value))
    standing = began.filter(pc.invert(pc.is_in(began["seq"], ended["hold_seq"].combine_chunks())))
    earlier = ended.filter(pc.invert(pc.is_in(ended["hold_seq"], began["seq"].combine_chunks())))
    return pa.concat_tables(
        [
            _changed(StandingHold, standing, is_gone=False),
            _changed(
                StandingHold, earlier.select(["book_id", "hold_seq"]).rename_columns(["book_id", "seq"]), is_gone=True
            ),
        ]
    )


def day_changes(rows: BronzeRows, calendar: Calendar) -> pa.Table:
    """Return the newest sums of each account on each day; every transfer states those of both its accounts after it.

    A day is one of the book's calendar. All rows of a batch have one instant, so that few instants are converted.
    """
    transfers = rows.transfers
    entries = pa.concat_tables([_entries(transfers, side) for side in Side]).sort_by("seq")
    recorded = entries["recorded_at"].combine_chunks().dictionary_encode()
    days = pa.array([calendar.booked_on(instant.as_py()) for instant in recorded.dictionary], pa.date32())
    entries = entries.append_column("recorded_on", days.take(recorded.indices))
    keys = ["account_no", "recorded_on"]
    others = [name for name in entries.column_names if name not in keys]
    newest = entries.group_by(keys, use_threads=False).aggregate([(name, "last") for name in others])
    return _changed(AccountDay, newest.rename_columns([*keys, *others]), is_gone=False)


def account_changes(memory: duckdb.DuckDBPyConnection, rows: BronzeRows, present: pa.Table) -> pa.Table:
    """Return accounts that were opened, closed, reopened or given other terms; `present` are their current rows."""
    if not rows.accounts.num_rows and not present.num_rows:
        return _change_schema(CurrentAccount).empty_table()
    tables = {"accounts": rows.accounts, "account_terms": rows.account_terms, "transfers": rows.transfers}
    for name, table in {**tables, "present": present}.items():
        memory.register(name, table)
    try:
        return _changed(CurrentAccount, memory.sql(_ACCOUNTS).to_arrow_table(), is_gone=False)
    finally:
        for name in (*tables, "present"):
            memory.unregister(name)


def _change_schema(record: type[Silver]) -> pa.Schema:
    """Return the schema of a table's changes: of a removed row only the key is set."""
    nullable = (field.with_nullable(True) for field in arrow_schema(record))
    return pa.schema([*nullable, pa.field(IS_GONE, pa.bool_(), nullable=False)])


def _entries(transfers: pa.Table, side: Side) -> pa.Table:
    """Return one side of every transfer: the account, and its sums after it."""
    columns = {name: transfers[name] for name in ("book_id", "seq", "recorded_at", "currency")}
    columns["account_no"] = transfers[f"{side}_account_no"]
    for name in ("debits_minor", "credits_minor"):
        columns[name] = transfers[f"{side}_account_{name}"]
        columns[f"pending_{name}"] = pc.fill_null(transfers[f"{side}_account_pending_{name}"], 0)
    return pa.table(columns)


def _changed(record: type[Silver], rows: pa.Table, *, is_gone: bool) -> pa.Table:
    """Return rows in the columns of a table, null for missing columns."""
    schema = _change_schema(record)
    flags = pa.array([is_gone] * rows.num_rows, pa.bool_())
    held = {**dict(zip(rows.column_names, rows.columns, strict=True)), IS_GONE: flags}
    return pa.table([held.get(name, pa.nulls(rows.num_rows)) for name in schema.names], names=schema.names).cast(schema)


# At most one hold closes an account: a closed account takes part in no other.
_ACCOUNTS: Final = """
    WITH terms AS (
        SELECT * FROM account_terms QUALIFY row_number() OVER (PARTITION BY account_id ORDER BY seq DESC) = 1
    ), ended AS (
        SELECT hold_seq, seq, recorded_at FROM transfers WHERE hold_seq IS NOT NULL
    ), closings AS (
        SELECT CASE h.closes WHEN 'debit' THEN h.debit_account_no ELSE h.credit_account_no END AS account_no,
               CASE WHEN e.seq IS NULL THEN h.seq END AS closed_by_seq,
               coalesce(e.seq, h.seq) AS seq, coalesce(e.recorded_at, h.recorded_at) AS recorded_at
        FROM transfers h LEFT JOIN ended e ON e.hold_seq = h.seq
        WHERE h.kind = 'hold' AND h.closes IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY account_no ORDER BY h.seq DESC) = 1
    ), known AS (
        SELECT book_id, account_no, account_id, partner_id, customer_id, currency, kind, normal_side,
               recorded_at AS opened_at, debits_within_credits, credits_within_debits, credit_line_minor,
               'none' AS frozen, NULL AS closed_by_seq, seq, recorded_at, true AS is_new
        FROM accounts
        UNION ALL BY NAME
        SELECT *, false AS is_new FROM present
        WHERE account_id IN (SELECT account_id FROM terms) OR account_no IN (SELECT account_no FROM closings)
           OR closed_by_seq IN (SELECT hold_seq FROM ended)
    )
    SELECT k.* REPLACE (
               coalesce(t.debits_within_credits, k.debits_within_credits) AS debits_within_credits,
               coalesce(t.credits_within_debits, k.credits_within_debits) AS credits_within_debits,
               coalesce(t.credit_line_minor, k.credit_line_minor) AS credit_line_minor,
               coalesce(t.frozen, k.frozen) AS frozen,
               CASE WHEN c.seq IS NOT NULL THEN c.closed_by_seq WHEN e.seq IS NULL THEN k.closed_by_seq END
                   AS closed_by_seq,
               greatest(k.seq, t.seq, c.seq, e.seq) AS seq,
               greatest(k.recorded_at, t.recorded_at, c.recorded_at, e.recorded_at) AS recorded_at
           )
    FROM known k
    LEFT JOIN terms t ON t.account_id = k.account_id
    LEFT JOIN closings c ON c.account_no = k.account_no
    LEFT JOIN ended e ON e.hold_seq = k.closed_by_seq
    ORDER BY k.account_no
"""
