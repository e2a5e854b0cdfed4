"""However releases are asked for, in whatever order and by however many at once, no year costs more than the cap."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Final
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.insights.budget import ChargeOrder, charge
from ledger.insights.errors import AlreadyReleased, BudgetExhausted
from ledger.insights.guarantee import GUARANTEE
from ledger.insights.orders import CellOrder, ReleaseOrder
from ledger.insights.records import BudgetCharge, InsightCell
from ledger.insights.releases import record_release
from ledger.kernel.ids import BookId
from ledger.kernel.sql import table
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from ledger.tenancy.records import Vertical

_BUDGET_CHARGES: Final = table(BudgetCharge)
_INSIGHT_CELLS: Final = table(InsightCell)

CAP = GUARANTEE.rho_micro
MONTHS = [date(2018 + index // 12, index % 12 + 1, 1) for index in range(30)]
ASKED = st.tuples(st.integers(0, 29), st.sampled_from("abc"), st.sampled_from([1, CAP // 20, CAP // 7, CAP // 2, CAP]))

COMPLETE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fresh_book(engine: sa.Engine) -> BookId:
    with begin(engine, actor="test") as work:
        return open_book(work, name=f"b{uuid4().hex[:20]}", jurisdiction="US", currency="USD")


def tried(engine: sa.Engine, book_id: BookId, order: ChargeOrder) -> str:
    try:
        with begin(engine, actor="test") as work:
            charge(work, book_id, order)
    except BudgetExhausted:
        return "exhausted"
    return "charged"


def spent_by_month(engine: sa.Engine, book_id: BookId) -> Counter[date]:
    spent: Counter[date] = Counter()
    with engine.connect() as connection:
        for row in connection.execute(sa.select(_BUDGET_CHARGES).where(_BUDGET_CHARGES.c.book_id == book_id)):
            spent[row.month] += row.rho_micro
    return spent


def busiest_year(spent: Counter[date]) -> int:
    return max(sum(spent[month] for month in MONTHS[start : start + 12]) for start in range(len(MONTHS)))


@COMPLETE
@given(asked=st.lists(ASKED, max_size=25, unique_by=lambda each: each[:2]))
def test_no_order_of_charges_overspends_and_none_that_fits_is_refused(engine, asked):
    book_id = fresh_book(engine)
    model: Counter[date] = Counter()

    for index, metric, rho_micro in asked:
        would_be = model + Counter({MONTHS[index]: rho_micro})
        fits = busiest_year(would_be) <= CAP

        outcome = tried(engine, book_id, ChargeOrder(metric, MONTHS[index], b"s" * 32, rho_micro))

        assert outcome == ("charged" if fits else "exhausted")
        model = would_be if fits else model
    assert spent_by_month(engine, book_id) == model


def test_of_64_charges_at_once_exactly_the_8_that_fit_are_made(engine):
    book_id = fresh_book(engine)
    orders = [ChargeOrder(f"m{index}", MONTHS[index % 12], b"s" * 32, CAP // 8) for index in range(64)]

    with ThreadPoolExecutor(16) as pool:
        outcomes = Counter(pool.map(lambda order: tried(engine, book_id, order), orders))

    assert outcomes == {"charged": 8, "exhausted": 56}
    assert sum(spent_by_month(engine, book_id).values()) == CAP // 8 * 8


@pytest.mark.parametrize("crashed", [False, True], ids=["from nothing", "after a crash between charge and record"])
def test_of_16_releases_of_one_month_at_once_one_is_charged_and_one_is_stored(engine, crashed):
    book_id = fresh_book(engine)
    order = ChargeOrder("transaction_count", MONTHS[0], b"s" * 32, 5_547)
    if crashed:
        tried(engine, book_id, order)

    def release(value: int) -> str:
        try:
            with begin(engine, actor="test") as work:
                charge_id = charge(work, book_id, order)
            cells = [CellOrder(each, value, 1) for each in Vertical]
            with begin(engine, actor="test") as work:
                record_release(work, book_id, ReleaseOrder(charge_id, "transactions", 1, 60, 1, cells))
        except AlreadyReleased:
            return "stood"
        return "released"

    with ThreadPoolExecutor(16) as pool:
        outcomes = Counter(pool.map(release, range(16)))

    assert outcomes == {"released": 1, "stood": 15}
    assert spent_by_month(engine, book_id) == {MONTHS[0]: 5_547}
    with engine.connect() as connection:
        cells = list(connection.execute(sa.select(_INSIGHT_CELLS).where(_INSIGHT_CELLS.c.book_id == book_id)))
    assert len(cells) == len(Vertical)
    assert len({cell.value for cell in cells}) == 1
