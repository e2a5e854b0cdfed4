"""Cash transactions of persons, aggregated over accounts, partners and transactions (31 CFR 1010.313)."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any, Final, NamedTuple
from uuid import UUID

import duckdb

from ledger.book.records.accounts import AccountId
from ledger.tenancy.records import CustomerId, PersonId
from pipelines.exports.thresholds import Threshold, threshold_on

CURRENCY: Final = "USD"

THRESHOLDS: Final = (Threshold(date(1972, 4, 5), 1_000_000, "31 CFR 1010.311"),)
"""More than 10,000.00 US dollars in one business day; exactly that does not trigger a report."""


class CashMoved(NamedTuple):
    """The cash of one account in a period, in minor units: what came in, what went out, and the largest of each."""

    account_id: AccountId
    customer_id: CustomerId
    in_minor: int
    out_minor: int
    transactions: int
    largest_minor: int


class CashOfPerson(NamedTuple):
    """The cash of a person in a period over all accounts and partners, in minor units.

    Cash in and cash out are summed apart and never set off; the side that does not pass the threshold is zero here, and
    its accounts are left out.
    """

    person_id: PersonId
    in_minor: int
    out_minor: int
    moved: Sequence[CashMoved]

    @property
    def is_aggregated(self) -> bool:
        """True if it took several transactions, none of which passes the threshold alone."""
        largest = max(each.largest_minor for each in self.moved)
        return sum(each.transactions for each in self.moved) > 1 and largest < max(self.in_minor, self.out_minor)


# A reversal corrects the books, no cash moves: neither it nor what it reverses is cash. A partner's own rule comes
# before the book's; of several, the one that began last, and of these the newest (as in `int_transfers__classified`).
_CLASSIFIED: Final = """
    WITH moved AS (
        SELECT t.seq, t.amount_minor, t.code, t.booked_on, t.debit_account_no, t.credit_account_no, p.partner_id
        FROM lake.transfers t JOIN lake.partners p USING (book_id, partner_no)
        WHERE t.booked_on BETWEEN $from_on AND $until_on AND t.kind IN ('transfer', 'post') AND t.currency = $currency
          AND t.reverses_seq IS NULL
          AND t.seq NOT IN (SELECT reverses_seq FROM lake.transfers WHERE reverses_seq IS NOT NULL)
    ), chosen AS (
        SELECT u.partner_id, u.code, u.booked_on, r.transfer_class
        FROM (SELECT DISTINCT partner_id, code, booked_on FROM moved) u
        JOIN lake.transfer_classifications r ON r.code = u.code AND r.from_on <= u.booked_on
             AND (r.partner_id IS NULL OR r.partner_id = u.partner_id)
        QUALIFY row_number() OVER (
            PARTITION BY u.partner_id, u.code, u.booked_on
            ORDER BY r.partner_id IS NULL, r.from_on DESC, r.seq DESC
        ) = 1
    ), classified AS (
        SELECT moved.*, chosen.transfer_class
        FROM moved LEFT JOIN chosen USING (partner_id, code, booked_on)
    )
"""
_MOVED: Final = f"""{_CLASSIFIED}
    , sides AS (
        SELECT credit_account_no AS account_no, amount_minor AS cash_in, 0 AS cash_out FROM classified
        WHERE transfer_class = 'cash_in'
        UNION ALL
        SELECT debit_account_no, 0, amount_minor FROM classified WHERE transfer_class = 'cash_out'
    )
    SELECT person_id, account_id, customer_id, sum(cash_in)::BIGINT, sum(cash_out)::BIGINT,
           count(*) FILTER (cash_in > 0), count(*) FILTER (cash_out > 0), max(cash_in), max(cash_out)
    FROM sides JOIN lake.accounts USING (account_no) JOIN lake.customers USING (book_id, customer_id)
    GROUP BY ALL ORDER BY person_id, account_id
"""  # noqa: S608  # a part of ours
_UNCLASSIFIED: Final = f"""{_CLASSIFIED}
    SELECT p.external_ref || ': ' || c.code, count(*)
    FROM classified c JOIN lake.partners p USING (partner_id)
    WHERE c.transfer_class IS NULL GROUP BY ALL ORDER BY 1
"""  # noqa: S608  # a part of ours


def cash_above_threshold(facts: duckdb.DuckDBPyConnection, period: tuple[date, date]) -> list[CashOfPerson]:
    """Return the persons whose cash in or cash out passed the threshold of a period, in the order of their ids.

    The classification of transfers, up to the same position, says which of them are cash.
    """
    rows = facts.execute(_MOVED, _asked(period)).fetchall()
    threshold = threshold_on(THRESHOLDS, period[1]).amount_minor
    found = (
        _of_person(PersonId(UUID(name)), list(some), threshold) for name, some in groupby(rows, lambda row: row[0])
    )
    return [each for each in found if each is not None]


def unclassified_codes(facts: duckdb.DuckDBPyConnection, period: tuple[date, date]) -> list[str]:
    """Return the codes of a period's transfers that no rule classifies, as `partner: code`: they may be cash."""
    return [name for name, _ in facts.execute(_UNCLASSIFIED, _asked(period)).fetchall()]


def _asked(period: tuple[date, date]) -> dict[str, object]:
    return {"from_on": period[0], "until_on": period[1], "currency": CURRENCY}


def _of_person(person_id: PersonId, rows: Sequence[tuple[Any, ...]], threshold: int) -> CashOfPerson | None:
    """Sum the accounts of a person, without the side that does not pass the threshold."""
    sums = [sum(row[3] for row in rows), sum(row[4] for row in rows)]
    has_in, has_out = (each > threshold for each in sums)
    moved = []
    for _, account, customer, cash_in, cash_out, ins, outs, most_in, most_out in rows:
        amounts = (cash_in * has_in, cash_out * has_out)
        count, largest = ins * has_in + outs * has_out, max(most_in * has_in, most_out * has_out)
        if any(amounts):
            moved.append(CashMoved(AccountId(UUID(account)), CustomerId(UUID(customer)), *amounts, count, largest))
    return CashOfPerson(person_id, sums[0] * has_in, sums[1] * has_out, moved) if moved else None
