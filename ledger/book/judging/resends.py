"""Resends: an id is bound to the content first ordered under it; compares, and names the first difference."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Final

from ledger.book.judging.orders import PLAIN, WHOLE_HOLD, TransferOrder
from ledger.book.judging.results import Result
from ledger.book.judging.state import Known
from ledger.book.records.transfers import Kind

_NAMED: Final = TransferOrder._fields.index("actor")
"""The number of an order's leading values that define the transfer; the later ones say who orders it, and how."""


def compared(order: TransferOrder, known: Known) -> Result:
    """Return `exists` for the same content, otherwise the code of the first difference, by precedence.

    Values that a post or void takes from its hold are not compared.
    """
    first = known.order
    if known.content_hash is None and order[:_NAMED] == first[:_NAMED] and order.terms == first.terms:
        return Result.EXISTS
    return next((code for differs, code in _differences(order, known) if differs), Result.EXISTS)


def content_hash(order: TransferOrder) -> bytes:
    """Return the SHA-256 of an order's content: everything but its sender, its id, and how it is judged.

    Journals keep it for ever, so that its form never changes; the size of a group is in the group's id.
    """
    terms = order.terms
    at, on = order.effective_at, order.effective_on
    said = (
        order.partner_id.hex,
        order.debit_account_id.hex,
        order.credit_account_id.hex,
        order.amount_minor,
        order.currency,
        order.code,
        # A date is hashed as such: its first instant depends on the calendar.
        on.isoformat() if on is not None else None if at is None else at.astimezone(UTC).isoformat(),
        order.external_ref,
        None if order.group_id is None else order.group_id.hex,
        order.counterparty,
        order.tags,
        terms.kind,
        None if terms.hold_id is None else terms.hold_id.hex,
        terms.timeout_s,
        terms.balancing,
        terms.keep_minor,
        terms.closes,
        terms.conditions,
        terms.rate,
        terms.template,
        None if terms.reverses is None else terms.reverses.hex,
        terms.is_forced,
    )
    return hashlib.sha256(json.dumps(said).encode()).digest()


def untold_hash(order: TransferOrder) -> bytes | None:
    """Return the content hash of an order if the transfer's row does not store all of its content, otherwise None.

    No row stores conditions, the amount to keep, or the maximum amount of a balancing order.
    """
    terms = order.terms
    if terms is PLAIN or not (terms.conditions or terms.balancing is not None or terms.keep_minor):
        return None
    return content_hash(order)


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
    yield untold_hash(order) != known.content_hash, Result.EXISTS_WITH_DIFFERENT_CONTENT


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
