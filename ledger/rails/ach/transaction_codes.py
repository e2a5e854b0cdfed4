"""Transaction codes: the account that an entry is for, and whether it credits or debits it.

The tens say which account, the units what is done: 1 to 4 credit and 6 to 9 debit, in the order return or change, live,
prenotification, and remittance information without money (Nacha Operating Rules, Appendix Three, Transaction Code).
"""

from enum import Enum
from typing import Final, NamedTuple


class Use(Enum):
    """The use of a code."""

    RETURN = "return or notification of change"
    LIVE = "live entry"
    PRENOTE = "prenotification"
    REMITTANCE = "remittance information without money"
    ADVICE = "accounting advice"


class TransactionCode(NamedTuple):
    """A code, the account that it is for, and its use."""

    code: int
    account: str
    is_credit: bool
    use: Use


_ACCOUNTS: Final = {2: "demand", 3: "savings", 4: "general ledger", 5: "loan"}
_USES: Final = (Use.RETURN, Use.LIVE, Use.PRENOTE, Use.REMITTANCE)
_LOAN_DEBITS: Final = {55: Use.LIVE, 56: Use.RETURN}
"""A loan is debited to reverse a credit alone, so that the second half of its codes differs."""

TRANSACTION_CODES: Final = {
    each.code: each
    for each in (
        *(
            TransactionCode(10 * tens + first + step, account, is_credit, use)
            for tens, account in _ACCOUNTS.items()
            for first, is_credit in ((1, True), (6, False))
            for step, use in enumerate(_USES)
            if account != "loan" or is_credit
        ),
        *(TransactionCode(code, "loan", False, use) for code, use in _LOAN_DEBITS.items()),
        *(TransactionCode(code, "advice", code % 2 == 1, Use.ADVICE) for code in range(81, 89)),
    )
}
"""Every code that exists; of the advices, the odd ones credit."""

LIVE_CODES: Final = frozenset(code for code, each in TRANSACTION_CODES.items() if each.use is Use.LIVE)
"""The codes of entries that move money."""


def opposite_code(code: int) -> int:
    """Return the live code that undoes a live code: 27 for 22, 55 for 52."""
    assert code in LIVE_CODES, code
    known = TRANSACTION_CODES[code]
    (found,) = (
        other
        for other in LIVE_CODES
        if (it := TRANSACTION_CODES[other]).account == known.account and it.is_credit != known.is_credit
    )
    return found
