"""Deposits: what every owner of custodial money has at close of business, from the facts up to a position."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

import duckdb

from ledger.book.records.accounts import AccountId
from ledger.tenancy.records import CustomerId, PersonId


class Deposit(NamedTuple):
    """An account of an owner with its balance and open holds at close of business, in minor units.

    An account without a customer is the partner's own.
    """

    account_id: AccountId
    partner_ref: str
    customer_id: CustomerId | None
    person_id: PersonId | None
    currency: str
    balance_minor: int
    held_minor: int


class LedgerSide(NamedTuple):
    """Of a partner and a currency: the cash that the ledger has at the bank, and the sum of what its owners have."""

    cash_minor: int
    owned_minor: int


_BALANCES: Final = """
    CREATE TABLE balances AS
    WITH moved AS (
        SELECT seq, kind, hold_seq, amount_minor, debit_account_no, credit_account_no FROM lake.transfers
        WHERE booked_on <= $until_on
    ), sides AS (
        SELECT debit_account_no AS account_no, -amount_minor AS change FROM moved WHERE kind IN ('transfer', 'post')
        UNION ALL
        SELECT credit_account_no, amount_minor FROM moved WHERE kind IN ('transfer', 'post')
    ), summed AS (
        SELECT account_no, sum(change)::BIGINT AS balance FROM sides GROUP BY account_no
    ), held AS (
        SELECT debit_account_no AS account_no, sum(amount_minor)::BIGINT AS held FROM moved
        WHERE kind = 'hold' AND seq NOT IN (SELECT hold_seq FROM moved WHERE hold_seq IS NOT NULL)
        GROUP BY account_no
    )
    SELECT a.account_no, a.account_id, p.external_ref AS partner_ref, a.customer_id, c.person_id, a.currency, a.kind,
           coalesce(balance, 0) AS balance, coalesce(held, 0) AS held
    FROM lake.accounts a JOIN lake.partners p USING (book_id, partner_id)
    LEFT JOIN lake.customers c ON c.book_id = a.book_id AND c.customer_id = a.customer_id
    LEFT JOIN summed USING (account_no) LEFT JOIN held USING (account_no)
"""


def deposits(facts: duckdb.DuckDBPyConnection, until_on: date, owner_kinds: Sequence[str]) -> list[Deposit]:
    """Return the deposits of all owners that are above zero, in the order of their persons and accounts.

    `owner_kinds` are the kinds of accounts whose money belongs to their owners.
    """
    _settle(facts, until_on)
    rows = facts.execute(
        """SELECT account_id, partner_ref, customer_id, person_id, currency, balance, held FROM balances
           WHERE list_contains($kinds, kind) AND balance > 0 ORDER BY person_id, account_id""",
        {"kinds": list(owner_kinds)},
    ).fetchall()
    return [
        Deposit(
            AccountId(UUID(row[0])),
            row[1],
            CustomerId(UUID(row[2])) if row[2] else None,
            PersonId(UUID(row[3])) if row[3] else None,
            *row[4:],
        )
        for row in rows
    ]


def ledger_sides(
    facts: duckdb.DuckDBPyConnection, until_on: date, cash_kinds: Sequence[str], owner_kinds: Sequence[str]
) -> dict[tuple[str, str], LedgerSide]:
    """Return the cash and what is owned, by partner and currency; an overdrawn account lessens what is owned."""
    _settle(facts, until_on)
    rows = facts.execute(
        """SELECT partner_ref, currency,
                  coalesce(-sum(balance) FILTER (list_contains($cash, kind)), 0)::BIGINT,
                  coalesce(sum(balance) FILTER (list_contains($owned, kind)), 0)::BIGINT
           FROM balances GROUP BY ALL ORDER BY ALL""",
        {"cash": list(cash_kinds), "owned": list(owner_kinds)},
    ).fetchall()
    return {(row[0], row[1]): LedgerSide(row[2], row[3]) for row in rows}


def _settle(facts: duckdb.DuckDBPyConnection, until_on: date) -> None:
    """Compute the balances at close of business once for a report."""
    known = facts.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'balances'").fetchone()
    if known == (0,):
        facts.execute(_BALANCES, {"until_on": until_on})
