"""Two books on two PostgreSQL servers, with a partner of one reference in both."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest
import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder
from ledger.book.audits.audit import audit
from ledger.book.judging.orders import AS_HELD, WHOLE_HOLD, Terms, TransferOrder
from ledger.book.judging.results import Result
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId, AccountKind, AccountTerms, Frozen, Side
from ledger.book.records.transfers import GroupId, Kind, TransferId
from ledger.flows.accounts import open_accounts
from ledger.flows.inter_book_transfers import InterBookOrder, InterBookTransfer, cross
from ledger.flows.zero_check import zero_check
from ledger.journal import journal
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import derived_id
from ledger.kernel.money import Money
from ledger.kernel.work import begin, read
from ledger.personal_data.account_search import account_view
from ledger.personal_data.counterparties import opened
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from ledger.vault.vaults import VaultedDirectory
from tests.conftest import KEYRINGS

US, EU = "us", "eu"


class Crash(BaseException):
    """The process ends here."""


@dataclass
class Banks:
    """Book us on one server, book eu on another; in each, 100.00 USD on shop:a, nothing on shop:b and rival:c.

    The accounts shop:a and shop:b are a customer's, so that their references stand sealed.
    """

    directory: VaultedDirectory
    owners: dict[str, sa.Engine]
    """Of who has the servers themselves: the application's role may not tamper."""
    engines: dict[str, sa.Engine] = field(init=False)

    def __post_init__(self) -> None:
        self.engines = {name: self.directory.engine_of(name) for name in (US, EU)}
        for name, engine in self.engines.items():
            self._open(name, engine)

    def order(self, decimal: str, ref: str, **changed: object) -> InterBookOrder:
        return InterBookOrder(US, "shop:a", EU, "shop:b", Money.parse(decimal, "USD"), ref, "shop")._replace(**changed)

    def cross(self, decimal: str, ref: str, *, clock: Clock = system_clock, **changed: object) -> InterBookTransfer:
        return cross(self.directory, self.order(decimal, ref, **changed), clock=clock)

    def break_off(self, ref: str, transaction: int, *, may_end: bool = False, **changed: object) -> None:
        """Begin a crossing of 30.00, and end before the transaction of this number: the clock is read once in each.

        The first crossing between two books is five: transit account, hold; transit account, payment; end of the hold.
        """
        readings = iter(range(1, transaction))

        def clock() -> datetime:
            if next(readings, None) is None:
                raise Crash
            return system_clock()

        try:
            self.cross("30.00", ref, clock=clock, **changed)
        except Crash:
            return
        assert may_end, "it ended before that transaction"

    def stands(self, name: str, ref: str) -> tuple[str, str]:
        """What is posted on an account, and what is available."""
        view = self._view(name, ref)
        return view.balance.decimal, view.available.decimal

    def total_minor(self) -> int:
        """All money of all customers: posted, less what is reserved in one book and stands in the other already."""
        refs = ("shop:a", "shop:b", "rival:c")
        posted = sum(self._view(name, ref).balance.minor for name in (US, EU) for ref in refs)
        return posted - self._received_and_not_posted()

    def zero(self) -> list[str]:
        """What the zero check finds."""
        return [finding.detail for finding in zero_check(self.directory) if not finding.ok]

    def freeze(self, name: str, ref: str, frozen: Frozen) -> None:
        account = self._view(name, ref).account
        limits = {key: getattr(account, key) for key in ("debits_within_credits", "credits_within_debits")}
        with begin(self.engines[name], actor="test") as work:
            terms = journal.draft(
                AccountTerms,
                account_id=account.account_id,
                partner_id=account.partner_id,
                credit_line_minor=0,
                frozen=frozen,
                actor="test",
                reason="a test",
                **limits,
            )
            journal.seal(work, journal.open_batch(work, 1), [terms])

    def close(self, name: str, ref: str) -> None:
        closing = Terms(kind=Kind.HOLD, closes=Side.CREDIT)
        assert self.post(name, "shop", "shop:world", ref, amount_minor=0, terms=closing) is Result.CREATED

    def end(self, name: str, kind: Kind, hold_id: TransferId) -> Result:
        """What the book says to the partner shop, who would end a hold."""
        ids = (TransferId(derived_id(kind, hold_id)), self._partner_id("shop"))
        order = TransferOrder(*ids, AS_HELD, AS_HELD, WHOLE_HOLD, "", "", terms=Terms(kind=kind, hold_id=hold_id))
        (outcome,) = post(self.engines[name], 1, [order])
        return outcome.result

    def hold_many(self, count: int) -> list[TransferId]:
        """So many holds of nothing from shop:a to the transit account of book eu, each of a group of its own."""
        ((transit_id,),) = self.run(US, "SELECT account_id FROM accounts WHERE kind = 'transit'")
        ids = [TransferId(derived_id("many", number)) for number in range(count)]
        accounts = (self._partner_id("shop"), self.account_id(US, "shop:a"), AccountId(transit_id))
        orders = [
            TransferOrder(
                id_,
                *accounts,
                0,
                "USD",
                "test",
                group_id=GroupId(id_),
                across_partners=True,
                terms=Terms(kind=Kind.HOLD),
            )
            for id_ in ids
        ]
        assert {outcome.result for outcome in post(self.engines[US], 1, orders)} == {Result.CREATED}
        return ids

    def assert_audited(self) -> None:
        for engine in self.engines.values():
            with read(engine) as reader:
                assert [finding for finding in audit(reader, 1) if not finding.ok] == []

    def run(self, name: str, sql: str) -> list[sa.Row]:
        with self.owners[name].begin() as connection:
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
            answer = connection.execute(sa.text(sql))
            return list(answer) if answer.returns_rows else []

    def opened(self, name: str, leg: sa.Row) -> str | None:
        """The counterparty of a leg of the partner shop, in clear."""
        place = self.directory.place_of(name)
        whose = [(self._partner_id("shop"), leg.counterparty)]
        return opened(self.directory.vault_of(place), place.book_id, whose)[0]

    def account_id(self, name: str, ref: str) -> AccountId:
        return AccountId(derived_id(name, ref))

    def post(self, name: str, partner: str, debit: str, credit: str, **changed: object) -> Result:
        accounts = (self.account_id(name, debit), self.account_id(name, credit))
        ids = (TransferId(derived_id(partner, debit, credit, *map(str, changed.values()))), self._partner_id(partner))
        order = TransferOrder(*ids, *accounts, 10000, "USD", "test")._replace(**changed)
        (outcome,) = post(self.engines[name], 1, [order])
        return outcome.result

    def _partner_id(self, ref: str):
        return derived_id(1, "partner", ref)

    def _view(self, name: str, ref: str):
        with read(self.engines[name]) as reader:
            view = account_view(reader, self.directory.vault_of(self.directory.place_of(name)), 1, ref)
        assert view is not None
        return view

    def _received_and_not_posted(self) -> int:
        open_, paid = [], {}
        for name in (US, EU):
            open_ += self.run(name, "SELECT group_id FROM open_holds JOIN transfers USING (book_id, seq)")
            legs = "SELECT group_id, amount_minor FROM transfers WHERE kind = 'transfer' AND group_id IS NOT NULL"
            paid |= dict(tuple(row) for row in self.run(name, legs))
        return sum(paid.get(inter_book_id, 0) for (inter_book_id,) in open_)

    def _open(self, name: str, engine: sa.Engine) -> None:
        with begin(engine, actor="test") as work:
            book_id = open_book(work, name=name, jurisdiction="US", currency="USD")
            partners = [PartnerOrder(ref, ref.title(), Vertical.RETAIL) for ref in ("shop", "rival")]
            ids = register_partners(work, book_id, partners)
        vault = self.directory.vault_of(self.directory.place_of(name))
        with begin(engine, actor="test") as work:
            (anna,) = register_customers(work, vault, book_id, [CustomerOrder(ids["shop"], None, "anna")]).values()
            open_accounts(
                work,
                vault,
                book_id,
                [
                    AccountOrder(
                        self.account_id(name, ref),
                        ids[ref.split(":")[0]],
                        anna if ref in ("shop:a", "shop:b") else None,
                        ref,
                        currency,
                        AccountKind.CUSTOMER,
                        debits_within_credits=ref != "shop:world",
                    )
                    for ref, currency in (
                        ("shop:world", "USD"),
                        ("shop:a", "USD"),
                        ("shop:b", "USD"),
                        ("rival:c", "USD"),
                        ("shop:euro", "EUR"),
                    )
                ],
            )
        assert book_id == 1
        assert self.post(name, "shop", "shop:world", "shop:a") is Result.CREATED


@pytest.fixture
def directory(database_url: str, other_database_url: str) -> Iterator[VaultedDirectory]:
    with VaultedDirectory(database_url, {EU: other_database_url}, keyrings=KEYRINGS) as made:
        yield made


@pytest.fixture
def banks(directory: VaultedDirectory, database_url: str, other_database_url: str) -> Iterator[Banks]:
    owners = {US: create_engine(database_url, role=None), EU: create_engine(other_database_url, role=None)}
    yield Banks(directory, owners)
    for owner in owners.values():
        owner.dispose()
