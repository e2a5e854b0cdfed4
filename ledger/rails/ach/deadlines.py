"""Deadlines of answers: the last day for a return, a dishonored or contested one, and a refused change."""

from datetime import date, timedelta
from typing import Final

from ledger.kernel.business_days import Market, business_day_after
from ledger.rails.ach.change_codes import REFUSAL_WINDOW_DAYS
from ledger.rails.ach.return_codes import ReturnCode, ReturnWindow

_BANKING_DAYS: Final = {
    ReturnWindow.TWO_BANKING_DAYS: 2,
    ReturnWindow.FIVE_BANKING_DAYS: 5,
    ReturnWindow.CONTEST: 2,
}
_EXTENDED: Final = 60

CHANGE_NOTICE_DAYS: Final = 2
"""Banking days after settlement in which a notification of change is sent (Nacha Operating Rules, Section 3.9)."""

CHANGE_APPLIED_DAYS: Final = 6
"""Banking days after its receipt in which the originator applies a change, or before its next entry if that is later
(Nacha Operating Rules, Subsection 2.12.1)."""


def return_due(code: ReturnCode, settled_on: date) -> date | None:
    """Return the banking day by whose opening an answer must be available to the other bank.

    `settled_on` is the settlement date of what is answered: of the entry for a return, of the return for a dishonored
    one, of the dishonored one for a contested one. 60 days are calendar days, and the banking day behind them is
    meant. None where the two banks agree on the time.
    """
    if code.window is ReturnWindow.BY_AGREEMENT:
        return None
    if code.window is ReturnWindow.SIXTY_DAYS:
        return business_day_after(Market.FEDERAL_RESERVE, settled_on + timedelta(days=_EXTENDED), 1)
    return business_day_after(Market.FEDERAL_RESERVE, settled_on, _BANKING_DAYS[code.window])


def refusal_due(settled_on: date) -> date:
    """Return the last day on which a notification of change of that settlement date may be refused."""
    return settled_on + timedelta(days=REFUSAL_WINDOW_DAYS)
