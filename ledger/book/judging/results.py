"""Result codes: what became of a transfer order, one code each.

An order with several faults gets the first of the codes in the order in which they stand here. Resends come before
everything else: an order whose id is known is never judged again. The codes of `LASTING` depend on the state of the
book; such a refusal is a fact of the journal, and its id stays refused for ever (a new attempt takes a new id), as do
those of all members of its group. The other refusals write nothing and leave the id free. The guide of the ledger
explains each code.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class Result(StrEnum):
    """What became of a transfer order, in order of precedence after `created`."""

    CREATED = "created"
    LINKED_FAILED = "linked_failed"
    GROUP_INCOMPLETE = "group_incomplete"

    EXISTS = "exists"
    EXISTS_WITH_DIFFERENT_FLAGS = "exists_with_different_flags"
    EXISTS_WITH_DIFFERENT_HOLD = "exists_with_different_hold"
    EXISTS_WITH_DIFFERENT_TIMEOUT = "exists_with_different_timeout"
    EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT = "exists_with_different_debit_account"
    EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT = "exists_with_different_credit_account"
    EXISTS_WITH_DIFFERENT_AMOUNT = "exists_with_different_amount"
    EXISTS_WITH_DIFFERENT_CURRENCY = "exists_with_different_currency"
    EXISTS_WITH_DIFFERENT_CODE = "exists_with_different_code"
    EXISTS_WITH_DIFFERENT_PARTNER = "exists_with_different_partner"
    EXISTS_WITH_DIFFERENT_EFFECTIVE_TIME = "exists_with_different_effective_time"
    EXISTS_WITH_DIFFERENT_GROUP = "exists_with_different_group"
    EXISTS_WITH_DIFFERENT_REFERENCE = "exists_with_different_reference"
    EXISTS_WITH_DIFFERENT_COUNTERPARTY = "exists_with_different_counterparty"
    EXISTS_WITH_DIFFERENT_TAGS = "exists_with_different_tags"
    EXISTS_WITH_DIFFERENT_CONTENT = "exists_with_different_content"
    ID_ALREADY_FAILED = "id_already_failed"

    ID_MUST_NOT_BE_ZERO = "id_must_not_be_zero"
    ID_MUST_NOT_BE_MAX = "id_must_not_be_max"
    PARTNER_NOT_FOUND = "partner_not_found"
    AMOUNT_NEGATIVE = "amount_negative"
    AMOUNT_OVERFLOW = "amount_overflow"
    HOLD_ID_NOT_ALLOWED = "hold_id_not_allowed"
    HOLD_ID_REQUIRED = "hold_id_required"
    CLOSING_MUST_BE_A_HOLD = "closing_must_be_a_hold"
    FLAGS_ARE_EXCLUSIVE = "flags_are_exclusive"
    TIMEOUT_ONLY_ON_HOLDS = "timeout_only_on_holds"
    TIMEOUT_OVERFLOW = "timeout_overflow"
    IMPORTED_NOT_MIXED = "imported_not_mixed"
    IMPORTED_NEEDS_EFFECTIVE_TIME = "imported_needs_effective_time"
    IMPORTED_HOLD_HAS_TIMEOUT = "imported_hold_has_timeout"
    ACCOUNTS_MUST_DIFFER = "accounts_must_differ"
    EFFECTIVE_IN_FUTURE = "effective_in_future"
    EFFECTIVE_TOO_EARLY = "effective_too_early"
    IMPORTED_MUST_NOT_REGRESS = "imported_must_not_regress"

    DEBIT_ACCOUNT_NOT_FOUND = "debit_account_not_found"
    CREDIT_ACCOUNT_NOT_FOUND = "credit_account_not_found"
    CURRENCY_MISMATCH = "currency_mismatch"
    REVERSED_NOT_FOUND = "reversed_not_found"
    REVERSED_MOVED_NOTHING = "reversed_moved_nothing"
    REVERSAL_IS_NO_MIRROR = "reversal_is_no_mirror"
    ALREADY_REVERSED = "already_reversed"
    HOLD_NOT_FOUND = "hold_not_found"
    NOT_A_HOLD = "not_a_hold"
    HOLD_HAS_DIFFERENT_DEBIT_ACCOUNT = "hold_has_different_debit_account"
    HOLD_HAS_DIFFERENT_CREDIT_ACCOUNT = "hold_has_different_credit_account"
    HOLD_HAS_DIFFERENT_CURRENCY = "hold_has_different_currency"
    HOLD_HAS_DIFFERENT_CODE = "hold_has_different_code"
    EXCEEDS_HOLD = "exceeds_hold"
    HOLD_HAS_DIFFERENT_AMOUNT = "hold_has_different_amount"
    HOLD_ALREADY_POSTED = "hold_already_posted"
    HOLD_ALREADY_VOIDED = "hold_already_voided"
    HOLD_EXPIRED = "hold_expired"
    HOLD_NOT_DUE = "hold_not_due"
    DEBIT_ACCOUNT_CLOSED = "debit_account_closed"
    CREDIT_ACCOUNT_CLOSED = "credit_account_closed"
    DEBIT_ACCOUNT_FROZEN = "debit_account_frozen"
    CREDIT_ACCOUNT_FROZEN = "credit_account_frozen"
    PERIOD_CLOSED = "period_closed"
    PENDING_OVERFLOW = "pending_overflow"
    BALANCE_OVERFLOW = "balance_overflow"
    TOTAL_OVERFLOW = "total_overflow"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXCEEDS_DEBITS = "exceeds_debits"
    CONDITION_FAILED = "condition_failed"


_ORDER: Final = tuple(Result)

CONFLICTS: Final = frozenset(result for result in Result if result.startswith("exists_with_different_"))
"""A resend with other content, named for the first thing that differs where the first sending was accepted."""

RESENT: Final = CONFLICTS | {Result.EXISTS, Result.ID_ALREADY_FAILED}
"""The id was decided before: the outcome tells the position of what was recorded then."""

MALFORMED: Final = frozenset(
    _ORDER[_ORDER.index(Result.ID_MUST_NOT_BE_ZERO) : _ORDER.index(Result.DEBIT_ACCOUNT_NOT_FOUND)]
)
"""The order itself is wrong, whatever the state of the book: its id stays free."""

LASTING: Final = frozenset(_ORDER[_ORDER.index(Result.DEBIT_ACCOUNT_NOT_FOUND) :])
"""Refusals that depend on the state of the book: recorded, and final for their id."""


class Outcome(NamedTuple):
    """What became of one order: its result, and its position where it is (or was) recorded.

    `original` is the code that the id was refused with, where the result is `id_already_failed`. `amount_minor` is what
    moved, was held or was released, where the order was accepted now.
    """

    result: Result
    seq: int | None = None
    original: Result | None = None
    amount_minor: int | None = None
