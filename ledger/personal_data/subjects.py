"""Subjects as commands name them: a customer by id, or a counterparty by value; and the reasons stored with facts."""

from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.personal_data.lifecycles import LEGAL_HOLD_LIFE
from ledger.personal_data.records import Erasure, LegalHoldState, SubjectKind
from ledger.personal_data.registration import partner_of_customer
from ledger.tenancy.records import Customer, CustomerId
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault

_CUSTOMERS: Final = table(Customer)
_ERASURES: Final = table(Erasure)

COUNTERPARTY: Final = "transfers.counterparty"
"""The personal column of a transfer, which its sealed text is bound to."""

REASON_MAX: Final = 500
"""Maximum length of a reason, in characters."""


class NamedSubject(NamedTuple):
    """A subject of a partner in a book; `counterparty` is its sealed text if it was named by that value."""

    book_id: BookId
    partner_id: PartnerId
    subject_id: SubjectId
    kind: SubjectKind
    counterparty: str | None = None


def customer_subject(scope: Reader | Work, book_id: BookId, customer_id: CustomerId) -> NamedSubject:
    """Return the subject of a customer. Raises `NotFound`, also for a customer of another partner."""
    partner_id = partner_of_customer(scope, book_id, customer_id)
    return NamedSubject(book_id, partner_id, SubjectId(customer_id), SubjectKind.CUSTOMER)


def counterparty_subject(
    scope: Reader | Work, vault: Vault, book_id: BookId, *, partner_id: PartnerId, text: str
) -> NamedSubject:
    """Return the subject of a partner's counterparty, or the customer if it is a customer of its own.

    Raises `NotFound` if nobody has this value, or it was forgotten.
    """
    value = PersonalValue(partner_id, COUNTERPARTY, text)
    subject_id = vault.subject_of(book_id, value)
    if subject_id is None:
        raise NotFound("this partner has no such counterparty, or it was forgotten")
    customers = _CUSTOMERS.c
    is_customer = sa.exists().where(customers.book_id == book_id, customers.customer_id == subject_id)
    kind = SubjectKind.CUSTOMER if scope.connection.scalar(sa.select(is_customer)) else SubjectKind.COUNTERPARTY
    return NamedSubject(book_id, partner_id, subject_id, kind, vault.find(book_id, value))


def forgotten_at(scope: Reader | Work, book_id: BookId, subject_id: SubjectId) -> int | None:
    """Return the position at which a subject was forgotten, or None."""
    forgettings = _ERASURES.c
    query = sa.select(forgettings.seq).where(forgettings.book_id == book_id, forgettings.subject_id == subject_id)
    found: int | None = scope.connection.execute(query.order_by(forgettings.seq).limit(1)).scalar_one_or_none()
    return found


def is_held(scope: Reader | Work, book_id: BookId, subject_id: SubjectId) -> bool:
    """Return whether a subject is under a legal hold."""
    return LEGAL_HOLD_LIFE.state(LEGAL_HOLD_LIFE.newest(scope, book_id, subject_id)) is LegalHoldState.PLACED


def checked_reason(reason: str, *, what: str) -> str:
    """Return the reason in one line. Raises `InvalidInput` without one."""
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= REASON_MAX:
        raise InvalidInput(f"say why you {what}, in 1 to {REASON_MAX} characters that name no person")
    return reason
