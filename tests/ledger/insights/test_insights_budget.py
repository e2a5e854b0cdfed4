"""A month is charged once, before it is read, and never beyond the yearly cap."""

from datetime import date
from typing import Final

import pytest
import sqlalchemy as sa

from ledger.insights.budget import ChargeOrder, charge
from ledger.insights.errors import BudgetExhausted
from ledger.insights.guarantee import GUARANTEE
from ledger.insights.records import BudgetCharge
from ledger.journal import journal
from ledger.kernel.errors import IdempotencyConflict, InvalidInput, NotFound
from ledger.kernel.ids import BookId
from ledger.kernel.sql import table
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book

_BUDGET_CHARGES: Final = table(BudgetCharge)

CAP = GUARANTEE.rho_micro


def order(month: str, rho_micro: int = 1_000, metric: str = "transaction_count", spec: bytes = b"s") -> ChargeOrder:
    return ChargeOrder(metric, date.fromisoformat(f"{month}-01"), spec * 32, rho_micro)


def charged(engine, book_id, asked):
    with begin(engine, actor="test") as work:
        return charge(work, book_id, asked)


def rows(engine) -> list[sa.Row]:
    with engine.connect() as connection:
        return list(connection.execute(sa.select(_BUDGET_CHARGES).order_by(_BUDGET_CHARGES.c.seq)))


def test_a_charge_is_a_fact_of_the_journal(engine, book_id):
    charge_id = charged(engine, book_id, order("2018-04"))

    (row,) = rows(engine)
    assert (row.charge_id, row.rho_micro, row.spec_hash, row.actor) == (charge_id, 1_000, b"s" * 32, "test")
    with engine.connect() as connection:
        assert journal.head(connection, book_id).last_seq == row.seq == 2


def test_a_charge_that_was_not_used_is_taken_up_again(engine, book_id):
    first = charged(engine, book_id, order("2018-04"))

    again = charged(engine, book_id, order("2018-04"))

    assert again == first
    assert len(rows(engine)) == 1


@pytest.mark.parametrize("other", [order("2018-04", spec=b"t"), order("2018-04", rho_micro=999)])
def test_another_spec_cannot_take_up_a_charge(engine, book_id, other):
    charged(engine, book_id, order("2018-04"))

    with pytest.raises(IdempotencyConflict, match="charged under another spec"):
        charged(engine, book_id, other)


def test_the_cap_can_be_spent_to_the_last_millionth_and_no_further(engine, book_id):
    charged(engine, book_id, order("2018-04", CAP - 10))
    charged(engine, book_id, order("2018-05", 10))

    with pytest.raises(BudgetExhausted, match="0 are left"):
        charged(engine, book_id, order("2018-06", 1))

    assert sum(row.rho_micro for row in rows(engine)) == CAP


def test_twelve_months_later_the_budget_is_whole_again(engine, book_id):
    charged(engine, book_id, order("2018-04", CAP))

    with pytest.raises(BudgetExhausted):
        charged(engine, book_id, order("2019-03", 1))
    charged(engine, book_id, order("2019-04", CAP))


def test_the_window_slides_over_months_on_both_sides(engine, book_id):
    charged(engine, book_id, order("2018-01", CAP // 2))
    charged(engine, book_id, order("2018-12", CAP // 2))

    with pytest.raises(BudgetExhausted):
        charged(engine, book_id, order("2018-06", CAP // 2))
    charged(engine, book_id, order("2019-01", CAP // 2))


def test_books_have_budgets_of_their_own(engine, book_id):
    with begin(engine, actor="test") as work:
        other: BookId = open_book(work, name="other", jurisdiction="DE", currency="EUR")
    charged(engine, book_id, order("2018-04", CAP))

    charged(engine, other, order("2018-04", CAP))

    assert len(rows(engine)) == 2


def test_a_charge_that_is_rolled_back_costs_nothing(engine, book_id):
    def charged_then_failed() -> None:
        with begin(engine, actor="test") as work:
            charge(work, book_id, order("2018-04", CAP))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        charged_then_failed()

    charged(engine, book_id, order("2018-05", CAP))
    assert len(rows(engine)) == 1


def test_a_month_is_named_by_its_first_day(engine, book_id):
    with pytest.raises(InvalidInput, match="first day"):
        charged(engine, book_id, order("2018-04")._replace(month=date(2018, 4, 2)))


def test_a_book_that_does_not_exist_has_no_budget(engine):
    with pytest.raises(NotFound):
        charged(engine, BookId(7), order("2018-04"))
