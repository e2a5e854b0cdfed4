"""The judge: decides a batch of transfer orders, in order, in memory; no clock, no database, no other input.

Each order sees the effect of every order accepted before it. A group stands or falls as one: when a member is
refused, the effects of the members before it are undone, and all of them but the culprit are `linked_failed`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ledger.book.orders import TransferOrder
from ledger.book.results import LASTING, Result
from ledger.kernel.ids import AccountId, PartnerId, TransferId
from ledger.kernel.money import MINOR_MAX

BACKDATED_MAX: Final = timedelta(days=366)
"""How far back a partner may date a transfer: further, one order could stretch a book's past over centuries."""


@dataclass(slots=True)
class AccountState:
    """An account as the judge sees it: what it allows, and what its entries sum to so far."""

    account_id: AccountId
    partner_id: PartnerId
    currency: str
    debits_within_credits: bool
    credits_within_debits: bool
    debits_minor: int
    credits_minor: int
    version: int


class Known(NamedTuple):
    """A transfer that was accepted before; `seq` is None while it stands in the batch that is being judged."""

    order: TransferOrder
    seq: int | None


class Failed(NamedTuple):
    """A transfer that was refused for good before."""

    result: Result
    seq: int | None


@dataclass(slots=True)
class BookState:
    """All that a batch needs to know: the accounts it touches, and which of its ids are known already."""

    accounts: dict[AccountId, AccountState]
    known: dict[TransferId, Known] = field(default_factory=dict)
    failed: dict[TransferId, Failed] = field(default_factory=dict)


class Sums(NamedTuple):
    """An account's debits and credits after an entry, in minor units."""

    debits_minor: int
    credits_minor: int


class Verdict(NamedTuple):
    """What the judge decided on one order; the sums of both accounts after it where it was accepted."""

    order: TransferOrder
    result: Result
    seq: int | None = None
    original: Result | None = None
    debit_sums: Sums | None = None
    credit_sums: Sums | None = None


def judge(state: BookState, orders: Sequence[TransferOrder], *, now: datetime) -> list[Verdict]:
    """Decide every order in turn; one verdict each, in the same order. `state` is left as it is after the batch."""
    verdicts: list[Verdict] = []
    at = 0
    while at < len(orders):
        if orders[at].group_id is None:
            verdicts.append(_decide(state, orders[at], now))
        else:
            verdicts.extend(_decide_group(state, _group_at(orders, at), now))
        at = len(verdicts)
    return verdicts


def _group_at(orders: Sequence[TransferOrder], start: int) -> Sequence[TransferOrder]:
    """The group that begins at `start`; an id that comes again begins a second copy of the group, sent side by side."""
    ids: set[TransferId] = set()
    end = start
    while end < len(orders) and orders[end].group_id == orders[start].group_id and orders[end].transfer_id not in ids:
        ids.add(orders[end].transfer_id)
        end += 1
    return orders[start:end]


def _decide_group(state: BookState, members: Sequence[TransferOrder], now: datetime) -> Iterable[Verdict]:
    decided: list[Verdict] = []
    for order in members:
        verdict = _decide(state, order, now)
        decided.append(verdict)
        if verdict.result not in (Result.CREATED, Result.EXISTS):
            break
    else:
        if len({verdict.result for verdict in decided}) == 1:
            return decided
        # A member is new while others exist: the group was sent before with other members.
        decided[-1] = _undone(state, decided[-1], Result.EXISTS_WITH_DIFFERENT_GROUP)
    culprit = decided.pop()
    before = [_undone(state, verdict, Result.LINKED_FAILED) for verdict in reversed(decided)]
    after = [Verdict(order, Result.LINKED_FAILED) for order in members[len(decided) + 1 :]]
    return [*reversed(before), culprit, *after]


def _decide(state: BookState, order: TransferOrder, now: datetime) -> Verdict:
    if (known := state.known.get(order.transfer_id)) is not None:
        return Verdict(order, _compare(order, known.order), known.seq)
    if (failed := state.failed.get(order.transfer_id)) is not None:
        return Verdict(order, Result.ID_ALREADY_FAILED, failed.seq, failed.result)
    debit = state.accounts.get(order.debit_account_id)
    credit = state.accounts.get(order.credit_account_id)
    refusal = _malformed(order, now) or _not_found(order, debit, credit)
    if refusal is None:
        assert debit is not None
        assert credit is not None
        refusal = _not_allowed(order, debit, credit)
        if refusal is None:
            return _accept(state, order, debit, credit)
    if refusal in LASTING:
        state.failed[order.transfer_id] = Failed(refusal, None)
    return Verdict(order, refusal)


def _malformed(order: TransferOrder, now: datetime) -> Result | None:
    if order.amount_minor < 0:
        return Result.AMOUNT_NEGATIVE
    if order.amount_minor > MINOR_MAX:
        return Result.AMOUNT_OVERFLOW
    if order.debit_account_id == order.credit_account_id:
        return Result.ACCOUNTS_MUST_DIFFER
    return _misdated(order, now)


def _misdated(order: TransferOrder, now: datetime) -> Result | None:
    if order.effective_at is None:
        return None
    if order.effective_at > now:
        return Result.EFFECTIVE_IN_FUTURE
    if order.effective_at < now - BACKDATED_MAX and not order.across_partners:
        return Result.EFFECTIVE_TOO_EARLY
    return None


def _not_found(order: TransferOrder, debit: AccountState | None, credit: AccountState | None) -> Result | None:
    """An account of another partner is not found either, so that nobody learns that it exists."""
    if debit is None or not (order.across_partners or debit.partner_id == order.partner_id):
        return Result.DEBIT_ACCOUNT_NOT_FOUND
    if credit is None or not (order.across_partners or credit.partner_id == order.partner_id):
        return Result.CREDIT_ACCOUNT_NOT_FOUND
    return None


def _not_allowed(order: TransferOrder, debit: AccountState, credit: AccountState) -> Result | None:
    if not debit.currency == credit.currency == order.currency:
        return Result.CURRENCY_MISMATCH
    debits, credits_ = debit.debits_minor + order.amount_minor, credit.credits_minor + order.amount_minor
    if debits > MINOR_MAX or credits_ > MINOR_MAX:
        return Result.BALANCE_OVERFLOW
    if debit.debits_within_credits and debits > debit.credits_minor:
        return Result.INSUFFICIENT_FUNDS
    if credit.credits_within_debits and credits_ > credit.debits_minor:
        return Result.EXCEEDS_DEBITS
    return None


def _accept(state: BookState, order: TransferOrder, debit: AccountState, credit: AccountState) -> Verdict:
    debit.debits_minor += order.amount_minor
    debit.version += 1
    credit.credits_minor += order.amount_minor
    credit.version += 1
    state.known[order.transfer_id] = Known(order, None)
    return Verdict(
        order,
        Result.CREATED,
        debit_sums=Sums(debit.debits_minor, debit.credits_minor),
        credit_sums=Sums(credit.debits_minor, credit.credits_minor),
    )


def _undone(state: BookState, verdict: Verdict, result: Result) -> Verdict:
    """Take back an accepted member; called in reverse order, so that the sums of the others stay true."""
    order = verdict.order
    if verdict.result is Result.CREATED:
        debit, credit = state.accounts[order.debit_account_id], state.accounts[order.credit_account_id]
        debit.debits_minor -= order.amount_minor
        debit.version -= 1
        credit.credits_minor -= order.amount_minor
        credit.version -= 1
        del state.known[order.transfer_id]
    return Verdict(order, result)


_COMPARED: Final = (
    ("group_id", Result.EXISTS_WITH_DIFFERENT_GROUP),
    ("partner_id", Result.EXISTS_WITH_DIFFERENT_PARTNER),
    ("debit_account_id", Result.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT),
    ("credit_account_id", Result.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT),
    ("amount_minor", Result.EXISTS_WITH_DIFFERENT_AMOUNT),
    ("currency", Result.EXISTS_WITH_DIFFERENT_CURRENCY),
    ("code", Result.EXISTS_WITH_DIFFERENT_CODE),
    ("effective_at", Result.EXISTS_WITH_DIFFERENT_EFFECTIVE_TIME),
    ("external_ref", Result.EXISTS_WITH_DIFFERENT_REFERENCE),
)


def _compare(order: TransferOrder, known: TransferOrder) -> Result:
    """`exists` for a resend; otherwise the first thing that differs."""
    if order[:10] == known[:10]:
        return Result.EXISTS
    return next(result for name, result in _COMPARED if getattr(order, name) != getattr(known, name))
