"""Effects: apply an accepted order to two accounts and their holds, and undo it."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ledger.book.judging.holds import posted_amount
from ledger.book.judging.orders import Condition, TransferOrder
from ledger.book.judging.results import Result
from ledger.book.judging.rules import movable
from ledger.book.judging.state import AccountState, ActiveMonitor, BookState, HoldState
from ledger.book.judging.sums import Sums
from ledger.book.records.accounts import Side
from ledger.book.records.monitors import Comparison
from ledger.book.records.transfers import Kind

_HOLD: Final = Kind.HOLD


class MonitorTrigger(NamedTuple):
    """A monitor on an account whose condition became true, with the measured value in minor units."""

    watch: ActiveMonitor
    account: AccountState
    measured_minor: int


class Effect(NamedTuple):
    """The effect of an accepted order: its amount, both accounts, their sums before and after, hold, and triggers."""

    amount_minor: int
    debit: AccountState
    credit: AccountState
    debit_before: Sums
    credit_before: Sums
    debit_after: Sums
    credit_after: Sums
    hold: HoldState | None = None
    triggers: tuple[MonitorTrigger, ...] = ()


def moved(
    state: BookState, order: TransferOrder, debit: AccountState, credit: AccountState, *, now: datetime
) -> Effect | Result:
    """Move or hold the amount between two accounts; if a condition fails, return `condition_failed` instead."""
    amount = movable(order, debit, credit)
    before, credit_before = debit.sums, credit.sums
    debits, credits_, pending_debits, pending_credits = before
    more_debits, more_credits, more_pending_debits, more_pending_credits = credit_before
    hold = None
    if order.terms.kind is _HOLD:
        debit.sums = Sums(debits, credits_, pending_debits + amount, pending_credits)
        credit.sums = Sums(more_debits, more_credits, more_pending_debits, more_pending_credits + amount)
        hold = _held(state, order, amount, now)
        _close(hold, debit, credit, 1)
    else:
        debit.sums = Sums(debits + amount, credits_, pending_debits, pending_credits)
        credit.sums = Sums(more_debits, more_credits + amount, more_pending_debits, more_pending_credits)
    effect = Effect(amount, debit, credit, before, credit_before, debit.sums, credit.sums, hold)
    return _concluded(state, order, effect)


def ended(state: BookState, order: TransferOrder, hold: HoldState) -> Effect | Result:
    """End a hold: post the ordered amount, release the rest."""
    debit = state.accounts[hold.order.debit_account_id.int]
    credit = state.accounts[hold.order.credit_account_id.int]
    posted, held = posted_amount(order, hold), hold.amount_minor
    before, credit_before = debit.sums, credit.sums
    debits, pending_debits = before.debits + posted, before.pending_debits - held
    credits_, pending_credits = credit_before.credits + posted, credit_before.pending_credits - held
    debit.sums = before._replace(debits=debits, pending_debits=pending_debits)
    credit.sums = credit_before._replace(credits=credits_, pending_credits=pending_credits)
    assert min(debit.sums) >= 0 <= min(credit.sums), "a hold is released once, for what it holds"
    hold.ended_by = order.terms.kind
    _close(hold, debit, credit, -1)
    amount = posted if order.terms.kind is Kind.POST else held
    effect = Effect(amount, debit, credit, before, credit_before, debit.sums, credit.sums, hold)
    return _concluded(state, order, effect)


def undo(state: BookState, order: TransferOrder, effect: Effect) -> None:
    """Undo an effect; it must be the newest one on both accounts."""
    hold = effect.hold
    if hold is not None and order.terms.kind is Kind.HOLD:
        del state.holds[order.transfer_id.int]
        _close(hold, effect.debit, effect.credit, -1)
    elif hold is not None:
        hold.ended_by = None
        _close(hold, effect.debit, effect.credit, 1)
    effect.debit.sums, effect.credit.sums = effect.debit_before, effect.credit_before


def is_true(watch: ActiveMonitor, measured_minor: int) -> bool:
    """Return whether the condition of a monitor holds for the measured value."""
    if watch.comparison is Comparison.BELOW:
        return measured_minor < watch.threshold_minor
    return measured_minor > watch.threshold_minor


def _held(state: BookState, order: TransferOrder, amount: int, now: datetime) -> HoldState:
    timeout_s = order.terms.timeout_s
    hold = HoldState(order, amount, now + timedelta(seconds=timeout_s) if timeout_s else None, None)
    state.holds[order.transfer_id.int] = hold
    return hold


def _close(hold: HoldState, debit: AccountState, credit: AccountState, count: int) -> None:
    if hold.order.terms.closes is not None:
        (debit if hold.order.terms.closes is Side.DEBIT else credit).closings += count


def _concluded(state: BookState, order: TransferOrder, effect: Effect) -> Effect | Result:
    terms = order.terms
    if terms.conditions and not terms.is_forced and not all(_holds(each, effect) for each in terms.conditions):
        undo(state, order, effect)
        return Result.CONDITION_FAILED
    if terms.is_imported:
        state.imported_until_at = order.effective_at
    if effect.debit.watches or effect.credit.watches:
        return effect._replace(triggers=_triggers(effect))
    return effect


def _holds(condition: Condition, effect: Effect) -> bool:
    account = effect.debit if condition.side is Side.DEBIT else effect.credit
    measured = account.measured(condition.measure, account.sums)
    above = condition.at_least is None or measured >= condition.at_least
    return above and (condition.at_most is None or measured <= condition.at_most)


def _triggers(effect: Effect) -> tuple[MonitorTrigger, ...]:
    """Return the monitors whose condition changed from false to true."""
    found = []
    sides = ((effect.debit, effect.debit_before), (effect.credit, effect.credit_before))
    for account, before in sides:
        for watch in account.watches:
            measured = account.measured(watch.measure, account.sums)
            if is_true(watch, measured) and not is_true(watch, account.measured(watch.measure, before)):
                found.append(MonitorTrigger(watch, account, measured))
    return tuple(found)
