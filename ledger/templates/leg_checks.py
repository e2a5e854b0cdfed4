"""Checks one leg: its shares sum to the whole, its accounts differ, and it has a control account if it needs one."""

from collections.abc import Iterator, Sequence

from ledger.kernel.money import Money
from ledger.templates.amounts import BASIS_POINTS, AmountTerm
from ledger.templates.language import AccountTerm, Leg, Share, Source
from ledger.templates.terms import shown


def leg_faults(place: str, leg: Leg) -> Iterator[str]:
    """Yield every fault of the leg at `place` that does not depend on other legs."""
    for fault in (*_not_negative("amount", leg.amount), *_accounts(leg), *_control(leg)):
        yield f"{place}: {fault}"
    for side, parties in (("from", leg.sources), ("to", leg.destinations)):
        shares = [party for party in parties if isinstance(party, Share)]
        if shares:
            yield from (f"{place}, {side}: {fault}" for fault in _whole(shares))
    for number, source in enumerate(leg.sources, 1):
        if isinstance(source, Source):
            yield from (f"{place}, from {number}: {fault}" for fault in _source(source))


def _accounts(leg: Leg) -> Iterator[str]:
    seen: set[AccountTerm] = set()
    control = [] if leg.through is None else [leg.through]
    for account in (*control, *(each.account for each in (*leg.sources, *leg.destinations))):
        if account in seen:
            yield f"{shown(account)} is in it twice; money moves between different accounts, each named once"
        seen.add(account)


def _control(leg: Leg) -> Iterator[str]:
    in_order = any(isinstance(source, Source) for source in leg.sources)
    many = len(leg.sources) > 1 and len(leg.destinations) > 1
    if leg.through is None and (in_order or many):
        why = "sources in order" if in_order else "several sources and several destinations"
        yield f'{why} go through a control account; write through = "{{control}}"'
    if leg.through is not None and not (in_order or many):
        yield "it needs no control account; leave `through` out"


def _whole(shares: Sequence[Share]) -> Iterator[str]:
    weights = [share.weight for share in shares if share.weight is not None]
    points = [share.basis_points for share in shares if share.basis_points is not None]
    amounts = [share.amount for share in shares if share.amount is not None]
    rests = len(shares) - len(weights) - len(points) - len(amounts)
    if sum(map(bool, (weights, points, amounts))) > 1:
        yield "its shares are of several kinds; write all of them as weights, as basis_points, or as amounts"
    elif rests > 1:
        yield f"{rests} shares take the rest; one share can"
    elif weights:
        yield from _weights(weights, rests)
    elif points:
        yield from _points(points, rests)
    elif amounts and not rests:
        yield "its shares are amounts; give one share rest = true, so that they are all of the leg's amount"
    for amount in amounts:
        yield from _not_negative("amount", amount)


def _weights(weights: Sequence[int], rests: int) -> Iterator[str]:
    if sum(weights) == 0:
        yield "its weights sum to zero; write at least one above zero"
    if rests:
        yield "weights divide the whole amount, and leave no rest; write basis_points, or a weight for each"


def _points(points: Sequence[int], rests: int) -> Iterator[str]:
    total = sum(points)
    if rests and total >= BASIS_POINTS:
        yield f"its basis_points sum to {total} and leave no rest; write less than {BASIS_POINTS}, or no rest"
    elif not rests and total != BASIS_POINTS:
        yield f"its basis_points sum to {total}; write a total of {BASIS_POINTS}, or give one share rest = true"


def _source(source: Source) -> Iterator[str]:
    if source.unbounded and source.keep is not None:
        yield "an unbounded source keeps nothing; write keep or unbounded"
    yield from _not_negative("keep", source.keep)
    yield from _not_negative("at_most", source.at_most)


def _not_negative(key: str, term: AmountTerm | None) -> Iterator[str]:
    if isinstance(term, Money) and term.minor < 0:
        yield f"{key} is {term}; write an amount of zero or more"
