"""Legal holds: placing one prevents a subject from being forgotten, until it is lifted."""

from ledger.journal import journal
from ledger.kernel.work import Work
from ledger.personal_data.lifecycles import LEGAL_HOLD_LIFE
from ledger.personal_data.records import LegalHold, LegalHoldState
from ledger.personal_data.subjects import NamedSubject, checked_reason, forgotten_at
from ledger.vault.errors import SubjectForgotten


def place_legal_hold(work: Work, subject: NamedSubject, *, reason: str) -> int:
    """Place a legal hold, and return its position.

    Raises `SubjectForgotten`, `IllegalTransition` if one is in force.
    """
    batch = journal.open_batch(work, subject.book_id)
    if forgotten_at(work, subject.book_id, subject.subject_id) is not None:
        raise SubjectForgotten("it was forgotten before: there is nothing left to keep")
    return _recorded(work, batch, subject, "place", reason=reason)


def lift_legal_hold(work: Work, subject: NamedSubject, *, reason: str) -> int:
    """Lift a subject's legal hold, and return the position. Raises `IllegalTransition` if none is in force."""
    batch = journal.open_batch(work, subject.book_id)
    return _recorded(work, batch, subject, "lift", reason=reason)


def _recorded(work: Work, batch: journal.OpenBatch, subject: NamedSubject, verb: str, *, reason: str) -> int:
    newest = LEGAL_HOLD_LIFE.newest(work, subject.book_id, subject.subject_id)
    fact = journal.draft(
        LegalHold,
        partner_id=subject.partner_id,
        subject_id=subject.subject_id,
        kind=subject.kind,
        is_standing=LEGAL_HOLD_LIFE.after(newest, verb) is LegalHoldState.PLACED,
        actor=work.actor,
        reason=checked_reason(reason, what="place or lift a legal hold"),
    )
    return journal.seal(work, batch, [fact]).last_seq
