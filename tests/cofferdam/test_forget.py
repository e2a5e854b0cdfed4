"""`cofferdam forget` and `cofferdam legal-hold`, as an operator runs them."""

import json
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.kernel.ids import new_id
from ledger.kernel.work import begin
from ledger.personal_data.counterparties import sealed_orders
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.public_ids import public
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests import warm

ROOT = Path(__file__).parents[2]


@pytest.fixture
def anna(engine, vault):
    """The id of a customer of the partner shop, who has paid `Ben Example`."""
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="cards", jurisdiction="US", currency="USD")
        shop = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
        (customer_id,) = register_customers(
            work, vault, book_id, [CustomerOrder(shop, None, "anna@example.org")]
        ).values()
        ids = [AccountId(new_id()), AccountId(new_id())]
        orders = [AccountOrder(each, shop, None, f"t:{each}", "USD", AccountKind.EXTERNAL) for each in ids]
        open_accounts(work, book_id, orders)
    order = TransferOrder(TransferId(new_id()), shop, *ids, 5, "USD", "test", counterparty="Ben Example")
    post(engine, book_id, sealed_orders(vault, book_id, [order]))
    return public("customer", customer_id)


@pytest.fixture
def cofferdam(settings):
    return partial(warm.cofferdam, settings)


def test_a_customer_is_held_then_forgotten_and_a_second_run_says_so(cofferdam, anna):
    held = cofferdam("legal-hold", anna, "--reason", "case 17", "--json")
    refused = cofferdam("forget", anna, "--reason", "asked")
    lifted = cofferdam("legal-hold", anna, "--lift", "--reason", "case 17 is closed")
    done = cofferdam("forget", anna, "--reason", "asked", "--json")
    again = cofferdam("forget", anna, "--reason", "asked")
    shown = cofferdam("customer", anna, "--reason", "case 18", "--json")

    assert json.loads(held.stdout)["legal_hold"] == "placed"
    assert (refused.returncode, "legal hold keeps this subject" in refused.stderr) == (1, True)
    assert lifted.stdout.startswith("legal hold lifted at position")
    assert json.loads(done.stdout)["key_stood"] is True
    assert (
        again.stdout == f"it was already forgotten at position {json.loads(done.stdout)['position']}; no key is left\n"
    )
    assert json.loads(shown.stdout)["reference"] == "(forgotten)"


@pytest.mark.usefixtures("anna")
def test_a_counterparty_is_forgotten_by_the_value_that_was_sent(cofferdam, engine):
    whom = ("--counterparty", "Ben Example", "--partner", "shop", "--book", "cards", "--reason", "asked")

    done, again = cofferdam("forget", *whom), cofferdam("forget", *whom)

    assert done.stdout.startswith("forgotten at position")
    assert (again.returncode, "no such counterparty, or it was forgotten" in again.stderr) == (1, True)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT kind FROM forgettings")).scalar_one() == "counterparty"


@pytest.mark.parametrize("whom", [[], ["--counterparty", "Ben"], ["cus_1"], [f"cus_{'0' * 32}"]])
def test_who_is_not_named_or_not_there_is_told_in_one_line(cofferdam, anna, whom):
    outcome = cofferdam("forget", *whom, "--reason", "asked")

    assert outcome.returncode == 1
    assert outcome.stderr.count("\n") == 1
    assert anna not in outcome.stderr
