"""Templates spoken to in lines of text: accounts by their names, and what a call comes to as a table."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from ledger.book.judging.orders import TransferOrder
from ledger.book.records.accounts import AccountId
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.money import Money
from ledger.public_ids import public
from ledger.templates.arguments import read_arguments
from ledger.templates.expansion import TemplateCall, expand
from ledger.templates.templates import read_toml

PARTNER = PartnerId(derived_id("partner"))


@dataclass
class Desk:
    """Calls templates; knows accounts by the words that stand for them in tests."""

    names: dict[AccountId, str] = field(default_factory=dict)

    def account(self, name: str) -> str:
        account_id = AccountId(derived_id("account", name))
        self.names[account_id] = name
        return public("account", account_id)

    def orders(self, declaration: str, arguments: str, key: str = "k1") -> list[TransferOrder]:
        """The orders of a call; `arguments` are `name=value` lines, and a lone capital word is an account."""
        template = read_toml(declaration)
        pairs = (line.split("=", 1) for line in map(str.strip, arguments.strip().splitlines()))
        given = {
            name.strip(): self.account(value.strip()) if value.strip().isalpha() else value.strip()
            for name, value in pairs
        }
        call = TemplateCall(BookId(1), PARTNER, key, 3, read_arguments(template, given), actor="test")
        return expand(template, call)

    def table(self, orders: list[TransferOrder]) -> list[str]:
        """Each order on a line: accounts, amount, and what is special about it."""
        return [self._line(order) for order in orders]

    def _line(self, order: TransferOrder) -> str:
        terms = order.terms
        debit, credit = self.names[order.debit_account_id], self.names[order.credit_account_id]
        words = [f"{debit} -> {credit} {Money(order.amount_minor, order.currency).decimal} {order.code}"]
        words += [f"balancing={terms.balancing}"] if terms.balancing else []
        words += [f"keep={Money(terms.keep_minor, order.currency).decimal}"] if terms.keep_minor else []
        words += [f"rate={terms.rate}"] if terms.rate else []
        words += [f"if {each.side} {each.measure} {each.at_least}..{each.at_most}" for each in terms.conditions]
        return " ".join(words)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def comes_to(desk: Desk) -> Callable[..., None]:
    """A check that a call makes just the orders of a table."""

    def check(declaration: str, arguments: str, table: str) -> None:
        made = desk.table(desk.orders(declaration, arguments))
        assert made == [line.strip() for line in table.strip().splitlines()]

    return check
