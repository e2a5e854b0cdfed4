"""Refusals of the vault."""

from ledger.kernel.errors import Refusal


class SubjectForgotten(Refusal):
    """Personal values cannot be stored for a forgotten subject; a returning person is registered anew."""

    code = "subject_forgotten"
