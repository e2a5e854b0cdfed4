"""Computes the values of a template's terms in one call: accounts, rates, texts, and every named amount."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar
from uuid import UUID

from ledger.book.exchange import exchanged, parse_rate
from ledger.book.records.accounts import AccountId
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import Money
from ledger.kernel.rounding import rounded
from ledger.templates.amounts import (
    BASIS_POINTS,
    Amount,
    AmountTerm,
    Difference,
    Exchange,
    Fee,
    Name,
    RateTerm,
    operands,
)
from ledger.templates.arguments import Arguments
from ledger.templates.errors import InvalidArguments
from ledger.templates.language import AccountTerm, Template, TextTerm

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Valuation:
    """The values of a template's names in one call; constants are values themselves."""

    given: Arguments
    amounts: Mapping[str, Money]

    def account(self, term: AccountTerm) -> AccountId:
        """Return the account of a term."""
        found = self._given(term)
        assert isinstance(found, UUID), f"{term} is no account"
        return AccountId(found)

    def money(self, term: AmountTerm) -> Money:
        """Return the amount of a term."""
        if isinstance(term, Name) and term.name in self.amounts:
            return self.amounts[term.name]
        found = self._given(term)
        assert isinstance(found, Money), f"{term} is no amount"
        return found

    def text(self, term: TextTerm | RateTerm | None) -> str | None:
        """Return the text of a term, or None."""
        found = None if term is None else self._given(term)
        assert found is None or isinstance(found, str), f"{term} is no text"
        return found

    def _given(self, term: Name | _T) -> AccountId | Money | str | _T:
        return self.given[term.name] if isinstance(term, Name) else term


def valued(template: Template, arguments: Arguments) -> Valuation:
    """Compute the values of a template's names in a call. Raises `InvalidArguments` if an amount cannot be computed."""
    amounts: dict[str, Money] = {}
    valuation = Valuation(arguments, amounts)
    for name in template.amounts:
        _work_out(template, name, valuation, amounts)
    return valuation


def _work_out(template: Template, name: str, valuation: Valuation, amounts: dict[str, Money]) -> None:
    """Compute an amount into `amounts`, after its operands; a published template has no cycles."""
    amount = template.amounts[name]
    for term in operands(amount):
        if isinstance(term, Name) and term.name in template.amounts and term.name not in amounts:
            _work_out(template, term.name, valuation, amounts)
    try:
        money = _worth(amount, valuation)
    except InvalidInput as refusal:
        raise InvalidArguments([f"amount {name}: {refusal}"]) from None
    if money.minor < 0:
        raise InvalidArguments([f"amount {name} is {money}; give amounts that leave zero or more"])
    amounts[name] = money


def _worth(amount: Amount, valuation: Valuation) -> Money:
    of = valuation.money(amount.of)
    if isinstance(amount, Fee):
        return Money(_fee_minor(amount, of.minor), of.currency)
    if isinstance(amount, Difference):
        return _difference(of, [valuation.money(term) for term in amount.minus])
    assert isinstance(amount, Exchange)
    rate = valuation.text(amount.rate)
    assert rate is not None
    return exchanged(of, parse_rate(rate), amount.currency, amount.rounding)


def _fee_minor(fee: Fee, of_minor: int) -> int:
    exact = Fraction(of_minor * fee.basis_points, BASIS_POINTS)
    minor = max(rounded(exact, fee.rounding) + fee.plus_minor, fee.at_least_minor)
    return minor if fee.at_most_minor is None else min(minor, fee.at_most_minor)


def _difference(of: Money, others: list[Money]) -> Money:
    for other in others:
        if other.currency != of.currency:
            raise InvalidInput(f"{other} cannot be taken from {of}; give amounts of one currency")
        of -= other
    return of
