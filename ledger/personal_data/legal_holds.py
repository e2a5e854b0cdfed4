"""Legal holds: placing one keeps what is personal of a subject from being forgotten, until it is lifted."""

from ledger.journal import journal
from ledger.kernel.errors import InvalidInput
from ledger.kernel.work import Work
from ledger.personal_data.records import LegalHold
from ledger.personal_data.subjects import NamedSubject, checked_reason, forgotten_at, is_held
from ledger.vault.errors import SubjectForgotten


def place_legal_hold(work: Work, subject: NamedSubject, *, reason: str) -> int:
    """Keep a subject; the position of the fact. Raises `SubjectForgotten`, and `InvalidInput` where one stands."""
    batch = journal.open_batch(work, subject.book_id)
    if forgotten_at(work, subject.book_id, subject.subject_id) is not None:
        raise SubjectForgotten("it was forgotten before: nothing is left that a legal hold could keep")
    if is_held(work, subject.book_id, subject.subject_id):
        raise InvalidInput("a legal hold stands already; lift it first to place it for another reason")
    return _recorded(work, batch, subject, is_standing=True, reason=reason)


def lift_legal_hold(work: Work, subject: NamedSubject, *, reason: str) -> int:
    """End the legal hold of a subject; the position of the fact. Raises `InvalidInput` where none stands."""
    batch = journal.open_batch(work, subject.book_id)
    if not is_held(work, subject.book_id, subject.subject_id):
        raise InvalidInput("no legal hold stands: there is nothing to lift")
    return _recorded(work, batch, subject, is_standing=False, reason=reason)


def _recorded(work: Work, batch: journal.OpenBatch, subject: NamedSubject, *, is_standing: bool, reason: str) -> int:
    fact = journal.draft(
        LegalHold,
        partner_id=subject.partner_id,
        subject_id=subject.subject_id,
        kind=subject.kind,
        is_standing=is_standing,
        actor=work.actor,
        reason=checked_reason(reason, what="place or lift a legal hold"),
    )
    return journal.seal(work, batch, [fact]).last_seq
