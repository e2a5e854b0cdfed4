"""Refusals of the book."""

from ledger.kernel.errors import InvalidInput, Refusal


class InvalidRate(InvalidInput):
    """A rate that is not an exact decimal or fraction above zero."""

    code = "invalid_rate"


class FrozenByOperator(Refusal):
    """The operator froze the account, so only the operator may unfreeze it."""

    code = "frozen_by_operator"
    is_lasting = True


class TransferRefused(Refusal):
    """The judge refused a transfer; `result` is its result code."""

    code = "transfer_refused"

    def __init__(self, message: str, *, result: str, index: int = 0) -> None:
        """Set `index` to the position of the refused order in the request, from zero."""
        super().__init__(message)
        self.result = result
        self.index = index
