"""Refusals of insights: the budget is spent, or the period was released before."""

from ledger.kernel.errors import Refusal


class BudgetExhausted(Refusal):
    """A release would spend more privacy than the yearly budget of a person has left."""

    code = "budget_exhausted"


class AlreadyReleased(Refusal):
    """This metric was released for this period before; the released cells are final."""

    code = "already_released"
