"""The life cycle of a legal hold."""

from typing import Final

from ledger.kernel.lifecycle import LifeCycle, Transition
from ledger.personal_data.records import LegalHold, LegalHoldState

LEGAL_HOLD_LIFE: Final = LifeCycle(
    noun="legal hold",
    record=LegalHold,
    identity="subject_id",
    state_of=lambda fact: LegalHoldState.PLACED if fact.is_standing else LegalHoldState.LIFTED,
    transitions=(
        Transition(None, LegalHoldState.PLACED, "place"),
        Transition(LegalHoldState.PLACED, LegalHoldState.LIFTED, "lift"),
        Transition(LegalHoldState.LIFTED, LegalHoldState.PLACED, "place"),
    ),
)
"""A subject has at most one legal hold, which can be placed again after it was lifted."""
