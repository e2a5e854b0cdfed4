"""Rules: by which of them a row of a foreign file was not taken; their codes never change."""

from enum import StrEnum
from typing import Final

from ledger.book.judging.results import Result


class Rule(StrEnum):
    """Why a row became no order; what the judge refused has its result code instead."""

    MALFORMED_CSV = "malformed_csv"
    MISSING_COLUMN = "missing_column"
    UNKNOWN_OCCURRENCE = "unknown_occurrence"
    EMPTY = "empty"
    UNUSABLE_TEXT = "unusable_text"
    NOT_A_WHOLE_NUMBER = "not_a_whole_number"
    UNKNOWN_WORD = "unknown_word"
    UNKNOWN_VERTICAL = "unknown_vertical"
    UNKNOWN_CURRENCY = "unknown_currency"
    UNREADABLE_AMOUNT = "unreadable_amount"
    UNREADABLE_TIME = "unreadable_time"
    ACCOUNT_DIFFERS = "account_differs"
    CUSTOMER_DIFFERS = "customer_differs"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    INVALID_INPUT = "invalid_input"
    SUBJECT_FORGOTTEN = "subject_forgotten"

    MISSING = "missing"
    WRONG_TYPE = "wrong_type"
    WRONG_TEXT = "wrong_text"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_TIME = "wrong_time"
    WRONG_CODE = "wrong_code"
    WRONG_TAGS = "wrong_tags"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_BALANCING = "unknown_balancing"
    DEBIT_ACCOUNT_NOT_FOUND = "debit_account_not_found"
    CREDIT_ACCOUNT_NOT_FOUND = "credit_account_not_found"
    TORN_GROUP = "torn_group"
    LARGE_GROUP = "large_group"
    FAULTY_GROUP = "faulty_group"


REFUSED: Final = "refused:"
"""What stands before the result code of a row that became an order, and that the judge refused."""

BULK_SAYS: Final = {
    Rule.MISSING: "a needed column is empty in this row",
    Rule.WRONG_TYPE: "a value is of another type than its column",
    Rule.WRONG_TEXT: "a text is too long, empty, or has characters that cannot be printed",
    Rule.WRONG_AMOUNT: "the amount is not in whole minor units",
    Rule.WRONG_TIME: "an instant has no time zone",
    Rule.WRONG_CODE: "the code is no word of lower-case letters, digits, - and _",
    Rule.WRONG_TAGS: "the tags cannot be used",
    Rule.UNKNOWN_KIND: "there is no such kind of transfer",
    Rule.UNKNOWN_BALANCING: "there is no such side to balance",
    Rule.UNKNOWN_CURRENCY: "the currency is no ISO 4217 code",
    Rule.DEBIT_ACCOUNT_NOT_FOUND: "the partner has no such account to debit",
    Rule.CREDIT_ACCOUNT_NOT_FOUND: "the partner has no such account to credit",
    Rule.TORN_GROUP: "the rows of its group do not stand side by side",
    Rule.LARGE_GROUP: "its group has too many rows",
    Rule.FAULTY_GROUP: "another row of its group is wrong",
}
"""What each rule of a bulk says, without a word of the row: its own texts quote what they found."""


def rule_code(rule: Rule | Result) -> str:
    """The code as quarantine keeps it."""
    return f"{REFUSED}{rule}" if isinstance(rule, Result) else str(rule)
