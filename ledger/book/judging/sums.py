"""Sums: the posted and pending totals of an account's transfers, and the measures computed from them."""

from typing import Final, NamedTuple

from ledger.book.records.accounts import Side
from ledger.book.records.monitors import Measure


class Sums(NamedTuple):
    """The sums of an account's transfers in minor units: posted, and pending by open holds."""

    debits: int = 0
    credits: int = 0
    pending_debits: int = 0
    pending_credits: int = 0


NOTHING: Final = Sums()
"""The sums of an account that was never used."""


def measured(measure: Measure, sums: Sums, normal_side: Side, *, credit_line_minor: int = 0) -> int:
    """Return a measure of these sums in minor units, counted on the normal side of their account.

    Posted is the balance; pending is the amount reserved by open holds; available is the amount that may still be
    taken, credit line included.
    """
    debits, credits_, pending_debits, pending_credits = sums
    if normal_side == Side.CREDIT:
        posted, pending, line = credits_ - debits, pending_debits, credit_line_minor
    else:
        posted, pending, line = debits - credits_, pending_credits, 0
    if measure is Measure.POSTED:
        return posted
    return pending if measure is Measure.PENDING else posted - pending + line
