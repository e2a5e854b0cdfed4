"""Ledger cases as tables of text: one line per order, with the result that it must have.

open   A 100.00 USD             an account that may not be overdrawn, funded from the world
open   B 0.00 USD unlimited     one that may
move   A -> B 60.00 t1   ok     a transfer with id t1; `ok` is short for created
linked A -> B 60.00 t2   ...    linked with the `linked` lines before and after it
expect A 40.00  B 60.00         balances
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import pytest
import sqlalchemy as sa

from ledger.book import balances
from ledger.book.accounts import AccountOrder, open_accounts
from ledger.book.orders import TransferOrder
from ledger.book.posting import post
from ledger.kernel.ids import AccountId, BookId, GroupId, PartnerId, TransferId, derived_id
from ledger.kernel.money import Money
from ledger.kernel.work import begin, read
from ledger.partners.books import open_book
from ledger.partners.partners import PartnerOrder, register_partners
from ledger.records.accounts import AccountKind
from ledger.records.partners import Vertical


@dataclass
class Ledger:
    """A book under test, spoken to in lines of text."""

    engine: sa.Engine
    book_id: BookId
    partner_id: PartnerId
    currencies: dict[str, str] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=count)

    def check(self, table: str) -> None:
        """Run the table; every line that does not end as it says fails the test."""
        batch: list[tuple[TransferOrder, str, str]] = []
        group: GroupId | None = None
        for line in filter(None, (raw.split("#")[0].strip() for raw in table.splitlines())):
            verb, *words = line.split()
            if verb in ("move", "linked"):
                group = (group or GroupId(derived_id(next(self.numbers)))) if verb == "linked" else None
                batch.append((self._order(words, group), words[-1], line))
                continue
            group = None
            self._post(batch)
            {"open": self._open, "expect": self._expect, "batch": lambda _: None}[verb](words)
        self._post(batch)

    def account_id(self, name: str) -> AccountId:
        return AccountId(derived_id(self.book_id, self.partner_id, name))

    def _order(self, words: list[str], group: GroupId | None) -> TransferOrder:
        debit, _, credit, amount = words[:4]
        extra = dict(word.split("=") for word in words[4:-1] if "=" in word)
        name = words[4] if len(words) > 5 and "=" not in words[4] else f"unnamed-{next(self.numbers)}"
        currency = extra.get("currency", self.currencies.get(debit, "USD"))
        return TransferOrder(
            TransferId(derived_id(self.book_id, "transfer", name)),
            self.partner_id,
            self.account_id(debit),
            self.account_id(credit),
            Money.parse(amount, currency).minor,
            currency,
            extra.get("code", "test"),
            external_ref=extra.get("ref"),
            group_id=group,
        )

    def _post(self, batch: list[tuple[TransferOrder, str, str]]) -> None:
        outcomes = post(self.engine, self.book_id, [order for order, _, _ in batch])
        for (_, expected, line), outcome in zip(batch, outcomes, strict=True):
            assert outcome.result == {"ok": "created"}.get(expected, expected), line
        batch.clear()

    def _open(self, words: list[str]) -> None:
        name, amount, currency, *flags = words
        self.currencies[name] = currency
        world = f"world-{currency}"
        orders = [
            self._account(name, currency, limited="unlimited" not in flags, mirrored="mirrored" in flags),
            self._account(world, currency, limited=False, mirrored=False),
        ]
        self.currencies[world] = currency
        with begin(self.engine, actor="test") as work:
            open_accounts(work, self.book_id, orders)
        if Money.parse(amount, currency).minor:
            self._post([(self._order([world, "->", name, amount, "ok"], None), "ok", f"funding of {name}")])

    def _account(self, name: str, currency: str, *, limited: bool, mirrored: bool) -> AccountOrder:
        return AccountOrder(
            self.account_id(name),
            self.partner_id,
            None,
            f"test:{name}",
            currency,
            AccountKind.EXTERNAL,
            debits_within_credits=limited and not mirrored,
            credits_within_debits=mirrored,
        )

    def _expect(self, words: list[str]) -> None:
        for name, amount in zip(words[::2], words[1::2], strict=True):
            with read(self.engine) as reader:
                view = balances.account(reader, self.book_id, self.account_id(name))
            assert view is not None
            assert view.balance.decimal == amount, name


@pytest.fixture
def make_ledger(engine: sa.Engine) -> Callable[[], Ledger]:
    """A function that opens one more book with one partner."""
    numbers = count(1)

    def make() -> Ledger:
        with begin(engine, actor="test") as work:
            book_id = open_book(work, name=f"book-{next(numbers)}", jurisdiction="US", currency="USD")
            partner = PartnerOrder("shop", "Shop", Vertical.RETAIL)
            partner_id = register_partners(work, book_id, [partner])["shop"]
        return Ledger(engine, book_id, partner_id)

    return make


@pytest.fixture
def book(make_ledger: Callable[[], Ledger]) -> Ledger:
    """A fresh book with one partner."""
    return make_ledger()
