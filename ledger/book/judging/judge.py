"""The judge: decides a batch of transfer orders, in order, in memory; no clock, no database, no other input.

Each order sees the effects of all orders accepted before it. A group is accepted or refused as a whole: if a member is
refused, the effects of the members before it are undone, and all members but that one are `linked_failed`. Known ids
come first: a resend is compared, never judged again. A refusal that depends on the state of the book binds the ids of
the whole group to the content that was ordered under them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from ledger.book.judging.effects import Effect, ended, moved, undo
from ledger.book.judging.holds import hold_refusal
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.resends import compared, content_hash, untold_hash
from ledger.book.judging.results import LASTING, Result
from ledger.book.judging.rules import malformed, not_allowed, not_found
from ledger.book.judging.state import BookState, Failed, Known
from ledger.book.records.transfers import BEGINS

_CREATED: Final = Result.CREATED
_GOES_ON: Final = (Result.CREATED, Result.EXISTS, Result.LINKED_FAILED)
"""Results of a member that leave the group to be decided by the members after it."""


class Verdict(NamedTuple):
    """The decision on one order, and its effect if the order was accepted.

    `seq`, `original` and `amount_minor` belong to the transfer or refusal recorded earlier under the same id; the
    amount is that of a resend. `refused_hash` is the hash of the content that a refusal binds the id to; such a refusal
    is recorded.
    """

    order: TransferOrder
    result: Result
    seq: int | None = None
    original: Result | None = None
    effect: Effect | None = None
    refused_hash: bytes | None = None
    amount_minor: int | None = None


def judge(state: BookState, orders: Sequence[TransferOrder], *, now: datetime) -> list[Verdict]:
    """Decide every order in turn, and return one verdict each, in the same order. Updates `state`."""
    verdicts: list[Verdict] = []
    strict = bool(orders) and orders[0].terms.is_imported
    at = 0
    while at < len(orders):
        if orders[at].group_id is None and orders[at].terms.group_size < 2:  # noqa: PLR2004  # one is alone as well
            verdicts.append(_decide(state, orders[at], now, strict=strict))
        else:
            verdicts.extend(_decide_group(state, _group_at(orders, at), now, strict=strict))
        at = len(verdicts)
    return verdicts


def _group_at(orders: Sequence[TransferOrder], start: int) -> Sequence[TransferOrder]:
    """Return the group that begins at `start`; a repeated id begins a second copy of the group, sent right after it.

    An order that claims to have siblings but names no group is a group whose other members are missing.
    """
    if orders[start].group_id is None:
        return orders[start : start + 1]
    ids: set[int] = set()
    end = start
    while (
        end < len(orders) and orders[end].group_id == orders[start].group_id and orders[end].transfer_id.int not in ids
    ):
        ids.add(orders[end].transfer_id.int)
        end += 1
    return orders[start:end]


def _decide_group(
    state: BookState, members: Sequence[TransferOrder], now: datetime, *, strict: bool
) -> Iterable[Verdict]:
    imported_until_at = state.imported_until_at
    decided: list[Verdict] = []
    is_torn = any(order.terms.group_size not in (0, len(members)) for order in members)
    for order in members[:-1] if is_torn else members:
        verdict = _decide(state, order, now, strict=strict)
        decided.append(verdict)
        if verdict.result not in _GOES_ON:
            break
    else:
        if is_torn:
            decided.append(Verdict(members[-1], Result.GROUP_INCOMPLETE))
        elif len(results := {verdict.result for verdict in decided}) == 1 and Result.LINKED_FAILED not in results:
            return decided
        else:
            # The member is new but others are known: the group was sent before with other members.
            decided[-1] = _undone(state, decided[-1], Result.EXISTS_WITH_DIFFERENT_GROUP)
    state.imported_until_at = imported_until_at
    culprit = decided.pop()
    before = [_undone(state, verdict, Result.LINKED_FAILED) for verdict in reversed(decided)][::-1]
    after = [Verdict(order, Result.LINKED_FAILED) for order in members[len(decided) + 1 :]]
    missing = [after.pop()._replace(result=Result.GROUP_INCOMPLETE)] if is_torn and after else []
    if culprit.refused_hash is not None:
        before, after = ([_bound(state, verdict, now, strict=strict) for verdict in side] for side in (before, after))
    return [*before, culprit, *after, *missing]


def _decide(state: BookState, order: TransferOrder, now: datetime, *, strict: bool) -> Verdict:
    transfer_id = order.transfer_id.int
    if (known := state.known.get(transfer_id)) is not None:
        result = compared(order, known)
        amount_minor = known.amount_minor if result is Result.EXISTS else None
        return Verdict(order, result, known.seq, amount_minor=amount_minor)
    if state.failed and (failed := state.failed.get(transfer_id)) is not None:
        return _refused_again(order, failed)
    decided = malformed(state, order, now, strict=strict) or _tried(state, order, now)
    if isinstance(decided, Effect):
        state.known[transfer_id] = _known(order, decided, now)
        if order.terms.reverses is not None:
            state.reversed_ids.add(order.terms.reverses.int)
        return Verdict(order, _CREATED, None, None, decided)
    return _refused(state, order, decided) if decided in LASTING else Verdict(order, decided)


def _refused_again(order: TransferOrder, failed: Failed) -> Verdict:
    if failed.content_hash not in (None, content_hash(order)):
        return Verdict(order, Result.EXISTS_WITH_DIFFERENT_CONTENT, failed.seq)
    if failed.result is Result.LINKED_FAILED:  # the group is resent, and another of its members is the one that failed
        return Verdict(order, Result.LINKED_FAILED, failed.seq)
    return Verdict(order, Result.ID_ALREADY_FAILED, failed.seq, failed.result)


def _refused(state: BookState, order: TransferOrder, result: Result) -> Verdict:
    """Refuse for good: bind the id to the content of the order."""
    refused_hash = content_hash(order)
    state.failed[order.transfer_id.int] = Failed(result, None, refused_hash)
    return Verdict(order, result, refused_hash=refused_hash)


def _bound(state: BookState, fallen: Verdict, now: datetime, *, strict: bool) -> Verdict:
    """Bind the id of a member that failed with its group too, unless the id is taken or the member is malformed."""
    order = fallen.order
    taken = order.transfer_id.int in state.known or order.transfer_id.int in state.failed
    return fallen if taken or malformed(state, order, now, strict=strict) else _refused(state, order, fallen.result)


def _known(order: TransferOrder, effect: Effect, now: datetime) -> Known:
    hold = effect.hold
    if hold is None or order.terms.kind in BEGINS:
        return Known(order, effect.amount_minor, now, None, content_hash=untold_hash(order))
    held = hold.order
    said = order._replace(
        debit_account_id=held.debit_account_id,
        credit_account_id=held.credit_account_id,
        currency=held.currency,
        code=held.code,
    )
    is_whole = effect.amount_minor == hold.amount_minor
    return Known(said, effect.amount_minor, now, None, is_whole=is_whole, content_hash=untold_hash(order))


def _tried(state: BookState, order: TransferOrder, now: datetime) -> Effect | Result:
    """Apply a well-formed order, or return the reason why the state of the book does not allow it."""
    if order.terms.kind in BEGINS:
        debit = state.accounts.get(order.debit_account_id.int)
        credit = state.accounts.get(order.credit_account_id.int)
        refusal = not_found(order, debit, credit)
        if refusal is not None:
            return refusal
        assert debit is not None
        assert credit is not None
        return not_allowed(state, order, debit, credit, now=now) or moved(state, order, debit, credit, now=now)
    hold = None if order.terms.hold_id is None else state.holds.get(order.terms.hold_id.int)
    refusal = hold_refusal(state, order, hold, now=now)
    if refusal is not None:
        return refusal
    assert hold is not None
    return ended(state, order, hold)


def _undone(state: BookState, verdict: Verdict, result: Result) -> Verdict:
    """Undo an accepted member; called in reverse order, so that the sums of the other members stay correct."""
    if verdict.result is result:
        return verdict
    if verdict.effect is not None:
        undo(state, verdict.order, verdict.effect)
        del state.known[verdict.order.transfer_id.int]
        if verdict.order.terms.reverses is not None:
            state.reversed_ids.remove(verdict.order.terms.reverses.int)
    return Verdict(verdict.order, result)
