"""A programme of six partners, five of them in one vertical, whose customers paid in April and May 2018."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from lake.tables import Lake
from ledger.book.accounts.accounts import AccountOrder
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.flows.accounts import open_accounts
from ledger.kernel.ids import PartnerId, derived_id, new_id
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.tenancy.books import book_named, open_book
from ledger.tenancy.operating_periods import Period, declare_period
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Book, PersonId, Vertical
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS

PERSONS = 160
PERIOD = Period(date(2018, 4, 10), date(2018, 5, 31))


@dataclass
class Programme:
    """A book in which person n is a customer of partner n modulo 6, and of the next one."""

    engine: sa.Engine
    book: Book
    partners: list[PartnerId]
    wallets: dict[tuple[int, int], AccountId]
    tills: list[AccountId]

    def pay(self, person: int, partner: int, amount_minor: int, day: str) -> None:
        """Pay from the person's wallet at the partner, given by its number, to the partner's till."""
        self.post([self.payment(person, partner, amount_minor, day)])

    def post(self, orders: list[TransferOrder]) -> None:
        """Post payments, all of which are accepted."""
        assert {outcome.result for outcome in post(self.engine, self.book.book_id, orders)} == {"created"}

    def payment(self, person: int, partner: int, amount_minor: int, day: str) -> TransferOrder:
        """One payment that is not posted yet."""
        return TransferOrder(
            TransferId(new_id()),
            self.partners[partner],
            self.wallets[person, partner],
            self.tills[partner],
            amount_minor,
            "USD",
            "payment",
            datetime.fromisoformat(day).replace(tzinfo=UTC),
            across_partners=True,  # history, as an operator loads it
        )


def open_programme(engine: sa.Engine, name: str, retailers: int) -> Programme:
    """Open the book with six partners, the first `retailers` of them in retail, the others in mobility."""
    refs = [f"partner-{number}" for number in range(6)]
    verticals = [Vertical.RETAIL if number < retailers else Vertical.MOBILITY for number in range(6)]
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name=name, jurisdiction="US", currency="USD")
        declare_period(work, book_id, PERIOD, reason="a test")
        orders = [PartnerOrder(ref, ref, vertical) for ref, vertical in zip(refs, verticals, strict=True)]
        ids = register_partners(work, book_id, orders)
        partners = [ids[ref] for ref in refs]
        seats = [(person, (person + step) % 6) for person in range(PERSONS) for step in (0, 1)]
        vault = Vault(engine, KEYRINGS)
        customers = register_customers(
            work,
            vault,
            book_id,
            [CustomerOrder(partners[at], PersonId(derived_id("person", who)), f"c{who}") for who, at in seats],
        )
        tills = [AccountId(derived_id(name, "till", number)) for number in range(6)]
        wallets = {seat: AccountId(derived_id(name, "wallet", *seat)) for seat in seats}
        accounts = [
            AccountOrder(till, partner, None, f"till:{till}", "USD", AccountKind.MERCHANT)
            for till, partner in zip(tills, partners, strict=True)
        ]
        for (who, at), wallet in wallets.items():
            customer = customers[partners[at], f"c{who}"]
            accounts.append(AccountOrder(wallet, partners[at], customer, f"w:{wallet}", "USD", AccountKind.CUSTOMER))
        open_accounts(work, vault, book_id, accounts)
    with engine.connect() as connection:
        return Programme(engine, book_named(connection, name), partners, wallets, tills)


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake.of(settings)


@pytest.fixture
def make_programme(engine: sa.Engine) -> Callable[..., Programme]:
    """A function that opens a programme with a payment of every seat in April and one in May 2018."""

    def make(name: str = "sandbox", retailers: int = 5) -> Programme:
        programme = open_programme(engine, name, retailers)
        programme.post(
            [programme.payment(person, partner, 1_000 + person, "2018-04-10") for person, partner in programme.wallets]
        )
        programme.pay(0, 0, 500, "2018-05-31")
        return programme

    return make


@pytest.fixture
def programme(make_programme: Callable[..., Programme]) -> Programme:
    return make_programme()
