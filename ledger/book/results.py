"""Result codes: what became of a transfer order, one code each.

An order with several faults gets the first of the codes in the order in which they stand here. Resends come before
everything else: an order whose id is known is never judged again. The codes of `LASTING` depend on the state of the
book; such a refusal is a fact of the journal, and its id stays refused for ever (a new attempt takes a new id). The
other refusals write nothing and leave the id free.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class Result(StrEnum):
    """What became of a transfer order, in order of precedence after `created`."""

    CREATED = "created"
    EXISTS = "exists"
    EXISTS_WITH_DIFFERENT_GROUP = "exists_with_different_group"
    EXISTS_WITH_DIFFERENT_PARTNER = "exists_with_different_partner"
    EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT = "exists_with_different_debit_account"
    EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT = "exists_with_different_credit_account"
    EXISTS_WITH_DIFFERENT_AMOUNT = "exists_with_different_amount"
    EXISTS_WITH_DIFFERENT_CURRENCY = "exists_with_different_currency"
    EXISTS_WITH_DIFFERENT_CODE = "exists_with_different_code"
    EXISTS_WITH_DIFFERENT_EFFECTIVE_TIME = "exists_with_different_effective_time"
    EXISTS_WITH_DIFFERENT_REFERENCE = "exists_with_different_reference"
    ID_ALREADY_FAILED = "id_already_failed"
    AMOUNT_NEGATIVE = "amount_negative"
    AMOUNT_OVERFLOW = "amount_overflow"
    ACCOUNTS_MUST_DIFFER = "accounts_must_differ"
    EFFECTIVE_IN_FUTURE = "effective_in_future"
    EFFECTIVE_TOO_EARLY = "effective_too_early"
    DEBIT_ACCOUNT_NOT_FOUND = "debit_account_not_found"
    CREDIT_ACCOUNT_NOT_FOUND = "credit_account_not_found"
    CURRENCY_MISMATCH = "currency_mismatch"
    BALANCE_OVERFLOW = "balance_overflow"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXCEEDS_DEBITS = "exceeds_debits"
    LINKED_FAILED = "linked_failed"


LASTING: Final = frozenset(
    {
        Result.DEBIT_ACCOUNT_NOT_FOUND,
        Result.CREDIT_ACCOUNT_NOT_FOUND,
        Result.CURRENCY_MISMATCH,
        Result.BALANCE_OVERFLOW,
        Result.INSUFFICIENT_FUNDS,
        Result.EXCEEDS_DEBITS,
    }
)
"""Refusals that depend on the state of the book: recorded, and final for their id."""


class Outcome(NamedTuple):
    """What became of one order: its result, and its position where it is (or was) recorded.

    `original` is the code that the id was refused with, where the result is `id_already_failed`.
    """

    result: Result
    seq: int | None = None
    original: Result | None = None
