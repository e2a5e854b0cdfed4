"""The three-way tie-out of custodial money: the bank's balance, the ledger's cash, and the sum of its owners."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from ledger.exports.records import BankBalance
from ledger.kernel.money import Money
from pipelines.exports.deposits import LedgerSide
from pipelines.exports.findings import ExportCheck

BREAKS_SHOWN: Final = 5


def tie_out(
    balances: Sequence[BankBalance], sides: Mapping[tuple[str, str], LedgerSide], on: date
) -> tuple[ExportCheck, dict[str, str]]:
    """Compare the three sides for each partner and currency, and return the check and its figures as control totals.

    A break names the partner, the currency and the three amounts. A partner with money and without a bank balance of
    that date is a break: what the bank does not state is not tied out.
    """
    banked: dict[tuple[str, str], int] = {}
    for each in balances:
        about = (each.partner_ref, each.currency)
        banked[about] = banked.get(about, 0) + each.balance_minor
    breaks, totals = [], {}
    for about in sorted(sides.keys() | banked.keys()):
        side, bank = sides.get(about, LedgerSide(0, 0)), banked.get(about)
        if bank is None and side == LedgerSide(0, 0):
            continue
        amounts = [None if minor is None else Money(minor, about[1]).decimal for minor in (bank, *side)]
        for name, amount in zip(("bank", "ledger", "owners"), amounts, strict=True):
            totals[f"{name}_{about[0]}_{about[1]}"] = amount or "not stated"
        if not bank == side.cash_minor == side.owned_minor:
            stated = amounts[0] or f"not stated for {on}"
            breaks.append(f"{about[0]} {about[1]}: bank {stated}, ledger {amounts[1]}, owners {amounts[2]}")
    shown = "; ".join(breaks[:BREAKS_SHOWN]) + (
        f"; and {len(breaks) - BREAKS_SHOWN} more" * (len(breaks) > BREAKS_SHOWN)
    )
    return ExportCheck("three_way_tie_out", not breaks, shown or "bank, ledger and owners agree"), totals
