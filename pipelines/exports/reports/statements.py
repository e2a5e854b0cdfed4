"""Statements of account: every account of a partner in a month, with opening balance, lines and closing balance."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import duckdb

from ledger.kernel.money import Money
from pipelines.exports.camt053 import (
    SCHEMA,
    AccountStatement,
    StatementLine,
    Written,
    structural_faults,
    write_statements,
)
from pipelines.exports.declarations import Due, Frequency, Report
from pipelines.exports.findings import ExportCheck, Findings, Sources
from pipelines.exports.schemas import schema_check

FILE: Final = "statements.camt053.xml"

_SIDES: Final = """
    CREATE VIEW sides AS
    SELECT seq, booked_on, effective_at, transfer_id, code, external_ref, account_no, change FROM (
        SELECT *, debit_account_no AS account_no, -amount_minor AS change FROM lake.transfers
        UNION ALL
        SELECT *, credit_account_no, amount_minor FROM lake.transfers
    ) WHERE kind IN ('transfer', 'post')
"""
# An account that was opened after the period is stated only if history was imported into the period.
_ACCOUNTS: Final = """
    SELECT account_no, account_id, currency, coalesce(opening, 0)::BIGINT AS opening FROM lake.accounts
    JOIN lake.partners USING (book_id, partner_id)
    LEFT JOIN (
        SELECT account_no, sum(change) FILTER (booked_on < $from_on) AS opening FROM sides
        WHERE booked_on <= $until_on GROUP BY account_no
    ) moved USING (account_no)
    WHERE partners.external_ref = $partner
      AND (accounts.recorded_at < $ends_at OR moved.account_no IS NOT NULL)
    ORDER BY account_no
"""
_LINES: Final = """
    SELECT account_no, transfer_id, change, booked_on, effective_at, code, sides.external_ref FROM sides
    JOIN lake.accounts USING (account_no) JOIN lake.partners USING (book_id, partner_id)
    WHERE partners.external_ref = $partner AND booked_on BETWEEN $from_on AND $until_on
    ORDER BY account_no, booked_on, sides.seq
"""
_CLOSINGS: Final = """
    SELECT accounts.currency,
           sum(CASE WHEN account_no = debit_account_no THEN -amount_minor ELSE amount_minor END)::BIGINT
    FROM lake.accounts JOIN lake.partners USING (book_id, partner_id)
    JOIN lake.transfers ON account_no IN (debit_account_no, credit_account_no)
    WHERE partners.external_ref = $partner AND booked_on <= $until_on AND transfers.kind IN ('transfer', 'post')
    GROUP BY ALL
"""


def make(sources: Sources, folder: Path) -> Findings:
    """Write the statements of a partner into one file; the closing balances are summed again by another query."""
    what, facts = sources.what, sources.facts
    facts.execute(_SIDES)
    ends_at = sources.calendar.ends_at(what.until_on)
    upto = {"partner": what.partner_ref, "until_on": what.until_on}
    asked = upto | {"from_on": what.from_on}
    accounts = facts.execute(_ACCOUNTS, asked | {"ends_at": ends_at}).fetchall()
    period = (what.from_on, what.until_on, ends_at)
    message_id = f"{what.until_on:%Y%m%d}-{sources.book.name}-{what.partner_ref}"[:35]
    written = write_statements(folder / FILE, message_id, period, _statements(facts, accounts, asked))
    closings: dict[str, int] = dict(facts.execute(_CLOSINGS, upto).fetchall())
    checked, validity = schema_check(folder / FILE, sources.schemas, SCHEMA)
    checks = [_structure(folder / FILE), _tie_out(written, closings), *([checked] if checked else [])]
    return Findings({FILE: written.entries}, _totals(written), checks, {FILE: validity})


REPORT: Final = Report(
    name="statements",
    title="Statements of account",
    recipient="the partner",
    legal_basis="12 CFR 1005.9(b), periodic statements; Directive (EU) 2015/2366, article 57",
    format="ISO 20022 camt.053.001.08",
    frequency=Frequency.MONTHLY,
    due=Due(10, in_business_days=True),
    make=make,
    is_per_partner=True,
    retention_years=2,
)


def _statements(
    facts: duckdb.DuckDBPyConnection, accounts: list[tuple[Any, ...]], asked: Mapping[str, object]
) -> Iterator[AccountStatement]:
    """Yield each account with its lines; both come in the order of the accounts' numbers."""
    grouped = groupby(_rows(facts.execute(_LINES, asked)), itemgetter(0))
    upcoming = next(grouped, None)
    for account_no, account_id, currency, opening in accounts:
        lines: list[StatementLine] = []
        if upcoming is not None and upcoming[0] == account_no:
            lines = [_line(row, currency) for row in upcoming[1]]
            upcoming = next(grouped, None)
        yield AccountStatement(UUID(account_id).hex, Money(opening, currency), lines)
    assert upcoming is None, "every line is of an account that is stated"


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(10_000):
        yield from rows


def _line(row: tuple[Any, ...], currency: str) -> StatementLine:
    transfer_id: str
    booked_on: date
    valued_at: datetime
    _, transfer_id, change, booked_on, valued_at, code, own_reference = row
    return StatementLine(UUID(transfer_id).hex, Money(change, currency), booked_on, valued_at, code, own_reference)


def _structure(path: Path) -> ExportCheck:
    faults = [fault for fault, _ in zip(structural_faults(path), range(3), strict=False)]
    return ExportCheck("statements_add_up", not faults, "; ".join(faults) or "opening, lines and closing of each agree")


def _tie_out(written: Written, closings: dict[str, int]) -> ExportCheck:
    stated = {currency: sums[3] for currency, sums in written.sums.items() if sums[3] or currency in closings}
    wrong = [
        f"{currency}: closing balances are {stated.get(currency, 0)}, and the ledger has {closings.get(currency, 0)}"
        for currency in sorted(stated.keys() | closings.keys())
        if stated.get(currency, 0) != closings.get(currency, 0)
    ]
    return ExportCheck("closings_tie_to_the_ledger", not wrong, "; ".join(wrong) or "in every currency")


def _totals(written: Written) -> dict[str, str]:
    names = ("opening", "credits", "debits", "closing")
    amounts = {
        f"{name}_{currency}": Money(minor, currency).decimal
        for currency, sums in sorted(written.sums.items())
        for name, minor in zip(names, sums, strict=True)
    }
    return {"statements": str(written.statements), "entries": str(written.entries), **amounts}
