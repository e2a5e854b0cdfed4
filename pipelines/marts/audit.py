"""The marts' audit: derives every figure of the marts from the lake again, at the warehouse's watermark."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
from deltalake.exceptions import DeltaError

from lake.delta.damage import naming_damage
from lake.duckdb_sessions import opened_memory
from lake.errors import DamagedLake
from lake.residency.zones import Zone
from ledger.book.audits.audit import Finding
from ledger.kernel.errors import one_line
from ledger.kernel.settings import Settings
from pipelines.marts.damage import tables_of
from pipelines.marts.sources import pin_sources, pinned_books

_NAMED: Final = 3  # differences listed per failed check


def marts_equal_lake(settings: Settings) -> list[Finding]:
    """Derive each mart's figures from the lake's files by statements independent of dbt's, and list the differences.

    Covers the marts of the settings' zone. Reads the newest files of the lake up to the warehouse's positions, not the
    warehouse's own views.
    """
    if not settings.warehouse.exists():
        return [Finding("marts", ok=True, detail="no warehouse has been built yet")]
    try:
        with _both(settings) as both:
            return [_attempted(both, check, statement) for check, statement in _CHECKS.items()]
    except (DamagedLake, DeltaError, OSError, duckdb.Error, KeyError) as fault:
        return [Finding("marts", ok=False, detail=f"cannot be compared: {one_line(fault)}")]


@contextmanager
def _both(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection with the warehouse attached as `built`, and the lake's files pinned in the schema `lake`."""
    with TemporaryDirectory() as folder, opened_memory() as memory:
        memory.execute("SET TimeZone = 'UTC'")
        place = str(settings.warehouse).replace("'", "''")
        memory.execute(f"ATTACH '{place}' AS built (READ_ONLY)")
        memory.execute("USE built")
        cuts = pinned_books(memory)
        memory.execute("USE memory")
        lake = replace(Zone.of(settings).lake, cache=Path(folder))
        with naming_damage(lake, tables_of(cuts)):
            pin_sources(memory, lake, cuts)
            memory.execute(_MOVED)
            yield memory


def _attempted(both: duckdb.DuckDBPyConnection, check: str, statement: str) -> Finding:
    try:
        return _finding(both, check, statement)
    except duckdb.Error as fault:
        return Finding(check, ok=False, detail=f"cannot be compared: {one_line(fault)}")


def _finding(both: duckdb.DuckDBPyConnection, check: str, statement: str) -> Finding:
    """Run a statement that yields, per compared row, a text and whether both sides agree."""
    both.execute(f"CREATE OR REPLACE TABLE compared AS {statement}")
    differing = both.execute(
        "SELECT said FROM compared WHERE NOT agrees ORDER BY said LIMIT $1", [_NAMED + 1]
    ).fetchall()
    if differing:
        said = [row[0] for row in differing]
        return Finding(check, ok=False, detail="; ".join(said[:_NAMED]) + ("; and more" if said[_NAMED:] else ""))
    ((count,),) = both.execute("SELECT count(*) FROM compared").fetchall()
    return Finding(check, ok=True, detail=f"{count} rows follow from the lake")


def _statement(keys: str, figures: str, *, lake: str, mart: str) -> str:
    """Compare the figures of two queries by key; a key that one side lacks is a difference."""
    key_names, names = keys.split(", "), figures.split(", ")
    agrees = " AND ".join(f"theirs.{name} IS NOT DISTINCT FROM ours.{name}" for name in names)
    said = ", ', ', ".join(
        [f"'{name} ', {name}" for name in key_names]
        + [f"'{name} ', ours.{name}, ' in the mart, ', theirs.{name}, ' in the lake'" for name in names]
    )
    return (
        f"SELECT concat({said}) AS said, {agrees} AS agrees "  # noqa: S608  # the constants below
        f"FROM ({lake}) theirs FULL JOIN ({mart}) ours USING ({keys})"
    )


_MOVED: Final = """
    CREATE VIEW lake.moved AS
    SELECT t.*, a.account_id, a.normal_side, a.partner_id, sides.side,
           if(sides.side = 'debit', t.debit_account_debits_minor, t.credit_account_debits_minor) AS debits_minor,
           if(sides.side = 'debit', t.debit_account_credits_minor, t.credit_account_credits_minor) AS credits_minor
    FROM lake.transfers t
    CROSS JOIN (VALUES ('debit'), ('credit')) sides (side)
    JOIN lake.accounts a
      ON a.book_id = t.book_id AND a.account_no = if(sides.side = 'debit', t.debit_account_no, t.credit_account_no)
    WHERE t.kind NOT IN ('hold', 'void', 'expiry')
"""
"""Both sides of every transfer that moved money, with the account and its sums after the transfer."""

_CHECKS: Final = {
    "marts_partner_volume": _statement(
        "book_id, partner_id, currency, booked_on",
        "transfers, volume_minor, refused",
        lake="""
            SELECT book_id, partner_id, currency, booked_on, count(amount_minor) AS transfers,
                   coalesce(sum(amount_minor), 0) AS volume_minor, count(refusal) AS refused
            FROM (
                SELECT book_id, p.partner_id, currency, booked_on, amount_minor, NULL AS refusal
                FROM lake.transfers JOIN lake.partners p USING (book_id, partner_no)
                WHERE kind NOT IN ('hold', 'void', 'expiry')
                UNION ALL
                SELECT book_id, partner_id, currency, coalesce(booked_on, CAST(effective_at AS date)), NULL, seq
                FROM lake.refused_transfers WHERE kind NOT IN ('post', 'void')
            )
            GROUP BY book_id, partner_id, currency, booked_on""",
        mart="FROM built.partner.fct_partner_volume_daily",
    ),
    "marts_daily_movements": _statement(
        "book_id, booked_on",
        "entries, debits_minor, credits_minor",
        lake="""
            SELECT book_id, booked_on, count(*) AS entries, sum(amount_minor) FILTER (side = 'debit') AS debits_minor,
                   sum(amount_minor) FILTER (side = 'credit') AS credits_minor
            FROM lake.moved GROUP BY book_id, booked_on""",
        mart="""
            SELECT book_id, booked_on, sum(entries) AS entries, sum(debits_minor) AS debits_minor,
                   sum(credits_minor) AS credits_minor
            FROM (
                SELECT *, debits_until_minor - lag(debits_until_minor, 1, 0) OVER days AS debits_minor,
                       credits_until_minor - lag(credits_until_minor, 1, 0) OVER days AS credits_minor
                FROM built.partner.fct_account_balances_daily
                WINDOW days AS (PARTITION BY book_id, account_id ORDER BY booked_on)
            )
            GROUP BY book_id, booked_on""",
    ),
    "marts_last_balances": _statement(
        "book_id, account_id",
        "debits_minor, credits_minor, balance_minor",
        lake="""
            SELECT book_id, account_id, debits_minor, credits_minor,
                   CASE normal_side WHEN 'debit' THEN 1 ELSE -1 END * (debits_minor - credits_minor) AS balance_minor
            FROM (
                SELECT book_id, account_id, normal_side, arg_max(debits_minor, seq) AS debits_minor,
                       arg_max(credits_minor, seq) AS credits_minor
                FROM lake.moved GROUP BY book_id, account_id, normal_side
            )""",
        mart="""
            SELECT book_id, account_id, debits_until_minor AS debits_minor, credits_until_minor AS credits_minor,
                   balance_minor
            FROM built.partner.fct_account_balances_daily WHERE next_booked_on IS NULL""",
    ),
    "marts_statement_lines": _statement(
        "book_id, account_id",
        "lines, amount_minor, balance_minor",
        lake="""
            SELECT book_id, account_id, count(*) AS lines, sum(amount_minor) AS amount_minor,
                   sum(CASE WHEN side = normal_side THEN amount_minor ELSE -amount_minor END) AS balance_minor
            FROM lake.moved GROUP BY book_id, account_id""",
        mart="""
            SELECT book_id, account_id, max(line_number) AS lines, sum(amount_minor) AS amount_minor,
                   arg_max(balance_minor, line_number) AS balance_minor
            FROM built.partner.rpt_statement_lines GROUP BY book_id, account_id""",
    ),
    "marts_trial_balance": _statement(
        "book_id, currency, account_kind",
        "accounts, entries, debits_minor, credits_minor",
        lake="""
            SELECT book_id, currency, kind AS account_kind, count(DISTINCT account_id) AS accounts,
                   count(seq) AS entries, coalesce(sum(debit), 0) AS debits_minor,
                   coalesce(sum(credit), 0) AS credits_minor
            FROM (SELECT book_id, currency, kind, account_id FROM lake.accounts)
            LEFT JOIN (
                SELECT book_id, account_id, seq, CASE side WHEN 'debit' THEN amount_minor END AS debit,
                       CASE side WHEN 'credit' THEN amount_minor END AS credit
                FROM lake.moved
            ) USING (book_id, account_id)
            GROUP BY book_id, currency, kind""",
        mart="FROM built.regulatory.rpt_trial_balance",
    ),
    "marts_trial_balance_is_zero": _statement(
        "book_id, currency",
        "net_debits_minor, out_of_balance_minor",
        lake="""
            SELECT DISTINCT book_id, currency, 0 AS net_debits_minor, 0 AS out_of_balance_minor FROM lake.accounts""",
        mart="""
            SELECT book_id, currency, sum(net_debits_minor) AS net_debits_minor,
                   max(abs(out_of_balance_minor)) AS out_of_balance_minor
            FROM built.regulatory.rpt_trial_balance GROUP BY book_id, currency""",
    ),
    "marts_partners": _statement(
        "book_id, partner_id",
        "partner_ref, vertical",
        lake="SELECT book_id, partner_id, external_ref AS partner_ref, vertical FROM lake.partners",
        mart="FROM built.finance.dim_partner",
    ),
    "marts_accounts": _statement(
        "book_id, account_id",
        "partner_id, currency, account_kind, normal_side",
        lake="SELECT book_id, account_id, partner_id, currency, kind AS account_kind, normal_side FROM lake.accounts",
        mart="FROM built.finance.dim_account",
    ),
}
"""The statements of the audit, by the name of their finding."""
