"""Moves: expands one leg of a template into two-sided movements, in order, for one call.

A leg with sources in order pays its destinations first, from a control account that is empty before: its debits grow by
the whole. Then each source in turn gives the control account at most the amount still missing there, as far as the
source has it. Two conditions ensure this: the control account owes exactly the whole after the first movement, and
nothing after the last. Otherwise none of the call's transfers is made.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.book.judging.orders import Condition
from ledger.book.records.accounts import AccountId, Side
from ledger.book.records.monitors import Measure
from ledger.book.records.transfers import Balancing
from ledger.kernel.money import Money
from ledger.templates.amounts import BASIS_POINTS, AmountTerm
from ledger.templates.errors import InvalidArguments
from ledger.templates.language import Leg, Share, Source
from ledger.templates.terms import shown
from ledger.templates.valuation import Valuation


class Move(NamedTuple):
    """Money from one account to another; a balancing move is at most `money`, and leaves `keep_minor` to debit."""

    debit: AccountId
    credit: AccountId
    money: Money
    balancing: Balancing | None = None
    keep_minor: int = 0
    conditions: tuple[Condition, ...] = ()


def moves(leg: Leg, valuation: Valuation) -> list[Move]:
    """Return the movements of a leg; none if it moves nothing. Raises `InvalidArguments`."""
    _require_different(leg, valuation)
    whole = valuation.money(leg.amount)
    if whole.minor == 0:
        return []
    destinations = _parts(leg.destinations, whole, valuation)
    shares = [source for source in leg.sources if isinstance(source, Share)]
    if not shares:
        return _in_order(leg, destinations, valuation)
    sources = _parts(shares, whole, valuation)
    if leg.through is not None:
        control = valuation.account(leg.through)
        paid = [Move(control, account, money) for account, money in destinations]
        return [*paid, *(Move(account, control, money) for account, money in sources)]
    if len(leg.sources) == 1:
        return [Move(sources[0][0], account, money) for account, money in destinations]
    return [Move(account, destinations[0][0], money) for account, money in sources]


def _in_order(leg: Leg, destinations: Sequence[tuple[AccountId, Money]], valuation: Valuation) -> list[Move]:
    assert leg.through is not None, "sources in order go through a control account"
    control, whole = valuation.account(leg.through), valuation.money(leg.amount)
    paid = [Move(control, account, money) for account, money in destinations]
    given = [
        move
        for source in leg.sources
        if isinstance(source, Source)
        for move in _given(source, control, whole, valuation)
    ]
    if not given:
        raise InvalidArguments([f"the sources of {whole} may give 0 at most; let one of them give more"])
    paid[0] = paid[0]._replace(conditions=(_owes(Side.DEBIT, paid[0].money.minor),))
    given[-1] = given[-1]._replace(conditions=(_owes(Side.CREDIT, 0),))
    return [*paid, *given]


def _given(source: Source, control: AccountId, whole: Money, valuation: Valuation) -> list[Move]:
    most = whole if source.at_most is None else _alike(valuation.money(source.at_most), whole)
    keep = Money(0, whole.currency) if source.keep is None else _alike(valuation.money(source.keep), whole)
    minor = min(most.minor, whole.minor)
    balancing = Balancing.CREDIT if source.unbounded else Balancing.BOTH
    account = valuation.account(source.account)
    return [Move(account, control, Money(minor, whole.currency), balancing, keep.minor)] if minor else []


def _owes(side: Side, minor: int) -> Condition:
    """Require that the control account, on this side of the movement, owes exactly this amount."""
    return Condition(side, Measure.POSTED, at_least=minor, at_most=minor)


def _parts(shares: Sequence[Share], whole: Money, valuation: Valuation) -> list[tuple[AccountId, Money]]:
    """Return the part of each account; parts of zero are left out."""
    amounts = [share.amount for share in shares if share.amount is not None]
    if amounts:
        parts = _fixed(shares, amounts, whole, valuation)
    else:
        points = sum(share.basis_points or 0 for share in shares)
        parts = whole.split([_weight(share, points) for share in shares])
    assert sum(part.minor for part in parts) == whole.minor, "shares sum to the whole"
    return [(valuation.account(share.account), part) for share, part in zip(shares, parts, strict=True) if part.minor]


def _weight(share: Share, points: int) -> int:
    if share.weight is not None:
        return share.weight
    return BASIS_POINTS - points if share.basis_points is None else share.basis_points


def _fixed(
    shares: Sequence[Share], amounts: Sequence[AmountTerm], whole: Money, valuation: Valuation
) -> Sequence[Money]:
    rest = whole
    for term in amounts:
        rest -= _alike(valuation.money(term), whole)
    if rest.minor < 0:
        each = ", ".join(str(valuation.money(term)) for term in amounts)
        raise InvalidArguments([f"the shares {each} exceed the whole, {whole}; give smaller amounts"])
    return [rest if share.amount is None else valuation.money(share.amount) for share in shares]


def _alike(money: Money, whole: Money) -> Money:
    if money.currency != whole.currency:
        raise InvalidArguments([f"{money} is not a part of {whole}; give amounts of one currency"])
    return money


def _require_different(leg: Leg, valuation: Valuation) -> None:
    """Require different accounts on all sides of a leg: otherwise an account could give what it has just received."""
    control = [] if leg.through is None else [leg.through]
    places = [control, [each.account for each in leg.sources], [each.account for each in leg.destinations]]
    seen: dict[AccountId, str] = {}
    for terms in places:
        here = {valuation.account(term): shown(term) for term in terms}
        for account in here.keys() & seen.keys():
            raise InvalidArguments([f"{seen[account]} and {here[account]} are one account; give different ones"])
        seen |= here
