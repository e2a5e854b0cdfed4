"""What a stretch of bronze changes in each table of silver: pure functions, in SQL over Arrow.

A change is the whole new row, or the key of a row that is gone; `is_gone` tells which. The changes of two stretches
one after the other are those of both as one, wherever they are parted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from lake.schema import arrow_schema
from lake.silver.tables import AccountDay, CurrentAccount, StandingHold
from lake.tables import Silver

IS_GONE: Final = "is_gone"
"""The column of a change that tells whether the row is gone."""


@dataclass(frozen=True, slots=True)
class BronzeRows:
    """The rows of three bronze tables in one stretch of positions, with the columns that are read here."""

    accounts: pa.Table
    account_terms: pa.Table
    transfers: pa.Table


def account_changes(memory: duckdb.DuckDBPyConnection, rows: BronzeRows, present: duckdb.DuckDBPyRelation) -> pa.Table:
    """Accounts that were opened, given other terms, closed or opened again; `present` are the rows of silver."""
    tables = {"accounts": rows.accounts, "account_terms": rows.account_terms, "transfers": rows.transfers}
    return _asked(memory, _ACCOUNTS, CurrentAccount, {**tables, "present": present})


def hold_changes(memory: duckdb.DuckDBPyConnection, rows: BronzeRows) -> pa.Table:
    """Holds that began and stand, and the keys of those that ended."""
    return _asked(memory, _HOLDS, StandingHold, {"transfers": rows.transfers})


def day_changes(memory: duckdb.DuckDBPyConnection, rows: BronzeRows) -> pa.Table:
    """The newest sums of each account on each day: every transfer states those of both its accounts after it."""
    return _asked(memory, _DAYS, AccountDay, {"transfers": rows.transfers})


def change_schema(record: type[Silver]) -> pa.Schema:
    """The schema of a table's changes: of a row that is gone only the key is known."""
    nullable = (field.with_nullable(True) for field in arrow_schema(record))
    return pa.schema([*nullable, pa.field(IS_GONE, pa.bool_(), nullable=False)])


def _asked(
    memory: duckdb.DuckDBPyConnection,
    query: str,
    record: type[Silver],
    tables: Mapping[str, pa.Table | duckdb.DuckDBPyRelation],
) -> pa.Table:
    for name, table in tables.items():
        relation = table if isinstance(table, duckdb.DuckDBPyRelation) else memory.from_arrow(table)
        relation.create_view(name, replace=True)
    schema = change_schema(record)
    changes = memory.sql(query).project(", ".join(schema.names)).to_arrow_table()
    for name in tables:
        memory.execute(f"DROP VIEW {name}")
    return changes.cast(schema)


# An account is closed by one hold at most: a closed account takes part in no other.
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
        SELECT book_id, account_no, account_id, partner_id, customer_id, external_ref, currency, kind, normal_side,
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
           ), false AS is_gone
    FROM known k
    LEFT JOIN terms t ON t.account_id = k.account_id
    LEFT JOIN closings c ON c.account_no = k.account_no
    LEFT JOIN ended e ON e.hold_seq = k.closed_by_seq
    ORDER BY k.account_no
"""
_HOLDS: Final = """
    SELECT book_id, seq, recorded_at, transfer_id, partner_no, debit_account_no, credit_account_no, amount_minor,
           currency, code, expires_at, closes, false AS is_gone
    FROM transfers
    WHERE kind = 'hold' AND seq NOT IN (SELECT hold_seq FROM transfers WHERE hold_seq IS NOT NULL)
    UNION ALL BY NAME
    SELECT e.book_id, e.hold_seq AS seq, true AS is_gone FROM transfers e
    WHERE e.hold_seq IS NOT NULL AND e.hold_seq NOT IN (SELECT seq FROM transfers)
    ORDER BY seq
"""
_DAYS: Final = """
    WITH entries AS (
        SELECT book_id, seq, recorded_at, currency, debit_account_no AS account_no,
               debit_account_debits_minor AS debits_minor, debit_account_credits_minor AS credits_minor,
               coalesce(debit_account_pending_debits_minor, 0) AS pending_debits_minor,
               coalesce(debit_account_pending_credits_minor, 0) AS pending_credits_minor
        FROM transfers
        UNION ALL
        SELECT book_id, seq, recorded_at, currency, credit_account_no,
               credit_account_debits_minor, credit_account_credits_minor,
               coalesce(credit_account_pending_debits_minor, 0), coalesce(credit_account_pending_credits_minor, 0)
        FROM transfers
    )
    SELECT *, CAST(recorded_at AT TIME ZONE 'UTC' AS date) AS recorded_on, false AS is_gone FROM entries
    QUALIFY row_number() OVER (PARTITION BY account_no, recorded_on ORDER BY seq DESC) = 1
    ORDER BY recorded_on, account_no
"""
