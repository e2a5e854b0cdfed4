"""Result codes as the caller sees them: for each that is not a success, its cause, the correction, and the field."""

from collections.abc import Mapping
from typing import Final

from ledger.book.judging.results import CONFLICTS, Result
from ledger.book.judging.rules import BACKDATED_MAX, TIMEOUT_S_MAX

_CONFLICT: Final = "exists_with_different_"
_DIFFERING: Final = {"flags": "kind or terms", "timeout": "time limit"}
"""Words for the differing field, if the code's own word would not tell a caller enough."""


def _conflict(code: Result) -> str:
    word = code.removeprefix(_CONFLICT)
    differs = _DIFFERING.get(word, word.replace("_", " "))
    if code is Result.EXISTS_WITH_DIFFERENT_CONTENT:
        return "this key was used for another request, done or refused; send new requests with new keys"
    return f"this key was used for a transfer with another {differs}; send new requests with new keys"


_WITH_THE_REQUEST: Final = {
    Result.LINKED_FAILED: "another transfer of the request was refused; correct that one, then send all with a new key",
    Result.GROUP_INCOMPLETE: "the group does not have the members that it says; send all of them side by side",
    Result.ID_ALREADY_FAILED: "this key was refused before, and stays refused; try again with a new key",
    Result.ID_MUST_NOT_BE_ZERO: "the id is zero; give the transfer an id of its own",
    Result.ID_MUST_NOT_BE_MAX: "the id is the largest there is, which is reserved; give the transfer another id",
    Result.PARTNER_NOT_FOUND: "the book has no such partner; register the partner first",
    Result.AMOUNT_NEGATIVE: "the amount is negative; swap the accounts instead",
    Result.AMOUNT_OVERFLOW: "the amount is larger than the ledger holds; split it",
    Result.HOLD_ID_NOT_ALLOWED: "a transfer or hold names no other hold; leave the hold out, or post or void it",
    Result.HOLD_ID_REQUIRED: "a post or void ends a hold; name the hold",
    Result.CLOSING_MUST_BE_A_HOLD: "only a hold closes an account; make the transfer a hold, or let it close nothing",
    Result.FLAGS_ARE_EXCLUSIVE: "these options do not go together; upTo (balancing) is for transfers and holds, an "
    "amount to keep for upTo on the debit side, a reversal for transfers",
    Result.TIMEOUT_ONLY_ON_HOLDS: "only a hold has a time limit; leave it out, or make the transfer a hold",
    Result.TIMEOUT_OVERFLOW: f"a time limit is 0 to {TIMEOUT_S_MAX} seconds; 0 is without end",
    Result.IMPORTED_NOT_MIXED: "imported history and live transfers do not go into one batch; send them apart",
    Result.IMPORTED_NEEDS_EFFECTIVE_TIME: "imported history says when it counts from; give effectiveAt",
    Result.IMPORTED_HOLD_HAS_TIMEOUT: "a hold of imported history has no time limit; leave it out",
    Result.ACCOUNTS_MUST_DIFFER: "the two accounts are the same one; name two accounts",
    Result.EFFECTIVE_IN_FUTURE: "effectiveAt is in the future; leave it out, or send it when it has come",
    Result.EFFECTIVE_TOO_EARLY: f"effectiveAt lies more than {BACKDATED_MAX.days} days back; older history is loaded "
    "by an import",
    Result.IMPORTED_MUST_NOT_REGRESS: "effectiveAt lies before history that is imported; import in the order of time",
}
_WITH_THE_BOOK: Final = {
    Result.DEBIT_ACCOUNT_NOT_FOUND: "you have no such debit account; name one of yours",
    Result.CREDIT_ACCOUNT_NOT_FOUND: "you have no such credit account; name one of yours",
    Result.CURRENCY_MISMATCH: "the accounts and the amount are not of one currency; name accounts of the currency",
    Result.REVERSED_NOT_FOUND: "you have no such transfer to reverse; name one of yours that was done",
    Result.REVERSED_MOVED_NOTHING: "what is to be reversed moved no money; void a hold, and leave its end as it is",
    Result.REVERSAL_IS_NO_MIRROR: "a reversal is not the mirror of what it reverses; move the same amount of the same "
    "currency back between the same accounts",
    Result.ALREADY_REVERSED: "this transfer was reversed before, and a transfer is reversed once; reverse the reversal",
    Result.HOLD_NOT_FOUND: "you have no such hold; name one of yours",
    Result.NOT_A_HOLD: "the transfer that is to be ended is no hold; name a hold, or reverse the transfer",
    Result.HOLD_HAS_DIFFERENT_DEBIT_ACCOUNT: "the hold has another debit account; name that one, or none",
    Result.HOLD_HAS_DIFFERENT_CREDIT_ACCOUNT: "the hold has another credit account; name that one, or none",
    Result.HOLD_HAS_DIFFERENT_CURRENCY: "the hold is of another currency; name that one, or none",
    Result.HOLD_HAS_DIFFERENT_CODE: "the hold has another code; give that one, or none",
    Result.EXCEEDS_HOLD: "it is more than is held; post what is held at most, and send the rest with postTransfers",
    Result.HOLD_HAS_DIFFERENT_AMOUNT: "a void releases all that is held; leave the amount out, or name what is held",
    Result.HOLD_ALREADY_POSTED: "the hold was posted before; undo that with reverseTransfer, or make a new hold",
    Result.HOLD_ALREADY_VOIDED: "the hold was voided before; make a new hold or transfer",
    Result.HOLD_EXPIRED: "the hold has ended at its deadline; make a new hold or transfer",
    Result.HOLD_NOT_DUE: "the hold is not at its deadline; void it to end it now",
    Result.DEBIT_ACCOUNT_CLOSED: "the debit account is closed; reopen it with reopenAccount, or name another account",
    Result.CREDIT_ACCOUNT_CLOSED: "the credit account is closed; reopen it with reopenAccount, or name another account",
    Result.DEBIT_ACCOUNT_FROZEN: "the debit account is frozen; lift your own freeze with changeAccountTerms, ask the "
    "operator to lift another one, or name another account",
    Result.CREDIT_ACCOUNT_FROZEN: "the credit account is frozen; lift your own freeze with changeAccountTerms, ask the "
    "operator to lift another one, or name another account",
    Result.PERIOD_CLOSED: "the accounting period of effectiveAt is closed; date the transfer later, or leave it out",
    Result.PENDING_OVERFLOW: "the holds would sum to more than the ledger holds; post or void some of them first",
    Result.BALANCE_OVERFLOW: "the sums would be larger than the ledger holds; use another account",
    Result.TOTAL_OVERFLOW: "sums and holds together would be larger than the ledger holds; use another account",
    Result.INSUFFICIENT_FUNDS: "the debit account does not have enough; send what it has available at most",
    Result.EXCEEDS_DEBITS: "the credit account would be credited beyond its debits; send what it owes at most",
    Result.CONDITION_FAILED: "a condition of the transfer would not be true after it; see what stands on the accounts",
}
SAYS: Final[Mapping[Result, str]] = (
    {code: _conflict(code) for code in Result if code in CONFLICTS} | _WITH_THE_REQUEST | _WITH_THE_BOOK
)
"""The text of every code except the two successes."""

FIELDS: Final[Mapping[Result, str]] = {
    code: field
    for field, codes in {
        "debitAccount": (
            Result.DEBIT_ACCOUNT_NOT_FOUND,
            Result.DEBIT_ACCOUNT_CLOSED,
            Result.DEBIT_ACCOUNT_FROZEN,
            Result.HOLD_HAS_DIFFERENT_DEBIT_ACCOUNT,
            Result.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT,
        ),
        "creditAccount": (
            Result.CREDIT_ACCOUNT_NOT_FOUND,
            Result.CREDIT_ACCOUNT_CLOSED,
            Result.CREDIT_ACCOUNT_FROZEN,
            Result.ACCOUNTS_MUST_DIFFER,
            Result.HOLD_HAS_DIFFERENT_CREDIT_ACCOUNT,
            Result.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT,
        ),
        "amount": (
            Result.AMOUNT_NEGATIVE,
            Result.AMOUNT_OVERFLOW,
            Result.CURRENCY_MISMATCH,
            Result.HOLD_HAS_DIFFERENT_CURRENCY,
            Result.HOLD_HAS_DIFFERENT_AMOUNT,
            Result.EXCEEDS_HOLD,
            Result.INSUFFICIENT_FUNDS,
            Result.EXCEEDS_DEBITS,
            Result.PENDING_OVERFLOW,
            Result.BALANCE_OVERFLOW,
            Result.TOTAL_OVERFLOW,
            Result.EXISTS_WITH_DIFFERENT_AMOUNT,
            Result.EXISTS_WITH_DIFFERENT_CURRENCY,
        ),
        "hold": (
            Result.HOLD_NOT_FOUND,
            Result.NOT_A_HOLD,
            Result.HOLD_ALREADY_POSTED,
            Result.HOLD_ALREADY_VOIDED,
            Result.HOLD_EXPIRED,
            Result.EXISTS_WITH_DIFFERENT_HOLD,
        ),
        "transfer": (
            Result.REVERSED_NOT_FOUND,
            Result.REVERSED_MOVED_NOTHING,
            Result.REVERSAL_IS_NO_MIRROR,
            Result.ALREADY_REVERSED,
        ),
        "effectiveAt": (
            Result.EFFECTIVE_IN_FUTURE,
            Result.EFFECTIVE_TOO_EARLY,
            Result.PERIOD_CLOSED,
            Result.EXISTS_WITH_DIFFERENT_EFFECTIVE_TIME,
        ),
        "timeoutSeconds": (
            Result.TIMEOUT_ONLY_ON_HOLDS,
            Result.TIMEOUT_OVERFLOW,
            Result.EXISTS_WITH_DIFFERENT_TIMEOUT,
        ),
        "upTo": (Result.FLAGS_ARE_EXCLUSIVE,),
        "conditions": (Result.CONDITION_FAILED,),
        "code": (Result.EXISTS_WITH_DIFFERENT_CODE,),
        "externalRef": (Result.EXISTS_WITH_DIFFERENT_REFERENCE,),
        "counterparty": (Result.EXISTS_WITH_DIFFERENT_COUNTERPARTY,),
        "tags": (Result.EXISTS_WITH_DIFFERENT_TAGS,),
    }.items()
    for code in codes
}
"""The field of a transfer's input that a result is about; the others are about the transfer as a whole."""
