"""Rules: the codes for which a row of a foreign file is rejected; codes never change."""

from enum import StrEnum
from typing import Final

from ledger.book.judging.results import Result


class Rule(StrEnum):
    """The reason why a row became no order; for a refusal of the judge, its result code is used instead."""

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
"""The prefix of the result code of a row that became an order and was refused by the judge."""

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
"""The message of each rule of a bulk, without any text of the row."""


def rule_code(rule: Rule | Result) -> str:
    """Return the code as stored in the quarantine."""
    return f"{REFUSED}{rule}" if isinstance(rule, Result) else str(rule)
