import pytest
from ledger.warranties.warranties import WarrantyOrder, give_warranty, id_of, warranty

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical


@pytest.fixture
def work(engine):
    with begin(engine, actor="test") as work:
        yield work


@pytest.fixture
def book_id(work):
    return open_book(work, name="shop", jurisdiction="US", currency="USD")


@pytest.fixture
def order(work, book_id):
    (partner_id,) = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)]).values()
    account_id = AccountId(new_id())
    open_accounts(work, book_id, [AccountOrder(account_id, partner_id, None, "shop:1", "USD", AccountKind.EXTERNAL)])
    return WarrantyOrder(partner_id, account_id, "w1", 24)


def test_a_warranty_is_given_once(work, book_id, order):
    assert give_warranty(work, book_id, order) == give_warranty(work, book_id, order)
    assert warranty(work, book_id, id_of(book_id, order)).months == 24


def test_what_nobody_could_promise_is_refused(work, book_id, order):
    with pytest.raises(InvalidInput, match="1 to 120 months"):
        give_warranty(work, book_id, order._replace(months=0))
    with pytest.raises(NotFound):
        give_warranty(work, book_id, order._replace(account_id=AccountId(new_id())))
