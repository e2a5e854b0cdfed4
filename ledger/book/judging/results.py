"""Result codes: one code for the outcome of each transfer order.

An order with several faults gets the first of the codes in the order below. Resends come before everything else: an
order whose id is known is never judged again. The codes in `LASTING` depend on the state of the book; such a refusal is
a fact of the journal, and its id stays refused for ever (a new attempt takes a new id), as do the ids of all members of
its group. The other refusals write nothing and leave the id free. The guide of the ledger explains each code.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Self

from ledger.journal.partner_runs import PartnerHeads
from ledger.kernel.calendar import Calendar


class ResultKind(StrEnum):
    """The meaning of a result for the id of its order."""

    ACCEPTED = "accepted"
    GROUP = "group"
    """Another member of its group failed, or is missing: the id is as free as that of the member."""
    RESEND = "resend"
    """The id was decided before, by the same order."""
    CONFLICT = "conflict"
    """The id was decided before, by an order with other content."""
    MALFORMED = "malformed"
    """The order itself is wrong, whatever the state of the book: the id stays free."""
    LASTING = "lasting"
    """A refusal that depends on the state of the book: recorded, and final for the id."""


class Result(StrEnum):
    """The outcome of a transfer order; after `created`, in order of precedence."""

    kind: ResultKind

    def __new__(cls, code: str, kind: ResultKind) -> Self:
        """Make a member whose value is its code."""
        result = str.__new__(cls, code)
        result._value_ = code
        result.kind = kind
        return result

    @classmethod
    def of(cls, code: str) -> Self:
        """Return the result with this code. Raises `KeyError`."""
        return cls[code.upper()]

    CREATED = "created", ResultKind.ACCEPTED
    LINKED_FAILED = "linked_failed", ResultKind.GROUP
    GROUP_INCOMPLETE = "group_incomplete", ResultKind.GROUP

    EXISTS = "exists", ResultKind.RESEND
    EXISTS_WITH_DIFFERENT_FLAGS = "exists_with_different_flags", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_HOLD = "exists_with_different_hold", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_TIMEOUT = "exists_with_different_timeout", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT = "exists_with_different_debit_account", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT = "exists_with_different_credit_account", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_AMOUNT = "exists_with_different_amount", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_CURRENCY = "exists_with_different_currency", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_CODE = "exists_with_different_code", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_PARTNER = "exists_with_different_partner", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_EFFECTIVE_TIME = "exists_with_different_effective_time", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_GROUP = "exists_with_different_group", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_REFERENCE = "exists_with_different_reference", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_COUNTERPARTY = "exists_with_different_counterparty", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_TAGS = "exists_with_different_tags", ResultKind.CONFLICT
    EXISTS_WITH_DIFFERENT_CONTENT = "exists_with_different_content", ResultKind.CONFLICT
    ID_ALREADY_FAILED = "id_already_failed", ResultKind.RESEND

    ID_MUST_NOT_BE_ZERO = "id_must_not_be_zero", ResultKind.MALFORMED
    ID_MUST_NOT_BE_MAX = "id_must_not_be_max", ResultKind.MALFORMED
    PARTNER_NOT_FOUND = "partner_not_found", ResultKind.MALFORMED
    AMOUNT_NEGATIVE = "amount_negative", ResultKind.MALFORMED
    AMOUNT_OVERFLOW = "amount_overflow", ResultKind.MALFORMED
    HOLD_ID_NOT_ALLOWED = "hold_id_not_allowed", ResultKind.MALFORMED
    HOLD_ID_REQUIRED = "hold_id_required", ResultKind.MALFORMED
    CLOSING_MUST_BE_A_HOLD = "closing_must_be_a_hold", ResultKind.MALFORMED
    FLAGS_ARE_EXCLUSIVE = "flags_are_exclusive", ResultKind.MALFORMED
    TIMEOUT_ONLY_ON_HOLDS = "timeout_only_on_holds", ResultKind.MALFORMED
    TIMEOUT_OVERFLOW = "timeout_overflow", ResultKind.MALFORMED
    IMPORTED_NOT_MIXED = "imported_not_mixed", ResultKind.MALFORMED
    IMPORTED_NEEDS_EFFECTIVE_TIME = "imported_needs_effective_time", ResultKind.MALFORMED
    IMPORTED_HOLD_HAS_TIMEOUT = "imported_hold_has_timeout", ResultKind.MALFORMED
    ACCOUNTS_MUST_DIFFER = "accounts_must_differ", ResultKind.MALFORMED
    EFFECTIVE_IN_FUTURE = "effective_in_future", ResultKind.MALFORMED
    EFFECTIVE_TOO_EARLY = "effective_too_early", ResultKind.MALFORMED
    IMPORTED_MUST_NOT_REGRESS = "imported_must_not_regress", ResultKind.MALFORMED

    DEBIT_ACCOUNT_NOT_FOUND = "debit_account_not_found", ResultKind.LASTING
    CREDIT_ACCOUNT_NOT_FOUND = "credit_account_not_found", ResultKind.LASTING
    CURRENCY_MISMATCH = "currency_mismatch", ResultKind.LASTING
    REVERSED_NOT_FOUND = "reversed_not_found", ResultKind.LASTING
    REVERSED_MOVED_NOTHING = "reversed_moved_nothing", ResultKind.LASTING
    REVERSAL_IS_NO_MIRROR = "reversal_is_no_mirror", ResultKind.LASTING
    ALREADY_REVERSED = "already_reversed", ResultKind.LASTING
    HOLD_NOT_FOUND = "hold_not_found", ResultKind.LASTING
    NOT_A_HOLD = "not_a_hold", ResultKind.LASTING
    HOLD_HAS_DIFFERENT_DEBIT_ACCOUNT = "hold_has_different_debit_account", ResultKind.LASTING
    HOLD_HAS_DIFFERENT_CREDIT_ACCOUNT = "hold_has_different_credit_account", ResultKind.LASTING
    HOLD_HAS_DIFFERENT_CURRENCY = "hold_has_different_currency", ResultKind.LASTING
    HOLD_HAS_DIFFERENT_CODE = "hold_has_different_code", ResultKind.LASTING
    EXCEEDS_HOLD = "exceeds_hold", ResultKind.LASTING
    HOLD_HAS_DIFFERENT_AMOUNT = "hold_has_different_amount", ResultKind.LASTING
    HOLD_ALREADY_POSTED = "hold_already_posted", ResultKind.LASTING
    HOLD_ALREADY_VOIDED = "hold_already_voided", ResultKind.LASTING
    HOLD_EXPIRED = "hold_expired", ResultKind.LASTING
    HOLD_NOT_DUE = "hold_not_due", ResultKind.LASTING
    DEBIT_ACCOUNT_CLOSED = "debit_account_closed", ResultKind.LASTING
    CREDIT_ACCOUNT_CLOSED = "credit_account_closed", ResultKind.LASTING
    DEBIT_ACCOUNT_FROZEN = "debit_account_frozen", ResultKind.LASTING
    CREDIT_ACCOUNT_FROZEN = "credit_account_frozen", ResultKind.LASTING
    PERIOD_CLOSED = "period_closed", ResultKind.LASTING
    PENDING_OVERFLOW = "pending_overflow", ResultKind.LASTING
    BALANCE_OVERFLOW = "balance_overflow", ResultKind.LASTING
    TOTAL_OVERFLOW = "total_overflow", ResultKind.LASTING
    INSUFFICIENT_FUNDS = "insufficient_funds", ResultKind.LASTING
    EXCEEDS_DEBITS = "exceeds_debits", ResultKind.LASTING
    CONDITION_FAILED = "condition_failed", ResultKind.LASTING


CONFLICTS: Final = frozenset(result for result in Result if result.kind is ResultKind.CONFLICT)
"""Codes of a resend with other content, each named for the first difference from the accepted order."""

RESENT: Final = CONFLICTS | {result for result in Result if result.kind is ResultKind.RESEND}
"""Codes for an id that was decided before: the outcome has the position that was recorded then."""

MALFORMED: Final = frozenset(result for result in Result if result.kind is ResultKind.MALFORMED)
"""Codes for an order that is wrong in itself, whatever the state of the book: its id stays free."""

LASTING: Final = frozenset(result for result in Result if result.kind is ResultKind.LASTING)
"""Refusals that depend on the state of the book: recorded, and final for their id."""


class Recording(NamedTuple):
    """The instant of a batch, the calendar by which its accounting dates are counted, and the heads of its partners."""

    at: datetime
    calendar: Calendar
    heads: PartnerHeads


class Outcome(NamedTuple):
    """The outcome of one order: its result, and the position at which it is (or was) recorded.

    `original` is the code that the id was refused with before, if the result is `id_already_failed`. `amount_minor` is
    the amount moved, held or released, if the order was accepted, now or before. `recording` is that of the batch, if
    the order was recorded now.
    """

    result: Result
    seq: int | None = None
    original: Result | None = None
    amount_minor: int | None = None
    recording: Recording | None = None
