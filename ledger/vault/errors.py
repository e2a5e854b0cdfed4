"""Refusals of the vault."""

from ledger.kernel.errors import Refusal


class SubjectForgotten(Refusal):
    """Personal values were to be kept of someone who was forgotten; whoever comes back is registered anew."""

    code = "subject_forgotten"
