"""Refusals of personal data."""

from ledger.kernel.errors import Refusal


class LegalHoldStands(Refusal):
    """A legal hold keeps the subject from being forgotten."""

    code = "legal_hold_stands"
