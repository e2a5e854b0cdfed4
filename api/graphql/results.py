"""Texts of result codes: for every code that is not a success, its cause and the correction, as the caller sees it."""

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
    Result.FLAGS_ARE_EXCLUSIVE: 'these terms do not go together; "up to" is for transfers and holds, what is to be '
    'kept for "up to" on the debit side, reversing for transfers',
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
    Result.EXCEEDS_HOLD: "it is more than is held; post what is held at most, and transfer the rest",
    Result.HOLD_HAS_DIFFERENT_AMOUNT: "a void releases all that is held; leave the amount out, or name what is held",
    Result.HOLD_ALREADY_POSTED: "the hold was posted before; make a new hold or transfer",
    Result.HOLD_ALREADY_VOIDED: "the hold was voided before; make a new hold or transfer",
    Result.HOLD_EXPIRED: "the hold has ended at its deadline; make a new hold or transfer",
    Result.HOLD_NOT_DUE: "the hold is not at its deadline; void it to end it now",
    Result.DEBIT_ACCOUNT_CLOSED: "the debit account is closed; void the hold that closes it, or name another account",
    Result.CREDIT_ACCOUNT_CLOSED: "the credit account is closed; void the hold that closes it, or name another account",
    Result.DEBIT_ACCOUNT_FROZEN: "the debit account is frozen; ask the operator, or name another account",
    Result.CREDIT_ACCOUNT_FROZEN: "the credit account is frozen; ask the operator, or name another account",
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
