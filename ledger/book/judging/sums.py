"""Sums: what an account's transfers come to, posted and pending, and what is measured of them."""

from typing import Final, NamedTuple

from ledger.book.records.accounts import Side
from ledger.book.records.monitors import Measure


class Sums(NamedTuple):
    """What an account's transfers sum to, in minor units: posted, and pending by open holds."""

    debits: int = 0
    credits: int = 0
    pending_debits: int = 0
    pending_credits: int = 0


NOTHING: Final = Sums()
"""The sums of an account that was never used."""


def measured(measure: Measure, sums: Sums, normal_side: Side, *, credit_line_minor: int = 0) -> int:
    """What a measure says of sums, in minor units, counted on the normal side of their account.

    Posted is the balance; pending is what open holds would take from it; available is what may still be taken, the
    credit line included.
    """
    debits, credits_, pending_debits, pending_credits = sums
    if normal_side == Side.CREDIT:
        posted, pending, line = credits_ - debits, pending_debits, credit_line_minor
    else:
        posted, pending, line = debits - credits_, pending_credits, 0
    if measure is Measure.POSTED:
        return posted
    return pending if measure is Measure.PENDING else posted - pending + line
