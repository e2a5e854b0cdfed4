"""An account is opened together with its customer, or neither stands."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.flows.accounts import open_account
from ledger.kernel.errors import IdempotencyConflict, UnknownCurrency
from ledger.kernel.work import begin
from ledger.personal_data.customers import CustomerOrder
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import PersonId, Vertical


@pytest.fixture
def order(engine):
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="test", jurisdiction="US", currency="USD")
        shop = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
    account_id = AccountId(UUID(int=7))
    return book_id, AccountOrder(account_id, shop, None, "shop:wallet-1", "USD", AccountKind.CUSTOMER)


def _count(engine, table: str) -> int:
    with engine.connect() as connection:
        return connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_an_account_and_its_customer_are_opened_once(engine, vault, order):
    book_id, account = order
    customer = CustomerOrder(account.partner_id, PersonId(UUID(int=9)), "c-1")

    with begin(engine, actor="test") as work:
        first = open_account(work, vault, book_id, account, owner=customer)
    with begin(engine, actor="test") as work:
        again = open_account(work, vault, book_id, account, owner=customer)

    assert (first.created, again.created) == (True, False)
    assert first.seq == again.seq == 4
    assert (_count(engine, "customers"), _count(engine, "accounts")) == (1, 1)


def test_a_refused_account_leaves_no_customer_behind(engine, vault, order):
    book_id, account = order
    customer = CustomerOrder(account.partner_id, PersonId(UUID(int=9)), "c-1")

    with pytest.raises(UnknownCurrency), begin(engine, actor="test") as work:
        open_account(work, vault, book_id, account._replace(currency="XXQ"), owner=customer)

    assert (_count(engine, "customers"), _count(engine, "accounts")) == (0, 0)


@pytest.mark.parametrize("changed", [{"currency": "EUR"}, {"account_id": AccountId(UUID(int=8))}])
def test_the_same_reference_or_id_with_other_content_names_what_differs(engine, vault, order, changed):
    book_id, account = order
    with begin(engine, actor="test") as work:
        open_account(work, vault, book_id, account)

    with pytest.raises(IdempotencyConflict, match=f"{next(iter(changed))} differ"), begin(engine, actor="t") as work:
        open_account(work, vault, book_id, account._replace(**changed))
