"""Refusals of vault tokens."""

from ledger.kernel.errors import Refusal


class TokenEnded(Refusal):
    """The token was erased, has expired, or its customer was forgotten: its value is destroyed."""

    code = "token_ended"
    is_lasting = True
