"""Inter-book transfers: move money from an account of one book to an account of another, on any servers.

    1. the sender's book holds the money for the transit account of the other book
    2. the receiver's book pays it from the transit account of the first, or refuses: its decision is final
    3. the sender's book posts the hold, or voids it

No step depends on the memory of a process: each is found in the journals, and has an id that follows from the
transfer's. So any process may continue a transfer, and two that do so at once do nothing twice. Until the end, the
money is reserved in the sender's book; at no position is it available in both books.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from ledger.book.errors import TransferRefused
from ledger.book.inter_book.legs import Leg, decided, received_leg, sent, sent_leg, still_open
from ledger.book.inter_book.transits import transit_accounts
from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.judging.results import CONFLICTS, LASTING, Outcome, Result
from ledger.book.posting.posting import post
from ledger.book.reading.account_views import AccountView
from ledger.book.records.transfers import GroupId, Kind
from ledger.flows.inter_book_orders import ANY_PARTNER, ending, leg_id, opened_legs, party, receiving, transit_account
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.errors import IdempotencyConflict, InvalidAmount, InvalidInput, NotFound, Refusal, Unavailable
from ledger.kernel.ids import derived_id, new_id
from ledger.kernel.money import Money
from ledger.kernel.work import Reader, read
from ledger.personal_data.account_search import account_view
from ledger.personal_data.counterparties import sealed_orders
from ledger.tenancy.directory import BookLocation, reaching
from ledger.tenancy.partners import partner, partner_named
from ledger.tenancy.records import Partner
from ledger.vault.vault import Vault
from ledger.vault.vaults import VaultedDirectory

_REF_MAX: Final = 200
_FORGOTTEN: Final = "(forgotten)"  # in place of a forgotten account on either side


class State(StrEnum):
    """The progress of an inter-book transfer."""

    UNDER_WAY = "under_way"
    DONE = "done"
    REFUSED = "refused"


class InterBookOrder(NamedTuple):
    """An order to move money between accounts of two books, each given by book and reference.

    Its `external_ref` under the sender's partner identifies a resend. `partner` is the caller, and must own the
    sender's account; None is the operator. Both accounts belong to partners of the same reference, unless the operator
    orders `across_partners`.
    """

    from_book: str
    from_account: str
    to_book: str
    to_account: str
    amount: Money
    external_ref: str
    partner: str | None = None
    across_partners: bool = False
    code: str = "crossing"
    actor: str = "system"


@dataclass(frozen=True, slots=True)
class InterBookTransfer:
    """An inter-book transfer as both journals record it, with each side's position if it is known.

    `reason` is the result code of its refusal, or the obstacle that keeps it under way.
    """

    inter_book_id: GroupId
    from_book: str
    from_account: str
    to_book: str
    to_account: str
    amount: Money
    external_ref: str | None
    state: State
    sent_seq: int | None = None
    received_seq: int | None = None
    ended_seq: int | None = None
    reason: str | None = None


def cross(directory: VaultedDirectory, order: InterBookOrder, *, clock: Clock = system_clock) -> InterBookTransfer:
    """Begin an inter-book transfer, or find the one already begun, and continue it as far as possible now.

    If the other book refuses, or an obstacle is temporary, the state is `refused` or `under_way`. Raises `NotFound` if
    the book or the sender does not exist, `IdempotencyConflict` if the reference was used for another transfer,
    `Unavailable` if the sender's book does not answer: the same order may be sent again.
    """
    _require_well_formed(order)
    place = directory.place_of(order.from_book)
    _require_book(directory, order.to_book)
    _require_live(place)
    with suppress(Unavailable):  # a server that is away is asked again before it receives anything
        _require_live(directory.place_of(order.to_book))
    with reaching(order.from_book):
        with read(place.engine) as reader:
            view, owner = _sender(reader, directory.vault_of(place), place, order)
        inter_book_id = GroupId(derived_id("crossing", order.from_book, owner.external_ref, order.external_ref))
        hold = _sending(place, order, (view, owner), inter_book_id, clock=clock)
        holds = sealed_orders(directory.vault_of(place), place.book_id, [hold])
        (outcome,) = post(place.engine, place.book_id, holds, clock=clock)
    if (code := _refused(order, outcome)) is not None:
        return _never_begun(order, inter_book_id, code)
    return carry_on(directory, order.from_book, inter_book_id, clock=clock)


def carry_on(
    directory: VaultedDirectory, from_book: str, inter_book_id: GroupId, *, clock: Clock = system_clock
) -> InterBookTransfer:
    """Continue an inter-book transfer as far as possible now; an obstacle is its `reason`.

    Raises `NotFound` if the book never sent it, `Unavailable` if that book does not answer.
    """
    place = directory.place_of(from_book)
    leg = _leg(directory, place, inter_book_id)
    if leg.ended_by is not None:
        return _crossing(from_book, leg)
    try:
        decision = _received(directory, from_book, leg, clock)
        with reaching(from_book):
            _end(place, leg, decision, clock)
    except Refusal as refusal:
        return _crossing(from_book, leg, stopped_by=str(refusal))
    return _crossing(from_book, _leg(directory, place, inter_book_id))


def resume_inter_book_transfers(
    directory: VaultedDirectory, *, clock: Clock = system_clock
) -> Iterator[InterBookTransfer]:
    """Continue every inter-book transfer that is under way, book by book, and yield each in its new state.

    Raises `Unavailable` at the end if a server did not answer, after the transfers of the other servers.
    """
    for crossing in inter_book_transfers_under_way(directory):
        try:
            yield carry_on(directory, crossing.from_book, crossing.inter_book_id, clock=clock)
        except Unavailable as refusal:
            yield replace(crossing, reason=str(refusal))


def inter_book_transfers_under_way(directory: VaultedDirectory) -> Iterator[InterBookTransfer]:
    """Yield every inter-book transfer that has begun and not ended, by the sending book.

    Raises `Unavailable` at the end if a server did not answer.
    """
    away = []
    for name in directory.names():
        try:
            place = directory.place_of(name)
            with reaching(name), read(place.engine) as reader:
                legs = list(opened_legs(directory.vault_of(place), place, still_open(reader, place.book_id)))
        except (Unavailable, NotFound) as refusal:
            away.append(str(refusal))
        else:
            yield from (_crossing(name, leg) for leg in legs)
    if away:
        raise Unavailable("; ".join(away))


def inter_book_transfers_from(directory: VaultedDirectory, name: str) -> Iterator[InterBookTransfer]:
    """Yield every inter-book transfer that a book began, grouped by the receiving book."""
    place = directory.place_of(name)
    with reaching(name), read(place.engine) as reader:
        for counterpart in dict.fromkeys(each.counterpart for each in transit_accounts(reader, place.book_id)):
            for leg in opened_legs(directory.vault_of(place), place, sent(reader, place.book_id, counterpart)):
                yield _crossing(name, leg)


def _require_well_formed(order: InterBookOrder) -> None:
    if order.from_book == order.to_book:
        raise InvalidInput(f"both accounts are of book {order.from_book!r}; within a book, post a transfer")
    if order.amount.minor <= 0:
        raise InvalidAmount(f"{order.amount} cannot be sent; give an amount above zero")
    if not 1 <= len(order.external_ref) <= _REF_MAX:
        raise InvalidInput(f"an inter-book transfer's reference has 1 to {_REF_MAX} characters")
    if order.across_partners and order.partner is not None:
        raise InvalidInput("only the operator moves money across partners; leave out the partner, or stay with its own")


def _require_book(directory: VaultedDirectory, name: str) -> None:
    """Refuse a book that does not exist before anything is held; a server that is down may answer later."""
    try:
        directory.place_of(name)
    except Unavailable:
        return


def _require_live(place: BookLocation) -> None:
    if place.book.live_partner_id is not None:
        raise InvalidInput(f"book {place.book.name!r} is a sandbox: no money passes between it and another book")


def _sender(reader: Reader, vault: Vault, place: BookLocation, order: InterBookOrder) -> tuple[AccountView, Partner]:
    """Return the sender's account with its partner. Raises `NotFound`, also for another partner's account."""
    view = account_view(reader, vault, place.book_id, order.from_account)
    owner = None if view is None else partner(reader, place.book_id, view.account.partner_id)
    if view is None or owner is None or order.partner not in (None, owner.external_ref):
        raise NotFound(f"book {order.from_book!r} has no account {order.from_account!r}")
    return view, owner


def _sending(
    place: BookLocation,
    order: InterBookOrder,
    sender: tuple[AccountView, Partner],
    inter_book_id: GroupId,
    *,
    clock: Clock,
) -> TransferOrder:
    view, owner = sender
    receiver_ref = ANY_PARTNER if order.across_partners else owner.external_ref
    return TransferOrder(
        transfer_id=leg_id(inter_book_id, "sent"),
        partner_id=owner.partner_id,
        debit_account_id=view.account.account_id,
        credit_account_id=transit_account(place, order.to_book, order.amount.currency, clock=clock),
        amount_minor=order.amount.minor,
        currency=order.amount.currency,
        code=order.code,
        external_ref=order.external_ref,
        group_id=inter_book_id,
        across_partners=True,
        counterparty=party(order.to_book, receiver_ref, order.to_account),
        actor=order.actor,
        terms=Terms(kind=Kind.HOLD),
    )


def _refused(order: InterBookOrder, outcome: Outcome) -> Result | None:
    """Return the code with which the sender's book refused the transfer for good, or None if the money is held."""
    if outcome.result in (Result.CREATED, Result.EXISTS):
        return None
    if outcome.result is Result.ID_ALREADY_FAILED:
        return outcome.original
    if outcome.result in CONFLICTS:
        raise IdempotencyConflict(
            f"the reference {order.external_ref!r} belongs to another inter-book transfer ({outcome.result}); "
            "use a new one"
        )
    if outcome.result not in LASTING:
        raise TransferRefused(f"book {order.from_book!r} refuses the transfer: {outcome.result}", result=outcome.result)
    return outcome.result


def _received(directory: VaultedDirectory, from_book: str, leg: Leg, clock: Clock) -> tuple[int, str]:
    """Return the decision of the receiver's book, after ordering the leg if it is still undecided."""
    place = directory.place_of(leg.counterpart)
    _require_live(place)
    with reaching(leg.counterpart):
        decision, twin = _decision(place, leg)
        if decision is None:
            result = _ask(directory.vault_of(place), place, (from_book, leg), clock)
            # Read the journal whatever the answer: another process may have been first, and only the journal is final.
            decision, twin = _decision(place, leg)
            if decision is None:
                raise TransferRefused(f"book {leg.counterpart!r} cannot take it: {result}", result=result)
    if decision[1] == Result.CREATED and not _is_twin(from_book, leg, twin):
        raise IdempotencyConflict(
            f"book {leg.counterpart!r} has other content for this transfer at position {decision[0]}; the money "
            "stays reserved until the operator has decided: cofferdam crossings --check names both sides"
        )
    return decision


def _decision(place: BookLocation, leg: Leg) -> tuple[tuple[int, str] | None, Leg | None]:
    """Read what the receiver's book has under the id of its leg: its decision, and the leg if it was accepted."""
    paid = leg_id(leg.inter_book_id, "received")
    with read(place.engine) as reader:
        return decided(reader, place.book_id, paid), received_leg(reader, place.book_id, paid)


def _ask(vault: Vault, place: BookLocation, sent_from: tuple[str, Leg], clock: Clock) -> Result:
    from_book, leg = sent_from
    transit_id = transit_account(place, from_book, leg.currency, clock=clock)
    with read(place.engine) as reader:
        order = receiving(reader, vault, place, sent_from, transit_id=transit_id)
    (outcome,) = post(place.engine, place.book_id, sealed_orders(vault, place.book_id, [order]), clock=clock)
    return outcome.result


def _is_twin(from_book: str, leg: Leg, twin: Leg | None) -> bool:
    if twin is None:
        return False
    return (twin.counterpart, twin.amount_minor, twin.currency) == (from_book, leg.amount_minor, leg.currency)


def _end(place: BookLocation, leg: Leg, decision: tuple[int, str], clock: Clock) -> None:
    """End the hold as decided.

    Raises `TransferRefused` if the sender's account does not allow it, such as when frozen.
    """
    with read(place.engine) as reader:
        partner_id = partner_named(reader.connection, place.book_id, leg.partner_ref).partner_id
    (outcome,) = post(place.engine, place.book_id, [ending(leg, partner_id, decision=decision)], clock=clock)
    if outcome.result is Result.ID_ALREADY_FAILED:
        # A refused id stays refused; a new one is safe, because a hold ends only once.
        order = ending(leg, partner_id, decision=decision, again=new_id())
        (outcome,) = post(place.engine, place.book_id, [order], clock=clock)
    ended = Result.HOLD_ALREADY_POSTED if decision[1] == Result.CREATED else Result.HOLD_ALREADY_VOIDED
    if outcome.result not in (Result.CREATED, Result.EXISTS, ended):
        raise TransferRefused(f"book {place.book.name!r} cannot end it yet: {outcome.result}", result=outcome.result)


def _leg(directory: VaultedDirectory, place: BookLocation, inter_book_id: GroupId) -> Leg:
    with reaching(place.book.name):
        with read(place.engine) as reader:
            leg = sent_leg(reader, place.book_id, leg_id(inter_book_id, "sent"))
        if leg is None:
            raise NotFound(f"book {place.book.name!r} has sent no inter-book transfer with this id")
        (opened,) = opened_legs(directory.vault_of(place), place, [leg])
    return opened


def _crossing(from_book: str, leg: Leg, *, stopped_by: str | None = None) -> InterBookTransfer:
    """Read the transfer from its sent leg: the tags of its end name the other book's position, and its refusal."""
    position, _, code = (leg.tags or "").partition(" ")
    seq = position.rpartition("@")[2]
    state = State.UNDER_WAY
    if leg.ended_by is not None:
        state = State.DONE if leg.ended_by is Kind.POST else State.REFUSED
    return InterBookTransfer(
        inter_book_id=leg.inter_book_id,
        from_book=from_book,
        from_account=leg.account_ref or _FORGOTTEN,
        to_book=leg.counterpart,
        to_account=leg.counterparty.split("/", 2)[-1] or _FORGOTTEN,
        amount=Money(leg.amount_minor, leg.currency),
        external_ref=leg.external_ref,
        state=state,
        sent_seq=leg.seq,
        received_seq=int(seq) if seq.isdigit() else None,
        ended_seq=leg.ended_seq,
        reason=stopped_by or code or None,
    )


def _never_begun(order: InterBookOrder, inter_book_id: GroupId, code: Result) -> InterBookTransfer:
    names = (order.from_book, order.from_account, order.to_book, order.to_account)
    return InterBookTransfer(inter_book_id, *names, order.amount, order.external_ref, State.REFUSED, reason=code)
