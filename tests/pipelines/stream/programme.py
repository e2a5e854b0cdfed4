"""A programme with a few accounts whose journal the stream's tests fill through the real posting path."""

import random
from typing import NamedTuple

import sqlalchemy as sa

from lake.residency.zones import Zone, Zones
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
from ledger.tenancy.directory import Server
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Book, CustomerId, PersonId, Vertical
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS

PERSONAL = "jane.doe@example.org"
"""The partner's reference of its first customer, which must never reach the lake."""


class Programme(NamedTuple):
    engine: sa.Engine
    book: Book
    partner_id: PartnerId
    accounts: list[AccountId]

    def pay(self, count: int, *, seed: int = 1, reference: str | None = None) -> None:
        """Post `count` transfers as one batch; a few of them are refused."""
        dice = random.Random(seed)
        orders = []
        for _ in range(count):
            debit, credit = dice.sample(self.accounts, 2)
            limited = TransferId(new_id()), self.partner_id, debit, credit, dice.randint(0, 10_000), "USD", "payment"
            orders.append(TransferOrder(*limited, external_ref=reference))
        post(self.engine, self.book.book_id, orders)


def sole_server(engine: sa.Engine) -> Server:
    """The server of an engine, as a directory without a file has it."""
    return Server(1, engine, engine.url.render_as_string(hide_password=False), frozenset(), frozenset())


def sole_zone(lake: Lake) -> Zones:
    """A lake as the only zone of an installation."""
    return Zones([Zone(Settings(home=lake.cache.parent, lake_url=lake.url), lake)])


def open_programme(engine: sa.Engine, name: str = "cards", *, jurisdiction: str = "US") -> Programme:
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name=name, jurisdiction=jurisdiction, currency="USD")
        order = PartnerOrder("corner-shop", "Corner Shop", Vertical.RETAIL)
        partner_id = register_partners(work, book_id, [order])["corner-shop"]
        person = CustomerOrder(partner_id, PersonId(new_id()), PERSONAL)
        vault = Vault(engine, KEYRINGS)
        customers = register_customers(work, vault, book_id, [person])
        accounts = [AccountId(derived_id(book_id, number)) for number in range(20)]
        open_accounts(
            work,
            vault,
            book_id,
            [
                AccountOrder(
                    account_id,
                    partner_id,
                    CustomerId(customers[partner_id, PERSONAL]) if number == 0 else None,
                    f"{name}:{number}",
                    "USD",
                    AccountKind.CUSTOMER,
                    debits_within_credits=number % 2 == 0,
                )
                for number, account_id in enumerate(accounts)
            ],
        )
        book = book_named(work.connection, name)
    return Programme(engine, book, partner_id, accounts)
