"""Recording that somebody was shown personal data: of a customer, or in the proof of a fact."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ledger.events import journal
from ledger.events.proofs import Proof
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Record, columns
from ledger.kernel.tuples import values
from ledger.kernel.work import Work
from ledger.partners.tables import PARTNERS
from ledger.records.partners import Customer
from ledger.records.readings import PersonalReading, Subject
from ledger.records.transfers import Transfer

REASON_MAX: Final = 500
"""Characters of a reason."""

SUBJECTS: Final[dict[type[Record], Subject]] = {Customer: Subject.CUSTOMER, Transfer: Subject.TRANSFER}
"""Every fact that holds personal data, and what a reading calls it."""


class Shown(NamedTuple):
    """What somebody is shown: whose personal data, which of them, and the partner that they belong to."""

    partner_id: PartnerId
    subject: Subject
    subject_id: UUID
    fields: Sequence[str]


def record_reading(work: Work, batch: journal.OpenBatch, shown: Shown, *, reason: str) -> int:
    """Append the reading; the position of its fact. Raises `InvalidInput` without a reason."""
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= REASON_MAX:
        raise InvalidInput(f"say why you read personal data, in 1 to {REASON_MAX} characters that name no person")
    fields = " ".join(shown.fields)
    named = shown._replace(fields=fields)._asdict()
    fact = journal.draft(PersonalReading, **named, actor=work.actor, reason=reason)
    return journal.seal(work, batch, [fact]).last_seq


def show_proof(work: Work, proof: Proof, *, reason: str) -> None:
    """Record that a proof is shown, where its fact holds personal data; it may be shown once this is committed.

    Raises `InvalidInput` where it does and there is no reason.
    """
    row = dict(zip((column.name for column in columns(proof.record)), values(proof.record, proof.proved), strict=False))
    fields = [column.name for column in columns(proof.record) if column.col.pii and row.get(column.name) is not None]
    if fields:
        subject = SUBJECTS[proof.record]
        book_id = proof.links[0].book_id
        batch = journal.open_batch(work, book_id)
        shown = Shown(_PARTNER_OF[subject](work, book_id, row), subject, _uuid(row[f"{subject}_id"]), fields)
        record_reading(work, batch, shown, reason=reason)


def _of_customer(_work: Work, _book_id: BookId, row: dict[str, object]) -> PartnerId:
    return PartnerId(_uuid(row["partner_id"]))


def _of_transfer(work: Work, book_id: BookId, row: dict[str, object]) -> PartnerId:
    """The partner behind the number that a transfer has of it."""
    table = PARTNERS.c
    query = sa.select(table.partner_id).where(table.book_id == book_id, table.partner_no == row["partner_no"])
    return PartnerId(work.connection.execute(query).scalar_one())


def _uuid(value: object) -> UUID:
    assert isinstance(value, UUID), "an id of the row"
    return value


_PARTNER_OF: Final[dict[Subject, Callable[[Work, BookId, dict[str, object]], PartnerId]]] = {
    Subject.CUSTOMER: _of_customer,
    Subject.TRANSFER: _of_transfer,
}
