"""The rules of ending a hold: a post, void or expiry must match the hold, which must be open."""

from datetime import datetime
from typing import Final

from ledger.book.judging.orders import AS_HELD, WHOLE_HOLD, TransferOrder
from ledger.book.judging.results import Result
from ledger.book.judging.rules import period_closed, stopped
from ledger.book.judging.state import BookState, HoldState
from ledger.book.records.transfers import Kind
from ledger.kernel.money import MINOR_MAX

_ENDED: Final = {
    Kind.POST: Result.HOLD_ALREADY_POSTED,
    Kind.VOID: Result.HOLD_ALREADY_VOIDED,
    Kind.EXPIRY: Result.HOLD_EXPIRED,
}


def hold_refusal(state: BookState, order: TransferOrder, hold: HoldState | None, *, now: datetime) -> Result | None:
    """Return the first reason, by precedence, not to end `hold` as ordered; another partner's hold is not found."""
    if hold is None:
        return Result.NOT_A_HOLD if _is_known(state, order) else Result.HOLD_NOT_FOUND
    if not order.across_partners and _is_anothers(state, order, hold):
        return Result.HOLD_NOT_FOUND
    refusal = _differs(order, hold) or (_ENDED[hold.ended_by] if hold.ended_by else _not_due(order, hold, now))
    if refusal is not None or order.terms.kind is not Kind.POST:
        return refusal
    debit = state.accounts[hold.order.debit_account_id.int]
    credit = state.accounts[hold.order.credit_account_id.int]
    refusal = stopped(debit, credit) or period_closed(state, order, now)
    if refusal is None:
        amount = posted_amount(order, hold)
        overflows = debit.sums.debits + amount > MINOR_MAX or credit.sums.credits + amount > MINOR_MAX
        return Result.BALANCE_OVERFLOW if overflows else None
    return refusal


def posted_amount(order: TransferOrder, hold: HoldState) -> int:
    """Return the amount of a hold that is posted, in minor units; the rest is released. Only a post posts any."""
    if order.terms.kind is not Kind.POST:
        return 0
    return hold.amount_minor if order.amount_minor == WHOLE_HOLD else order.amount_minor


def _is_anothers(state: BookState, order: TransferOrder, hold: HoldState) -> bool:
    """Return whether the hold is another partner's, or spans partners: who may not begin it may not end it."""
    if hold.order.partner_id != order.partner_id:
        return True
    sides = (hold.order.debit_account_id, hold.order.credit_account_id)
    is_across = any(state.accounts[side.int].partner_id != order.partner_id for side in sides)
    return is_across and order.terms.kind is not Kind.EXPIRY


def _not_due(order: TransferOrder, hold: HoldState, now: datetime) -> Result | None:
    """Refuse an expiry before the hold's deadline; only the book itself orders expiries."""
    due = hold.expires_at is not None and hold.expires_at <= now
    return None if due or order.terms.kind is not Kind.EXPIRY else Result.HOLD_NOT_DUE


def _differs(order: TransferOrder, hold: HoldState) -> Result | None:
    held = hold.order
    if order.debit_account_id not in (AS_HELD, held.debit_account_id):
        return Result.HOLD_HAS_DIFFERENT_DEBIT_ACCOUNT
    if order.credit_account_id not in (AS_HELD, held.credit_account_id):
        return Result.HOLD_HAS_DIFFERENT_CREDIT_ACCOUNT
    if order.currency not in ("", held.currency):
        return Result.HOLD_HAS_DIFFERENT_CURRENCY
    if order.code not in ("", held.code):
        return Result.HOLD_HAS_DIFFERENT_CODE
    if order.terms.kind is Kind.POST:
        return Result.EXCEEDS_HOLD if posted_amount(order, hold) > hold.amount_minor else None
    whole = order.amount_minor in (0, hold.amount_minor, WHOLE_HOLD)
    return None if whole else Result.HOLD_HAS_DIFFERENT_AMOUNT


def _is_known(state: BookState, order: TransferOrder) -> bool:
    """Return whether the id that should name a hold names another kind of transfer of the same partner."""
    known = None if order.terms.hold_id is None else state.known.get(order.terms.hold_id.int)
    return known is not None and (order.across_partners or known.order.partner_id == order.partner_id)
