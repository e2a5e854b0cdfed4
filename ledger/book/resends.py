"""Resends: compares an order whose id is known with what was accepted, and names the first thing that differs."""

from collections.abc import Iterator
from typing import Final

from ledger.book.orders import WHOLE_HOLD, TransferOrder
from ledger.book.results import Result
from ledger.book.state import Known
from ledger.records.transfers import Kind

_NAMED: Final = 13
"""How many of an order's values name what is to be done; those behind are who asks, and how."""


def compared(order: TransferOrder, known: Known) -> Result:
    """`exists` for the same content; otherwise the code of the first difference, in the order of the codes.

    What a post or void leaves to its hold is not compared. An «up to» order exists for every amount that would have
    moved no less than was moved.
    """
    if order[:_NAMED] == known.order[:_NAMED] and order.terms == known.order.terms:
        return Result.EXISTS
    return next((code for differs, code in _differences(order, known) if differs), Result.EXISTS)


def _differences(order: TransferOrder, known: Known) -> Iterator[tuple[bool, Result]]:
    first, terms, known_terms = known.order, order.terms, known.order.terms
    ends = terms.kind in (Kind.POST, Kind.VOID, Kind.EXPIRY)
    yield _flags(order) != _flags(first), Result.EXISTS_WITH_DIFFERENT_FLAGS
    yield terms.hold_id != known_terms.hold_id, Result.EXISTS_WITH_DIFFERENT_HOLD
    yield terms.timeout_s != known_terms.timeout_s, Result.EXISTS_WITH_DIFFERENT_TIMEOUT
    debit, credit = order.debit_account_id, order.credit_account_id
    debit_differs = debit != first.debit_account_id and not (ends and debit.int == 0)
    yield debit_differs, Result.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT
    credit_differs = credit != first.credit_account_id and not (ends and credit.int == 0)
    yield credit_differs, Result.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT
    yield _amount_differs(order, known), Result.EXISTS_WITH_DIFFERENT_AMOUNT
    yield order.currency not in _inherited(first.currency, ends=ends), Result.EXISTS_WITH_DIFFERENT_CURRENCY
    yield order.code not in _inherited(first.code, ends=ends), Result.EXISTS_WITH_DIFFERENT_CODE
    yield order.partner_id != first.partner_id, Result.EXISTS_WITH_DIFFERENT_PARTNER
    effective_at, first_at = order.effective_at or known.recorded_at, first.effective_at or known.recorded_at
    yield effective_at != first_at, Result.EXISTS_WITH_DIFFERENT_EFFECTIVE_TIME
    yield order.group_id != first.group_id, Result.EXISTS_WITH_DIFFERENT_GROUP
    yield order.external_ref != first.external_ref, Result.EXISTS_WITH_DIFFERENT_REFERENCE
    yield order.counterparty != first.counterparty, Result.EXISTS_WITH_DIFFERENT_COUNTERPARTY
    yield order.tags != first.tags, Result.EXISTS_WITH_DIFFERENT_TAGS


def _flags(order: TransferOrder) -> tuple[object, ...]:
    terms = order.terms
    return terms.kind, terms.balancing, terms.closes, terms.is_forced, terms.rate, terms.template, terms.reverses


def _inherited(stored: str, *, ends: bool) -> tuple[str, ...]:
    return ("", stored) if ends else (stored,)


def _amount_differs(order: TransferOrder, known: Known) -> bool:
    moved, terms = known.amount_minor, order.terms
    if terms.balancing is not None:
        return order.amount_minor < moved
    if terms.kind is Kind.POST and order.amount_minor == WHOLE_HOLD:
        return not known.is_whole
    if terms.kind in (Kind.VOID, Kind.EXPIRY):
        return order.amount_minor not in (0, moved, WHOLE_HOLD)
    return order.amount_minor != moved
