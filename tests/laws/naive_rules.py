"""The rules of the naive book: why an order is refused, each fault named in the order of precedence.

Each rule is a generator, and only the first name that it gives counts: a line may rely on all lines above it.
"""

from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

MINOR_MAX = 2**63 - 1
WHOLE_HOLD = MINOR_MAX
ZERO, ONES = UUID(int=0), UUID(int=2**128 - 1)
RESOLVING = ("post", "void", "expiry")
RESOLVED_AS = {"post": "hold_already_posted", "void": "hold_already_voided", "expiry": "hold_expired"}
FLAGS = ("kind", "balancing", "closes", "is_forced", "rate", "template", "reverses")
LASTING = {
    *("debit_account_not_found", "credit_account_not_found", "currency_mismatch"),
    *("reversed_not_found", "reversed_moved_nothing", "reversal_is_no_mirror", "already_reversed"),
    *("hold_not_found", "not_a_hold"),
    *("hold_has_different_debit_account", "hold_has_different_credit_account", "hold_has_different_currency"),
    *("hold_has_different_code", "exceeds_hold", "hold_has_different_amount", *RESOLVED_AS.values(), "hold_not_due"),
    *("debit_account_closed", "credit_account_closed", "debit_account_frozen", "credit_account_frozen"),
    *("period_closed", "pending_overflow", "balance_overflow", "total_overflow"),
    *("insufficient_funds", "exceeds_debits", "condition_failed"),
}


def first_fault(book: Any, order: Any, now: datetime, *, imports: bool) -> str | None:
    """The code of a refusal; None where the order may stand."""
    lasting = _of_resolving if order.terms.kind in RESOLVING else _of_moving
    faults = chain(
        _malformed(book, order),
        _contradictory(order),
        _misimported(order, imports=imports),
        _misplaced(book, order, now),
        lasting(book, order, now),
    )
    return next(faults, None)


def is_malformed(book: Any, order: Any, now: datetime, *, imports: bool) -> bool:
    """Whether an order is wrong in itself, so that it leaves its id free."""
    faults = chain(
        _malformed(book, order),
        _contradictory(order),
        _misimported(order, imports=imports),
        _misplaced(book, order, now),
    )
    return next(faults, None) is not None


def first_difference(book: Any, order: Any, known: Any) -> str:
    """`exists`, or the first thing in which a resend differs; what a post or void inherits may be left open."""
    terms, asked = order.terms, known.order
    left_open = (ZERO, "") if known.kind in RESOLVING else ()
    differing = {
        "flags": any(getattr(terms, name) != getattr(asked.terms, name) for name in FLAGS),
        "hold": terms.hold_id != asked.terms.hold_id,
        "timeout": terms.timeout_s != asked.terms.timeout_s,
        "debit_account": order.debit_account_id not in (known.debit_id, *left_open),
        "credit_account": order.credit_account_id not in (known.credit_id, *left_open),
        "amount": not _same_amount(book, order.amount_minor, known),
        "currency": order.currency not in (known.currency, *left_open),
        "code": order.code not in (known.code, *left_open),
        "partner": order.partner_id != asked.partner_id,
        "effective_time": (order.effective_at or known.recorded_at) != known.effective_at,
        "group": order.group_id != asked.group_id,
        "reference": order.external_ref != asked.external_ref,
        "counterparty": order.counterparty != asked.counterparty,
        "tags": order.tags != asked.tags,
    }
    differing["content"] = _untold(order) != _untold(asked)
    return next((f"exists_with_different_{name}" for name, differs in differing.items() if differs), "exists")


def content(order: Any) -> tuple[Any, ...]:
    """All that an order asks for: everything but who sends it, how it is judged, and its id."""
    terms = order.terms._replace(group_size=0, is_imported=False)
    dated = None if order.effective_on is not None else order.effective_at
    return (
        *order._replace(transfer_id=None, actor="", across_partners=False, terms=None, effective_at=dated),
        *terms,
    )


def _untold(order: Any) -> Any:
    """What the values of a transfer do not tell of its order; all of it counts as soon as there is any."""
    terms = order.terms
    untold = terms.conditions or terms.keep_minor or terms.balancing is not None
    return content(order) if untold else None


def _within(value: int, bounds: Any) -> bool:
    above = bounds.at_least is None or value >= bounds.at_least
    return above and (bounds.at_most is None or value <= bounds.at_most)


def _same_amount(book: Any, amount: int, known: Any) -> bool:
    if known.order.terms.balancing is not None:
        return amount >= known.amount
    if known.kind in ("void", "expiry"):
        return amount in (0, known.amount, WHOLE_HOLD)
    if known.kind == "post" and amount == WHOLE_HOLD:
        return known.amount == book.transfers[known.hold_id].amount
    return amount == known.amount


def _malformed(book: Any, order: Any):
    if order.transfer_id == ZERO:
        yield "id_must_not_be_zero"
    if order.transfer_id == ONES:
        yield "id_must_not_be_max"
    if order.across_partners and order.partner_id not in book.partners:
        yield "partner_not_found"
    if order.amount_minor < 0:
        yield "amount_negative"
    if order.amount_minor > MINOR_MAX:
        yield "amount_overflow"


def _contradictory(order: Any):
    terms, resolving = order.terms, order.terms.kind in RESOLVING
    if terms.hold_id is not None and not resolving:
        yield "hold_id_not_allowed"
    if terms.hold_id is None and resolving:
        yield "hold_id_required"
    if terms.closes and terms.kind != "hold":
        yield "closing_must_be_a_hold"
    keeps = terms.keep_minor != 0 and (terms.keep_minor < 0 or terms.balancing not in ("debit", "both"))
    reverses = terms.reverses is not None and (terms.kind != "transfer" or terms.balancing is not None)
    if keeps or reverses or (resolving and terms.balancing):
        yield "flags_are_exclusive"
    if terms.timeout_s and terms.kind != "hold":
        yield "timeout_only_on_holds"
    if not 0 <= terms.timeout_s < 2**31:
        yield "timeout_overflow"


def _misimported(order: Any, *, imports: bool):
    if order.terms.is_imported != imports:
        yield "imported_not_mixed"
    if imports and order.effective_at is None:
        yield "imported_needs_effective_time"
    if imports and order.terms.timeout_s:
        yield "imported_hold_has_timeout"


def _misplaced(book: Any, order: Any, now: datetime):
    if order.debit_account_id == order.credit_account_id != ZERO:
        yield "accounts_must_differ"
    if order.effective_at is None:
        return
    if order.effective_at > now:
        yield "effective_in_future"
    if order.effective_at < now - timedelta(days=366) and not order.across_partners:
        yield "effective_too_early"
    imported = [known for known in book.transfers.values() if known.order and known.order.terms.is_imported]
    if order.terms.is_imported and any(known.effective_at > order.effective_at for known in imported):
        yield "imported_must_not_regress"


def _of_moving(book: Any, order: Any, now: datetime):
    debit, credit = _seen(book, order, order.debit_account_id), _seen(book, order, order.credit_account_id)
    if debit is None:
        yield "debit_account_not_found"
    if credit is None:
        yield "credit_account_not_found"
    if not debit.currency == credit.currency == order.currency:
        yield "currency_mismatch"
    reversed_ = book.transfers.get(order.terms.reverses)
    if order.terms.reverses is not None and not (reversed_ and _is_own(order, reversed_)):
        yield "reversed_not_found"
    if order.terms.reverses is not None:
        yield from _no_mirror(order, reversed_)
    if order.terms.reverses is not None and order.terms.reverses in _reversed_ids(book):
        yield "already_reversed"
    draft = book.draft(order, now)
    yield from _shut(book, draft)
    yield from _late(book, draft)
    yield from _overflows(book, draft)
    if not order.terms.is_forced:
        yield from _limits(book, draft)
        yield from _condition(book, draft)


def _of_resolving(book: Any, order: Any, now: datetime):
    hold = book.transfers.get(order.terms.hold_id)
    if hold is None or not _is_own(order, hold) or _lies_across(book, order, hold):
        yield "hold_not_found"
    if hold.kind != "hold":
        yield "not_a_hold"
    yield from _unlike(order, hold)
    if order.terms.kind == "post" and hold.amount < order.amount_minor != WHOLE_HOLD:
        yield "exceeds_hold"
    if order.terms.kind != "post" and order.amount_minor not in (0, hold.amount, WHOLE_HOLD):
        yield "hold_has_different_amount"
    yield from (RESOLVED_AS[known.kind] for known in book.transfers.values() if known.hold_id == order.terms.hold_id)
    if order.terms.kind == "expiry" and (hold.expires_at is None or hold.expires_at > now):
        yield "hold_not_due"
    draft = book.draft(order, now)
    if draft.kind == "post":
        yield from _shut(book, draft)
        yield from _late(book, draft)
    if not order.terms.is_forced:
        yield from _condition(book, draft)


def _unlike(order: Any, hold: Any):
    """What a post or void names must be as the hold has it; what it leaves open is inherited."""
    if order.debit_account_id not in (ZERO, hold.debit_id):
        yield "hold_has_different_debit_account"
    if order.credit_account_id not in (ZERO, hold.credit_id):
        yield "hold_has_different_credit_account"
    if order.currency not in ("", hold.currency):
        yield "hold_has_different_currency"
    if order.code not in ("", hold.code):
        yield "hold_has_different_code"


def _reversed_ids(book: Any) -> list[UUID | None]:
    """What a reversal stands against: of an expiry nobody ordered anything."""
    return [known.order.terms.reverses for known in book.transfers.values() if known.order]


def _no_mirror(order: Any, done: Any):
    if done.kind not in ("transfer", "post"):
        yield "reversed_moved_nothing"
    back = (order.credit_account_id, order.debit_account_id, order.amount_minor, order.currency)
    if back != (done.debit_id, done.credit_id, done.amount, done.currency):
        yield "reversal_is_no_mirror"


def _seen(book: Any, order: Any, account_id: UUID) -> Any:
    """An account of another partner does not exist for this one."""
    account = book.accounts.get(account_id)
    return account if account and (order.across_partners or account.partner_id == order.partner_id) else None


def _is_own(order: Any, known: Any) -> bool:
    """A transfer of another partner does not exist for this one either."""
    return order.across_partners or order.partner_id == known.order.partner_id


def _lies_across(book: Any, order: Any, hold: Any) -> bool:
    """A hold between accounts of two partners is ended by who may order across partners, or by its deadline."""
    if hold.kind != "hold" or order.across_partners or order.terms.kind == "expiry":
        return False
    return any(book.accounts[side].partner_id != order.partner_id for side in (hold.debit_id, hold.credit_id))


def _shut(book: Any, draft: Any):
    """Closed, as an open hold says, or frozen, as the account's terms say."""
    if book.is_closed(draft.debit_id):
        yield "debit_account_closed"
    if book.is_closed(draft.credit_id):
        yield "credit_account_closed"
    if book.accounts[draft.debit_id].frozen in ("debits", "all"):
        yield "debit_account_frozen"
    if book.accounts[draft.credit_id].frozen in ("credits", "all"):
        yield "credit_account_frozen"


def _late(book: Any, draft: Any):
    if draft.effective_at.date() <= book.closed_upto:
        yield "period_closed"


def _overflows(book: Any, draft: Any):
    debits, _, pending_debits, _ = book.balance(draft.debit_id)
    _, credits_, _, pending_credits = book.balance(draft.credit_id)
    if draft.kind == "hold" and max(pending_debits, pending_credits) + draft.amount > MINOR_MAX:
        yield "pending_overflow"
    if draft.kind == "transfer" and max(debits, credits_) + draft.amount > MINOR_MAX:
        yield "balance_overflow"
    if max(debits + pending_debits, credits_ + pending_credits) + draft.amount > MINOR_MAX:
        yield "total_overflow"


def _limits(book: Any, draft: Any):
    debit, credit = book.accounts[draft.debit_id], book.accounts[draft.credit_id]
    if debit.debits_within_credits and draft.amount > book.available(draft.debit_id):
        yield "insufficient_funds"
    if credit.credits_within_debits and draft.amount > book.room(draft.credit_id):
        yield "exceeds_debits"


def _condition(book: Any, draft: Any):
    """Judged on a copy of the book in which the order was carried out."""
    conditions = draft.order.terms.conditions
    after = book.copy()
    if conditions:
        after.record(draft.order.transfer_id, draft)
    for condition in conditions:
        account_id = draft.debit_id if condition.side == "debit" else draft.credit_id
        if not _within(after.measure(account_id, condition.measure), condition):
            yield "condition_failed"
