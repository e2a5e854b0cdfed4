"""A shop: one partner of a book, with accounts by their names, for what is built on the book."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.audits.audit import audit
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Result
from ledger.book.posting.writer import BookWriter
from ledger.book.reading import balances
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.kernel.ids import BookId, PartnerId, derived_id, new_id
from ledger.kernel.money import Money
from ledger.kernel.work import begin, read
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical


@dataclass
class Shop:
    """A partner under test; an account named `world` in lower case may go below zero, all others may not."""

    engine: sa.Engine
    book_id: BookId
    partner_id: PartnerId
    writer: BookWriter

    def account(self, name: str) -> AccountId:
        return AccountId(derived_id(self.book_id, "account", name))

    def open(self, lines: str) -> None:
        """Open and fund accounts, a line each: `A 100.00 USD`."""
        for name, amount, currency in (line.split() for line in lines.strip().splitlines()):
            self._open(name, currency, limited=not name.islower())
            if Money.parse(amount, currency).minor:
                self._open(f"mint-{currency}", currency, limited=False)
                order = self.order(f"mint-{currency}", name, amount, currency)
                assert self.writer.post([order])[0].result is Result.CREATED

    def order(self, debit: str, credit: str, amount: str, currency: str = "USD", **fields) -> TransferOrder:
        ids = self.account(debit), self.account(credit)
        money = Money.parse(amount, currency)
        order = TransferOrder(TransferId(new_id()), self.partner_id, *ids, money.minor, currency, "test")
        return order._replace(**fields)

    def has(self, names: str) -> str:
        """Balances as text: `A 40.00 B 60.00`."""
        with read(self.engine) as reader:
            views = [(name, balances.account(reader, self.book_id, self.account(name))) for name in names.split()]
        return " ".join(f"{name} {view.balance.decimal}" for name, view in views)

    def faults(self) -> list[str]:
        """What the audit finds wrong."""
        with read(self.engine) as reader:
            return [f"{each.check}: {each.detail}" for each in audit(reader, self.book_id) if not each.ok]

    def _open(self, name: str, currency: str, *, limited: bool) -> None:
        order = AccountOrder(self.account(name), self.partner_id, None, f"test:{name}", currency, AccountKind.EXTERNAL)
        with begin(self.engine, actor="test") as work:
            open_accounts(work, self.book_id, [order._replace(debits_within_credits=limited)])


@pytest.fixture
def shop(engine: sa.Engine) -> Shop:
    return make_shop(engine)


def make_shop(engine: sa.Engine) -> Shop:
    """A partner of a fresh book."""
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="programme", jurisdiction="US", currency="USD")
        partner_id = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
    return Shop(engine, book_id, partner_id, BookWriter(engine, book_id))
