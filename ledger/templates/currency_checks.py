"""Checks currencies as far as a declaration fixes them: combined amounts have the same, exchanges record their rate."""

from collections.abc import Iterator

from ledger.kernel.money import Money
from ledger.templates.amounts import AmountTerm, Difference, Exchange, Name
from ledger.templates.language import Leg, Share, Template


def currency_faults(template: Template) -> Iterator[str]:
    """Yield every combination of amounts in different currencies; names must be defined and free of cycles."""
    for name, amount in template.amounts.items():
        if isinstance(amount, Difference):
            yield from _alike(template, f"amount {name}", [amount.of, *amount.minus])
        if isinstance(amount, Exchange):
            if currency_of(template, amount.of) == amount.currency:
                yield f"amount {name}: {amount.of} is in {amount.currency} already; exchange into another currency"
            yield from _recorded(template, name, amount)
    for number, leg in enumerate(template.legs, 1):
        yield from _alike(template, f"leg {number}", [leg.amount, *_inner_amounts(leg)])
    for number, each in enumerate(template.requirements, 1):
        bounds = [bound for bound in (each.at_least, each.at_most) if bound is not None]
        yield from _alike(template, f"require {number}", bounds)


def currency_of(template: Template, term: AmountTerm) -> str | None:
    """Return the currency of an amount, or None if each call decides it."""
    if isinstance(term, Money):
        return term.currency
    if (parameter := template.parameters.get(term.name)) is not None:
        return parameter.currency
    amount = template.amounts[term.name]
    return amount.currency if isinstance(amount, Exchange) else currency_of(template, amount.of)


def _inner_amounts(leg: Leg) -> Iterator[AmountTerm]:
    for party in (*leg.sources, *leg.destinations):
        terms = (party.amount,) if isinstance(party, Share) else (party.keep, party.at_most)
        yield from (term for term in terms if term is not None)


def _alike(template: Template, place: str, terms: list[AmountTerm]) -> Iterator[str]:
    found = {term: currency_of(template, term) for term in terms}
    if len({currency for currency in found.values() if currency is not None}) > 1:
        each = ", ".join(f"{term} is in {currency}" for term, currency in found.items() if currency is not None)
        yield f"{place}: {each}; write amounts of one currency, or exchange them"


def _recorded(template: Template, name: str, exchange: Exchange) -> Iterator[str]:
    """Check that the rate is on both sides of an exchange: on the leg of its result, and on the leg of its source."""
    outcome = [leg for leg in template.legs if leg.amount == Name(name)]
    if any(leg.rate != exchange.rate for leg in outcome):
        yield f'amount {name}: the leg that moves it records its rate; write rate = "{exchange.rate}" on it'
    elif outcome and all(leg in outcome for leg in template.legs if leg.rate == exchange.rate):
        yield f'amount {name}: the leg in the other currency records its rate too; write rate = "{exchange.rate}" on it'
