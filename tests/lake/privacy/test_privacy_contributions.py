"""What counts for whom: payments of customers to merchants, per person, vertical and month."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake.privacy.catalogue import metric_specs
from lake.privacy.contributions import (
    BronzeFiles,
    eligible_verticals,
    following_month,
    person_vectors,
)
from ledger.tenancy.records import Vertical

PERSONS, _, _, PAYMENTS, VOLUME = metric_specs("USD")
APRIL = date(2018, 4, 1)
BOTH = (Vertical.RETAIL, Vertical.MOBILITY)

SHAPES = {
    "transfers": (
        "debit_account_no BIGINT, credit_account_no BIGINT, amount_minor BIGINT, currency VARCHAR, booked_on DATE, "
        "kind VARCHAR"
    ),
    "accounts": "account_no BIGINT, kind VARCHAR, partner_id VARCHAR, customer_id VARCHAR",
    "customers": "customer_id VARCHAR, person_id VARCHAR",
    "partners": "partner_id VARCHAR, vertical VARCHAR",
}
PARTNERS = [("shop", "retail"), ("cabs", "mobility"), ("bank", "banking")]
CUSTOMERS = [("ann@shop", "ann"), ("ann@cabs", "ann"), ("bob@shop", "bob")]
NUMBERS = {"ann1": 1, "ann2": 2, "bob1": 3, "till": 4, "fees": 5, "world": 6}
ACCOUNTS = [
    (NUMBERS["ann1"], "customer", "shop", "ann@shop"),
    (NUMBERS["ann2"], "customer", "cabs", "ann@cabs"),
    (NUMBERS["bob1"], "customer", "shop", "bob@shop"),
    (NUMBERS["till"], "merchant", "bank", None),
    (NUMBERS["fees"], "revenue", "shop", None),
    (NUMBERS["world"], "external", "shop", None),
]

Write = Callable[[Sequence[tuple[Any, ...]]], BronzeFiles]


@pytest.fixture
def bronze(tmp_path: Path) -> Write:
    """A function that writes the transfers, two to a file, beside the fixed accounts; positions count from 1."""

    def table(name: str, rows: Sequence[tuple[Any, ...]], first_seq: int) -> str:
        path = tmp_path / f"{name}-{first_seq}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE t (seq BIGINT, {SHAPES[name]})")
            for seq, row in enumerate(rows, first_seq):
                connection.execute(f"INSERT INTO t VALUES (?, {', '.join('?' * len(row))})", [seq, *row])
            connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
        return str(path)

    def write(transfers: Sequence[tuple[Any, ...]]) -> BronzeFiles:
        parts = [table("transfers", transfers[at : at + 2], 100 + at) for at in range(0, len(transfers), 2)]
        fixed = {"accounts": ACCOUNTS, "customers": CUSTOMERS, "partners": PARTNERS}
        return BronzeFiles(1_000, parts, **{name: [table(name, rows, 1)] for name, rows in fixed.items()})

    return write


def payment(  # noqa: PLR0913  # the columns of a transfer
    payer: str,
    amount: int,
    day: str = "2018-04-15",
    currency: str = "USD",
    *,
    to: str = "till",
    kind: str = "transfer",
) -> tuple[Any, ...]:
    return NUMBERS[payer], NUMBERS[to], amount, currency, date.fromisoformat(day), kind


def vectors(files: BronzeFiles, spec=VOLUME, month=APRIL, eligible=BOTH) -> list[tuple[int, ...]]:
    return sorted(person_vectors(files, spec, month=month, currency="USD", eligible=eligible))


def test_a_person_is_one_vector_across_partners(bronze):
    files = bronze([payment("ann1", 10), payment("ann1", 5), payment("ann2", 7), payment("bob1", 3)])

    assert vectors(files) == [(3, 0), (15, 7)]
    assert vectors(files, PAYMENTS) == [(1, 0), (2, 1)]
    assert vectors(files, PERSONS) == [(1_000, 0), (1_000, 1_000)]


def test_only_payments_from_customers_to_merchants_count(bronze):
    files = bronze(
        [
            payment("ann1", 1, to="fees"),
            payment("world", 2, to="till"),
            payment("till", 4, to="ann1"),
            payment("ann1", 8),
        ]
    )

    assert vectors(files) == [(8, 0)]


def test_a_hold_counts_when_it_is_posted_and_with_what_was_posted(bronze):
    kinds = [("hold", 50), ("post", 30), ("hold", 7), ("void", 7), ("hold", 8), ("expiry", 8)]
    files = bronze([payment("ann1", amount, kind=kind) for kind, amount in kinds])

    assert vectors(files) == [(30, 0)]
    assert vectors(files, PAYMENTS) == [(1, 0)]


def test_the_month_is_that_of_the_accounting_date_and_ends_before_the_next(bronze):
    files = bronze([payment("ann1", amount, day) for amount, day in DAYS])

    assert vectors(files) == [(6, 0)]


DAYS = [(1, "2018-03-31"), (2, "2018-04-01"), (4, "2018-04-30"), (8, "2018-05-01")]


def test_other_currencies_than_the_books_do_not_count(bronze):
    files = bronze([payment("ann1", 10), payment("ann1", 10_000, currency="JPY")])

    assert vectors(files) == [(10, 0)]


def test_verticals_that_are_not_eligible_are_not_in_the_vector(bronze):
    files = bronze([payment("ann1", 10), payment("ann2", 7)])

    assert vectors(files, eligible=(Vertical.MOBILITY,)) == [(7,)]
    assert vectors(files, eligible=()) == []


def test_rows_after_the_pinned_position_do_not_count(bronze):
    files = bronze([payment("ann1", 10), payment("ann1", 5)])

    assert vectors(files._replace(as_of_seq=100)) == [(10, 0)]


def test_sums_beyond_64_bits_stay_exact(bronze):
    largest = 2**63 - 1
    files = bronze([payment("ann1", largest), payment("ann1", largest), payment("ann1", 2**53 + 1), payment("ann1", 0)])

    assert vectors(files) == [(2 * largest + 2**53 + 1, 0)]
    assert vectors(files, PAYMENTS) == [(4, 0)]


def test_a_month_without_payments_has_no_vectors(bronze):
    assert vectors(bronze([payment("ann1", 10)]), month=date(2018, 5, 1)) == []
    assert vectors(bronze([])) == []


def test_a_vertical_is_eligible_from_the_least_number_of_partners_on(bronze):
    files = bronze([])

    assert eligible_verticals(files, min_partners=1) == (Vertical.RETAIL, Vertical.MOBILITY, Vertical.BANKING)
    assert eligible_verticals(files, min_partners=2) == ()
    assert eligible_verticals(files._replace(as_of_seq=1), min_partners=1) == (Vertical.RETAIL,)
    assert eligible_verticals(files._replace(partners=[]), min_partners=0) == ()


def test_december_is_followed_by_january():
    assert following_month(date(2018, 12, 1)) == date(2019, 1, 1)
    assert following_month(date(2018, 11, 1)) == date(2018, 12, 1)


ANY_PAYMENT = st.builds(
    payment,
    st.sampled_from(["ann1", "ann2", "bob1", "till", "fees", "world"]),
    st.integers(0, 1_000) | st.sampled_from([2**53 + 1, 2**63 - 1]),
    st.sampled_from(["2018-03-31", "2018-04-01", "2018-04-30", "2018-05-01"]),
    st.sampled_from(["USD", "EUR"]),
    to=st.sampled_from(["till", "fees", "ann2"]),
    kind=st.sampled_from(["transfer", "hold", "post", "void"]),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(transfers=st.lists(ANY_PAYMENT, max_size=12))
def test_the_vectors_are_those_of_a_naive_fold(bronze, transfers):
    owners = {NUMBERS["ann1"]: ("ann", 0), NUMBERS["ann2"]: ("ann", 1), NUMBERS["bob1"]: ("bob", 0)}
    naive: dict[str, list[int]] = {}
    for payer, to, amount, currency, day, kind in transfers:
        counts = currency == "USD" and kind in {"transfer", "post"} and (day.year, day.month) == (2018, 4)
        if counts and payer in owners and to == NUMBERS["till"]:
            person, cell = owners[payer]
            naive.setdefault(person, [0, 0])[cell] += amount

    found = vectors(bronze(transfers))

    assert found == sorted(tuple(vector) for vector in naive.values())
