"""Records of closed periods."""

from datetime import date
from typing import Annotated

from ledger.kernel.constraints import Refers
from ledger.kernel.record import Col, Fact, record


@record
class PeriodClosing(Fact):
    """The closing of all accounting dates up to a day: nothing can be posted into them any more."""

    TABLE = "period_closings"
    CONSTRAINTS = (Refers(("book_id",), "books"),)
    closed_until_on: Annotated[date, Col("The last day of the closed period.")]
    accounts: Annotated[int, Col("The number of accounts with anything booked by then.")]
    seal: Annotated[bytes, Col("SHA-256 over the trial balance of every account by that day, as the guide states it.")]
    actor: Annotated[str, Col("The actor that closed it.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]
