"""The rules of a transfer or hold: its form, and whether the state of the book allows it."""

from datetime import datetime, timedelta
from typing import Final

from ledger.book.judging.orders import PLAIN, Terms, TransferOrder
from ledger.book.judging.results import Result
from ledger.book.judging.state import STOPS_CREDITS, STOPS_DEBITS, AccountState, BookState
from ledger.book.judging.sums import Sums
from ledger.book.records.transfers import BEGINS, Balancing, Kind
from ledger.kernel.money import MINOR_MAX

BACKDATED_MAX: Final = timedelta(days=366)
"""The furthest back a partner may date a transfer; without it, one order could stretch a book's history over centuries.
"""

TIMEOUT_S_MAX: Final = 2**31 - 1
"""The longest timeout of a hold, in seconds: some 68 years."""

# Python 3.11 takes 0.15 µs to look up a member of an enumeration on its class: too much seven times a transfer.
_HOLD: Final = Kind.HOLD
_MOVES: Final = (Kind.TRANSFER, Kind.POST)
_ID_MAX: Final = 2**128 - 1


def malformed(state: BookState, order: TransferOrder, now: datetime, *, strict: bool) -> Result | None:
    """Return the fault of the order itself, whatever the state of the book; `strict`: the batch is imported history."""
    if not 0 < order.transfer_id.int < _ID_MAX:
        return Result.ID_MUST_NOT_BE_MAX if order.transfer_id.int else Result.ID_MUST_NOT_BE_ZERO
    if order.across_partners and order.partner_id not in state.partners:
        return Result.PARTNER_NOT_FOUND
    if not 0 <= order.amount_minor <= MINOR_MAX:
        return Result.AMOUNT_NEGATIVE if order.amount_minor < 0 else Result.AMOUNT_OVERFLOW
    terms = order.terms
    refusal = None if terms is PLAIN else _wrong_terms(terms)
    if refusal is None and (strict or terms.is_imported):
        refusal = _wrong_import(order, strict=strict)
    if refusal is None and order.debit_account_id.int == order.credit_account_id.int != 0:
        refusal = Result.ACCOUNTS_MUST_DIFFER
    if refusal is None and order.effective_at is not None:
        refusal = _misdated(state, order, order.effective_at, now)
    return refusal


def not_found(order: TransferOrder, debit: AccountState | None, credit: AccountState | None) -> Result | None:
    """Refuse an unknown account; another partner's account counts as unknown, so that nobody learns that it exists."""
    partner, across = order.partner_id.int, order.across_partners
    if debit is None or not (across or debit.partner_id.int == partner):
        return Result.DEBIT_ACCOUNT_NOT_FOUND
    if credit is None or not (across or credit.partner_id.int == partner):
        return Result.CREDIT_ACCOUNT_NOT_FOUND
    return None


def not_allowed(
    state: BookState, order: TransferOrder, debit: AccountState, credit: AccountState, *, now: datetime
) -> Result | None:
    """Return the first reason, by precedence, why the accounts do not allow a transfer or hold, or None."""
    if not debit.currency == credit.currency == order.currency:
        return Result.CURRENCY_MISMATCH
    refusal = _not_reversible(state, order) or stopped(debit, credit) or period_closed(state, order, now)
    if refusal is not None:
        return refusal
    amount = movable(order, debit, credit)
    holds = order.terms.kind is _HOLD
    return _overflow(debit.sums, credit.sums, amount, holds=holds) or (
        None if order.terms.is_forced else _beyond_limits(debit, credit, amount)
    )


def stopped(debit: AccountState, credit: AccountState) -> Result | None:
    """Refuse a transfer that a closed or frozen account does not allow."""
    if debit.closings:
        return Result.DEBIT_ACCOUNT_CLOSED
    if credit.closings:
        return Result.CREDIT_ACCOUNT_CLOSED
    if debit.frozen in STOPS_DEBITS:
        return Result.DEBIT_ACCOUNT_FROZEN
    if credit.frozen in STOPS_CREDITS:
        return Result.CREDIT_ACCOUNT_FROZEN
    return None


def period_closed(state: BookState, order: TransferOrder, now: datetime) -> Result | None:
    """Refuse a transfer that is dated into a closed period."""
    if state.closed_until_on is None:
        return None
    booked_on = order.effective_on or state.calendar.booked_on(order.effective_at or now)
    return Result.PERIOD_CLOSED if booked_on <= state.closed_until_on else None


def movable(order: TransferOrder, debit: AccountState, credit: AccountState) -> int:
    """Return the amount that an order moves, in minor units: its own, or as much as the balancing side allows."""
    amount, terms = order.amount_minor, order.terms
    if terms.balancing is None:
        return amount
    if terms.balancing is not Balancing.CREDIT:
        debits, credits_, pending_debits, _ = debit.sums
        left = credits_ + debit.credit_line_minor - debits - pending_debits - terms.keep_minor
        amount = min(amount, max(left, 0))
    if terms.balancing is not Balancing.DEBIT:
        debits, credits_, _, pending_credits = credit.sums
        amount = min(amount, max(debits - credits_ - pending_credits, 0))
    return amount


def _not_reversible(state: BookState, order: TransferOrder) -> Result | None:
    """Refuse a reversal unless it mirrors a transfer of this partner that moved money and is not reversed yet."""
    if order.terms.reverses is None:
        return None
    known = state.known.get(order.terms.reverses.int)
    if known is None or not (order.across_partners or known.order.partner_id == order.partner_id):
        return Result.REVERSED_NOT_FOUND
    done = known.order
    if done.terms.kind not in _MOVES:
        return Result.REVERSED_MOVED_NOTHING
    mirror = (done.credit_account_id, done.debit_account_id, known.amount_minor, done.currency)
    if (order.debit_account_id, order.credit_account_id, order.amount_minor, order.currency) != mirror:
        return Result.REVERSAL_IS_NO_MIRROR
    return Result.ALREADY_REVERSED if order.terms.reverses.int in state.reversed_ids else None


def _wrong_terms(terms: Terms) -> Result | None:
    begins, holds = terms.kind in BEGINS, terms.kind is _HOLD
    keeps_in_vain = terms.keep_minor > 0 and terms.balancing not in (Balancing.DEBIT, Balancing.BOTH)
    reverses_in_vain = terms.reverses is not None and (terms.kind is not Kind.TRANSFER or terms.balancing is not None)
    faults = (
        (begins and terms.hold_id is not None, Result.HOLD_ID_NOT_ALLOWED),
        (not begins and terms.hold_id is None, Result.HOLD_ID_REQUIRED),
        (terms.closes is not None and not holds, Result.CLOSING_MUST_BE_A_HOLD),
        (terms.balancing is not None and not begins, Result.FLAGS_ARE_EXCLUSIVE),
        (terms.keep_minor < 0 or keeps_in_vain or reverses_in_vain, Result.FLAGS_ARE_EXCLUSIVE),
        (terms.timeout_s != 0 and not holds, Result.TIMEOUT_ONLY_ON_HOLDS),
        (not 0 <= terms.timeout_s <= TIMEOUT_S_MAX, Result.TIMEOUT_OVERFLOW),
    )
    return next((code for is_so, code in faults if is_so), None)


def _wrong_import(order: TransferOrder, *, strict: bool) -> Result | None:
    if order.terms.is_imported != strict:
        return Result.IMPORTED_NOT_MIXED
    if order.effective_at is None:
        return Result.IMPORTED_NEEDS_EFFECTIVE_TIME
    return Result.IMPORTED_HOLD_HAS_TIMEOUT if order.terms.timeout_s else None


def _misdated(state: BookState, order: TransferOrder, effective_at: datetime, now: datetime) -> Result | None:
    if effective_at > now:
        return Result.EFFECTIVE_IN_FUTURE
    if effective_at < now - BACKDATED_MAX and not order.across_partners:
        return Result.EFFECTIVE_TOO_EARLY
    until = state.imported_until_at
    if order.terms.is_imported and until is not None and effective_at < until:
        return Result.IMPORTED_MUST_NOT_REGRESS
    return None


def _overflow(debit: Sums, credit: Sums, amount: int, *, holds: bool) -> Result | None:
    """Refuse an amount that makes a sum, or posted and pending together, too large for the store."""
    at = 2 if holds else 0
    if debit[at] + amount > MINOR_MAX or credit[at + 1] + amount > MINOR_MAX:
        return Result.PENDING_OVERFLOW if holds else Result.BALANCE_OVERFLOW
    beyond = debit[0] + debit[2] + amount > MINOR_MAX or credit[1] + credit[3] + amount > MINOR_MAX
    return Result.TOTAL_OVERFLOW if beyond else None


def _beyond_limits(debit: AccountState, credit: AccountState, amount: int) -> Result | None:
    """Refuse an amount beyond the limit of either account; open holds reserve, and pending credits cannot be spent."""
    if debit.debits_within_credits:
        debits, credits_, pending_debits, _ = debit.sums
        if debits + pending_debits + amount > credits_ + debit.credit_line_minor:
            return Result.INSUFFICIENT_FUNDS
    if credit.credits_within_debits:
        debits, credits_, _, pending_credits = credit.sums
        if credits_ + pending_credits + amount > debits:
            return Result.EXCEEDS_DEBITS
    return None
