"""A programme with two partners, persons with particulars, and money whose dates a test chooses."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lake.tables import Lake
from ledger.book.accounts.accounts import AccountOrder
from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.posting.writer import BookWriter
from ledger.book.records.accounts import AccountId, AccountKind, Side
from ledger.book.records.transfers import Kind, TransferId
from ledger.classification.classifications import ClassificationRule, classify
from ledger.classification.records import TransferClass
from ledger.exports.bank_balances import BankBalanceOrder, record_bank_balances
from ledger.exports.export_queries import ExportOf
from ledger.exports.obligations import ObligationOrder, declare_obligation
from ledger.flows.accounts import open_accounts
from ledger.kernel.ids import PartnerId, derived_id, new_id
from ledger.kernel.money import Money
from ledger.kernel.work import begin, read
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.personal_data.particulars import checked_particulars, state_particulars
from ledger.tenancy.books import book_named, open_book
from ledger.tenancy.directory import BookLocation
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import CustomerId, PersonId, Vertical
from ledger.vault.vault import Vault
from pipelines.exports.declarations import Report
from pipelines.exports.exporter import Exporter
from pipelines.exports.periods import period_of

BEGAN = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""A Monday; the book is opened then."""


@dataclass
class Programme:
    """A book under test: its exporter, and a clock that the test moves."""

    engine: sa.Engine
    vault: Vault
    lake: Lake
    home: Path
    now: datetime = BEGAN

    def __post_init__(self) -> None:
        with self.work() as work:
            self.book_id = open_book(work, name="fbo", jurisdiction="US", currency="USD")
            names = [PartnerOrder(name, name.title(), Vertical.BANKING) for name in ("alder", "birch")]
            self.partners = register_partners(work, self.book_id, names)
            book = book_named(work.connection, "fbo")
        self.place = BookLocation(self.engine, book)
        self.accounts: dict[str, tuple[AccountId, PartnerId]] = {}
        self.customers: dict[str, CustomerId] = {}
        self.writer = BookWriter(self.engine, self.book_id, clock=lambda: self.now)
        for name in self.partners:
            self.open(f"{name}-world", name, kind=AccountKind.EXTERNAL)

    @property
    def exporter(self) -> Exporter:
        return Exporter(self.place, self.vault, self.lake, self.home, "operator:ann", clock=lambda: self.now)

    def with_schemas(self, folder: Path) -> Exporter:
        return replace(self.exporter, schemas=folder)

    def work(self) -> Any:
        return begin(self.engine, actor="operator:ann", clock=lambda: self.now)

    def on(self, day: date, hour: int = 12) -> None:
        """Move the clock to an hour of a day."""
        self.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)

    def open(
        self, name: str, partner: str, *, kind: AccountKind = AccountKind.CUSTOMER, person: str | None = None
    ) -> None:
        """Open an account; one of a customer belongs to the person of a name, who may be known to both partners."""
        partner_id = self.partners[partner]
        side = Side.DEBIT if kind is AccountKind.EXTERNAL else Side.CREDIT
        with self.work() as work:
            customer = None
            if kind is AccountKind.CUSTOMER:
                who = person or name
                order = CustomerOrder(partner_id, PersonId(derived_id("test person", who)), f"{who}@{partner}")
                (customer,) = register_customers(work, self.vault, self.book_id, [order]).values()
                self.customers[name] = customer
            account_id = AccountId(derived_id(self.book_id, name))
            self.accounts[name] = account_id, partner_id
            account = AccountOrder(account_id, partner_id, customer, f"test:{name}", "USD", kind, side)
            open_accounts(work, self.vault, self.book_id, [account])

    def move(  # noqa: PLR0913  # what a transfer is, by name
        self, debit: str, credit: str, amount: str, *, code: str = "payment", on: date | None = None, hold: bool = False
    ) -> TransferId:
        """Post a transfer now, counted to now or to an earlier date."""
        transfer_id = TransferId(new_id())
        (debit_id, partner_id), (credit_id, _) = self.accounts[debit], self.accounts[credit]
        order = TransferOrder(
            transfer_id,
            partner_id,
            debit_id,
            credit_id,
            Money.parse(amount, "USD").minor,
            "USD",
            code,
            effective_on=on,
            external_ref=f"ref-{transfer_id.hex[-8:]}",
            terms=Terms(kind=Kind.HOLD if hold else Kind.TRANSFER),
        )
        (outcome,) = self.writer.post([order])
        assert outcome.result == "created", outcome
        return transfer_id

    def fund(self, name: str, amount: str, **options: Any) -> None:
        """Bring money into an account from outside."""
        partner_id = self.accounts[name][1]
        partner = next(ref for ref, each in self.partners.items() if each == partner_id)
        self.move(f"{partner}-world", name, amount, **options)

    def state(self, account: str, /, **particulars: Any) -> None:
        """State the particulars of an account's customer: those of a person in Springfield, but for what is given."""
        said = {
            "kind": "individual",
            "first_name": account.title(),
            "last_name": "Example",
            "address": "1 Main Street",
            "city": "Springfield",
            "state": "IL",
            "postal_code": "62701",
            "country": "US",
            "tax_id": "123456789",
            "tax_id_kind": "SSN",
            "birth_date": "1980-02-29",
        }
        with self.work() as work:
            checked = checked_particulars({key: text for key, text in (said | particulars).items() if text})
            state_particulars(work, self.vault, self.book_id, [(self.customers[account], checked)])

    def bank(self, partner: str, amount: str, on: date) -> None:
        with self.work() as work:
            order = BankBalanceOrder(f"fbo-{partner}", partner, on, Money.parse(amount, "USD"))
            record_bank_balances(work, self.book_id, [order], reason="the bank's statement")

    def classify(self, **classes: TransferClass) -> None:
        """Classify the transfers of each code."""
        with self.work() as work:
            rules = [ClassificationRule(code, each) for code, each in classes.items()]
            classify(work, self.book_id, rules, reason="agreed with accounting")

    def oblige(self, report: str, **parameters: str) -> None:
        with self.work() as work:
            order = ObligationOrder(report, BEGAN.date(), None, parameters)
            declare_obligation(work, self.book_id, order, reason="the bank asks for it")

    def what(self, report: Report, period: str, partner: str | None = None) -> ExportOf:
        found = period_of(report, report.market_of(self.place.book), period)
        return ExportOf(report.name, partner, found.from_on, found.until_on)

    def count(self, table: str) -> int:
        with read(self.engine) as reader:
            found: int = reader.connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
        return found

    def days_later(self, days: int) -> None:
        self.now += timedelta(days=days)


def files_of(folder: Path) -> Mapping[str, bytes]:
    """The bytes of every file in a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
