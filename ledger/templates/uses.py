"""Uses of terms in a template: every term with its location and the kind required there."""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.templates.amounts import AmountTerm, Exchange, operands
from ledger.templates.language import AccountTerm, Leg, ParameterKind, Share, Source, Template, TextTerm


class Use(NamedTuple):
    """A term at a location in a declaration, and the kind required there."""

    place: str
    term: AccountTerm | AmountTerm | TextTerm
    kind: ParameterKind


def uses(template: Template) -> Iterator[Use]:
    """Yield every term of a template, in the order of the declaration."""
    for name, amount in template.amounts.items():
        for term in operands(amount):
            yield Use(f"amount {name}", term, ParameterKind.MONEY)
        if isinstance(amount, Exchange):
            yield Use(f"amount {name}, rate", amount.rate, ParameterKind.RATE)
    for number, leg in enumerate(template.legs, 1):
        yield from _of_leg(f"leg {number}", leg)
    for number, each in enumerate(template.requirements, 1):
        place = f"require {number}"
        yield from _given(place, ("account", each.account, ParameterKind.ACCOUNT))
        yield from _given(place, ("at_least", each.at_least, ParameterKind.MONEY))
        yield from _given(place, ("at_most", each.at_most, ParameterKind.MONEY))


def _of_leg(place: str, leg: Leg) -> Iterator[Use]:
    yield from _given(place, ("amount", leg.amount, ParameterKind.MONEY))
    for number, party in enumerate(leg.sources, 1):
        yield from _of_party(f"{place}, from {number}", party)
    for number, share in enumerate(leg.destinations, 1):
        yield from _of_party(f"{place}, to {number}", share)
    yield from _given(place, ("through", leg.through, ParameterKind.ACCOUNT))
    yield from _given(place, ("rate", leg.rate, ParameterKind.RATE))
    yield from _given(place, ("reference", leg.reference, ParameterKind.TEXT))
    yield from _given(place, ("counterparty", leg.counterparty, ParameterKind.TEXT))


def _of_party(place: str, party: Share | Source) -> Iterator[Use]:
    yield from _given(place, ("account", party.account, ParameterKind.ACCOUNT))
    if isinstance(party, Share):
        yield from _given(place, ("amount", party.amount, ParameterKind.MONEY))
    else:
        yield from _given(place, ("keep", party.keep, ParameterKind.MONEY))
        yield from _given(place, ("at_most", party.at_most, ParameterKind.MONEY))


def _given(place: str, asked: tuple[str, AccountTerm | AmountTerm | TextTerm | None, ParameterKind]) -> Iterator[Use]:
    key, term, kind = asked
    if term is not None:
        yield Use(f"{place}, {key}", term, kind)
