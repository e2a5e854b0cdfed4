"""Contributions: each person's payments in one month, by vertical, from pinned files of the lake."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from lake.duckdb_sessions import opened_memory
from lake.privacy.catalogue import Measure, MetricSpec
from ledger.kernel.errors import require
from ledger.tenancy.records import Vertical


class BronzeFiles(NamedTuple):
    """The Parquet files of one book by table; rows after `as_of_seq` are not read."""

    as_of_seq: int
    transfers: Sequence[str]
    accounts: Sequence[str]
    customers: Sequence[str]
    partners: Sequence[str]


_PAID: Final = """
WITH paid AS (
    SELECT debit_account_no, credit_account_no, amount_minor
    FROM read_parquet($transfers, hive_partitioning = false)
    WHERE booked_on >= $first AND booked_on < $next AND currency = $currency AND seq <= $as_of
      AND kind IN ('transfer', 'post')
),
payers AS (
    SELECT account_no, customer_id, partner_id
    FROM read_parquet($accounts, hive_partitioning = false)
    WHERE kind = 'customer' AND seq <= $as_of
),
merchants AS (
    SELECT account_no
    FROM read_parquet($accounts, hive_partitioning = false)
    WHERE kind = 'merchant' AND seq <= $as_of
),
persons AS (
    SELECT customer_id, person_id FROM read_parquet($customers, hive_partitioning = false) WHERE seq <= $as_of
),
verticals AS (
    SELECT partner_id, vertical
    FROM read_parquet($partners, hive_partitioning = false)
    WHERE vertical IN (SELECT unnest($eligible::VARCHAR[])) AND seq <= $as_of
)
SELECT person_id, vertical, 1 AS persons, count(*) AS payments, sum(amount_minor)::HUGEINT AS minor_units
FROM paid
JOIN payers ON payers.account_no = paid.debit_account_no
JOIN merchants ON merchants.account_no = paid.credit_account_no
JOIN persons ON persons.customer_id = payers.customer_id
JOIN verticals ON verticals.partner_id = payers.partner_id
GROUP BY person_id, vertical
ORDER BY person_id
"""

_ENROLLED: Final = """
SELECT vertical
FROM read_parquet($partners, hive_partitioning = false)
WHERE seq <= $as_of
GROUP BY vertical
HAVING count(DISTINCT partner_id) >= $minimum
"""


def eligible_verticals(files: BronzeFiles, *, min_partners: int) -> tuple[Vertical, ...]:
    """Return the verticals with at least `min_partners` enrolled partners, in declared order.

    Reads only partners, whose presence is public: no person's records have any effect.
    """
    if not files.partners:
        return ()
    values = {"partners": list(files.partners), "as_of": files.as_of_seq, "minimum": min_partners}
    enrolled = {row[0] for row in _rows(_ENROLLED, values)}
    return tuple(vertical for vertical in Vertical if vertical in enrolled)


def person_vectors(
    files: BronzeFiles, spec: MetricSpec, *, month: date, currency: str, eligible: Sequence[Vertical]
) -> list[tuple[int, ...]]:
    """Return one vector per person (`person_id`) who paid in the month: a cell per eligible vertical, in subunits.

    The order of the vectors reveals nothing about the persons, and ids are left out.
    """
    require(month.day == 1, "a month is named by its first day")
    if not all((files.transfers, files.accounts, files.customers, files.partners, eligible)):
        return []
    values = {
        "transfers": list(files.transfers),
        "accounts": list(files.accounts),
        "customers": list(files.customers),
        "partners": list(files.partners),
        "as_of": files.as_of_seq,
        "first": month,
        "next": following_month(month),
        "currency": currency,
        "eligible": [str(vertical) for vertical in eligible],
    }
    column = {Measure.PERSONS: 2, Measure.PAYMENTS: 3, Measure.MINOR_UNITS: 4}[spec.measure]
    vectors = []
    for _, rows in groupby(_rows(_PAID, values), key=itemgetter(0)):
        cells = {row[1]: row[column] * spec.subunits for row in rows}
        vectors.append(tuple(cells.get(vertical, 0) for vertical in eligible))
    return vectors


def following_month(month: date) -> date:
    """Return the first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _rows(query: str, values: dict[str, object]) -> list[tuple[Any, ...]]:
    with opened_memory() as connection:
        return connection.execute(query, values).fetchall()
