"""The zero check: the transit balances of two books against each other are equal and opposite, leg by leg.

The books are read one after the other, while inter-book transfers go on: a pair of legs that does not match is read
again, the receiver first, before it is reported. The order of the steps makes the second reading conclusive.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from typing import Final

from ledger.book.audits.audit import Finding
from ledger.book.inter_book.legs import Leg, decided, received, received_leg, refused, sent, sent_leg
from ledger.book.inter_book.transits import strays, transit_accounts
from ledger.book.records.transfers import GroupId, Kind
from ledger.flows.inter_book_orders import leg_id
from ledger.kernel.errors import Refusal
from ledger.kernel.money import Money
from ledger.kernel.work import Reader, read
from ledger.public_ids import public
from ledger.tenancy.directory import BookLocation, Directory, reaching

_CHECK: Final = "crossings_sum_to_zero"
_SHOWN: Final = 5


@dataclass(slots=True)
class _Tally:
    """Totals of the legs between two books, per currency: the expected difference of balances, and open amounts."""

    explained: dict[str, int] = field(default_factory=dict)
    under_way: dict[str, list[int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Sides:
    """The records of one inter-book transfer in two books: legs sent and received, and whether it was refused."""

    inter_book_id: GroupId
    sents: list[Leg] = field(default_factory=list)
    receipts: list[Leg] = field(default_factory=list)
    is_refused: bool = False


def zero_check(directory: Directory) -> Iterator[Finding]:
    """Compare all pairs of books with transit accounts against each other; one finding per pair."""
    try:
        names = directory.names()
    except Refusal as refusal:
        yield Finding(_CHECK, ok=False, detail=str(refusal))
        return
    pairs: set[tuple[str, str]] = set()
    for name in names:
        try:
            pairs |= {(min(name, other), max(name, other)) for other in _counterparts(directory, name)}
        except Refusal as refusal:
            yield Finding(_CHECK, ok=False, detail=f"{name}: {refusal}")
    for pair in sorted(pairs):
        try:
            yield _compared(directory.place_of(pair[0]), directory.place_of(pair[1]))
        except Refusal as refusal:
            yield Finding(_CHECK, ok=False, detail=f"{pair[0]} and {pair[1]}: {refusal}")


def _counterparts(directory: Directory, name: str) -> set[str]:
    place = directory.place_of(name)
    with reaching(name), read(place.engine) as reader:
        return {account.counterpart for account in transit_accounts(reader, place.book_id)}


def _compared(one: BookLocation, other: BookLocation) -> Finding:
    tally = _Tally()
    with reaching(f"{one.book.name} or {other.book.name}"), read(one.engine) as here, read(other.engine) as there:
        sides = ((here, one), (there, other))
        for (giver, sender), (taker, receiver) in (sides, sides[::-1]):
            for found in _pairs(giver, taker, sender, receiver):
                _count(tally, found)
                tally.faults += _faults(sender, receiver, found)
        balances = [_balances(reader, place, twin) for (reader, place), (_, twin) in (sides, sides[::-1])]
        tally.faults += _unexplained(tally, *balances)
        for (reader, place), (_, twin) in (sides, sides[::-1]):
            tally.faults += [
                f"position {seq} of {place.book.name} is on a transit account, but belongs to no inter-book transfer"
                for seq in strays(reader, place.book_id, twin.book.name)
            ]
    return _finding(tally, balances, (one.book.name, other.book.name))


def _pairs(giver: Reader, taker: Reader, sender: BookLocation, receiver: BookLocation) -> Iterator[_Sides]:
    """Yield the records of each inter-book transfer from one book to the other, in a stream."""
    begun = ((leg.inter_book_id, "sent", leg) for leg in sent(giver, sender.book_id, receiver.book.name))
    paid = ((leg.inter_book_id, "received", leg) for leg in received(taker, receiver.book_id, sender.book.name))
    barred = ((inter_book_id, "refused", None) for inter_book_id in refused(taker, receiver.book_id, sender.book.name))
    every = merge(begun, paid, barred, key=lambda each: each[0].int)
    for inter_book_id, found in groupby(every, key=lambda each: each[0]):
        sides = _Sides(inter_book_id)
        for _, side, leg in found:
            if leg is None:
                sides.is_refused = True
            else:
                (sides.sents if side == "sent" else sides.receipts).append(leg)
        yield sides


def _count(tally: _Tally, found: _Sides) -> None:
    """Add the amounts of these legs: the difference they make between the balances, and the amounts under way."""
    for leg in found.sents:
        tally.explained[leg.currency] = tally.explained.get(leg.currency, 0) + leg.posted_minor
        if leg.ended_by is None:
            tally.under_way.setdefault(leg.currency, []).append(leg.amount_minor)
    for leg in found.receipts:
        tally.explained[leg.currency] = tally.explained.get(leg.currency, 0) - leg.posted_minor


def _faults(sender: BookLocation, receiver: BookLocation, found: _Sides) -> Iterator[str]:
    """Yield the faults of one inter-book transfer; a pair that matches needs no second reading."""
    inter_book_id = found.inter_book_id
    name = f"{public('group', inter_book_id)} from {sender.book.name} to {receiver.book.name}"
    legs: list[Leg | None] = []
    for each, leg, book in ((found.sents, "sent", sender), (found.receipts, "received", receiver)):
        named = {one.transfer_id: one for one in each}
        legs.append(named.pop(leg_id(inter_book_id, leg), None))
        for one in named.values():
            yield f"{name}: position {one.seq} of {book.book.name} has its id, but is not a leg of it"
    begun, paid = legs
    is_right = _agree(begun, paid, is_refused=found.is_refused)
    if (begun or paid) and not is_right and (says := _second_look(sender, receiver, inter_book_id)):
        yield f"{name}: {says}"


def _agree(begun: Leg | None, paid: Leg | None, *, is_refused: bool) -> bool:
    """Return whether the records of both sides match without a second reading."""
    if begun is None:
        return paid is None
    if paid is None:
        return begun.ended_by is None or (begun.ended_by is Kind.VOID and is_refused)
    return begun.ended_by in (None, Kind.POST) and _differing(begun, paid) is None


def _second_look(sender: BookLocation, receiver: BookLocation, inter_book_id: GroupId) -> str | None:
    """Read one transfer again, the receiver before and after: a received leg was sent, an ended one was decided."""
    paid_id = leg_id(inter_book_id, "received")
    with read(receiver.engine) as reader:
        early = received_leg(reader, receiver.book_id, paid_id)
    with read(sender.engine) as reader:
        begun = sent_leg(reader, sender.book_id, leg_id(inter_book_id, "sent"))
    with read(receiver.engine) as reader:
        late = received_leg(reader, receiver.book_id, paid_id)
        decision = decided(reader, receiver.book_id, paid_id)
    if begun is None:
        return None if early is None else f"received at position {early.seq}, and never sent"
    return _judged(begun, late, is_decided=decision is not None)


def _judged(begun: Leg, paid: Leg | None, *, is_decided: bool) -> str | None:
    """Return the fault of a transfer whose received leg was read after the sent one, or None."""
    if begun.ended_by in (None, Kind.POST):
        if paid is not None:
            return _differing(begun, paid)
        unpaid = f"sent at position {begun.seq}, posted at {begun.ended_seq}, and never received"
        return None if begun.ended_by is None else unpaid
    if paid is not None:
        return f"returned at position {begun.ended_seq}, and received at {paid.seq} as well"
    undecided = f"returned at position {begun.ended_seq}, and never refused: it might still be received"
    return None if is_decided else undecided


def _differing(leg: Leg, paid: Leg) -> str | None:
    posted = leg.amount_minor if leg.ended_by is None else leg.posted_minor
    if (posted, leg.amount_minor, leg.currency) == (paid.amount_minor, paid.amount_minor, paid.currency):
        return None
    sent_money, paid_money = Money(posted, leg.currency), Money(paid.amount_minor, paid.currency)
    return f"sent {sent_money} at position {leg.seq}, received {paid_money} at {paid.seq}"


def _balances(reader: Reader, place: BookLocation, twin: BookLocation) -> dict[str, int]:
    accounts = transit_accounts(reader, place.book_id)
    return {each.currency: each.posted_minor for each in accounts if each.counterpart == twin.book.name}


def _unexplained(tally: _Tally, here: dict[str, int], there: dict[str, int]) -> list[str]:
    """Describe the differences between the two balances that the legs do not explain."""
    faults = []
    for currency in sorted({*here, *there}):
        rest = here.get(currency, 0) + there.get(currency, 0) - tally.explained.get(currency, 0)
        if rest:
            faults.append(f"{Money(rest, currency)} on the transit accounts follows from no inter-book transfer")
    return faults


def _finding(tally: _Tally, balances: list[dict[str, int]], names: tuple[str, str]) -> Finding:
    pair = f"{names[0]} and {names[1]}"
    if tally.faults:
        more = " and more" if len(tally.faults) > _SHOWN else ""
        return Finding(_CHECK, ok=False, detail=f"{pair}: {'; '.join(tally.faults[:_SHOWN])}{more}")
    said = []
    for currency in sorted({*balances[0], *balances[1]}):
        here, there = (Money(each.get(currency, 0), currency) for each in balances)
        open_ = tally.under_way.get(currency, [])
        said.append(f"{here} against {there}, {len(open_)} under way with {Money(sum(open_), currency)}")
    return Finding(_CHECK, ok=True, detail=f"{pair}: {'; '.join(said)}")
