"""Refusals of personal data."""

from ledger.kernel.errors import Refusal


class LegalHoldStands(Refusal):
    """Someone was to be forgotten whom a legal hold keeps."""

    code = "legal_hold_stands"
