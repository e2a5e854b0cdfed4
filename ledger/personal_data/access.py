"""Records accesses to personal data, and opens the personal values in a proved fact."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ledger.book.records.accounts import Account
from ledger.book.records.transfers import Transfer
from ledger.journal import journal
from ledger.journal.proofs import Proof
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Column, Record, columns
from ledger.kernel.sql import table
from ledger.kernel.tuples import values
from ledger.kernel.work import Work
from ledger.personal_data.account_references import reference_value
from ledger.personal_data.records import PersonalDataAccess, Subject
from ledger.personal_data.subjects import checked_reason
from ledger.tenancy.records import Customer, Partner
from ledger.vault.sealing import PersonalValue, subject_of
from ledger.vault.vault import Vault
from ledger.vault_tokens.records import VaultToken

_PARTNERS: Final = table(Partner)

SUBJECTS: Final[dict[type[Record], Subject]] = {
    Customer: Subject.CUSTOMER,
    Account: Subject.ACCOUNT,
    Transfer: Subject.TRANSFER,
    VaultToken: Subject.VAULT_TOKEN,
}
"""The records with personal data, and the name of their subject in an access fact."""


class Shown(NamedTuple):
    """The data of an access: the subject, its personal fields, and the partner that it belongs to."""

    partner_id: PartnerId
    subject: Subject
    subject_id: UUID
    fields: Sequence[str]


def record_reading(work: Work, batch: journal.OpenBatch, shown: Shown, *, reason: str) -> int:
    """Append the access fact, and return its position. Raises `InvalidInput` without a reason."""
    reason = checked_reason(reason, what="read personal data")
    fields = " ".join(shown.fields)
    named = shown._replace(fields=fields)._asdict()
    fact = journal.draft(PersonalDataAccess, **named, actor=work.actor, reason=reason)
    return journal.seal(work, batch, [fact]).last_seq


def open_proof(work: Work, vault: Vault, proof: Proof, *, reason: str) -> dict[str, str | None]:
    """Open the personal values of a proved fact, by column; None for those that were forgotten.

    Sealed values that are no person's, such as the secret of an endpoint, stay sealed.

    The access is recorded with its reason; the values may be shown only after this is committed. A fact without
    personal values returns nothing, and records nothing.
    """
    row = dict(zip((column.name for column in columns(proof.record)), values(proof.record, proof.proved), strict=False))
    sealed = {column.name: str(row[column.name]) for column in columns(proof.record) if _is_there(column, row)}
    if not sealed or proof.record not in SUBJECTS:
        return {}
    subject, book_id = SUBJECTS[proof.record], proof.links[0].book_id
    batch = journal.open_batch(work, book_id)
    partner_id = _PARTNER_OF[subject](work, book_id, row)
    record_reading(work, batch, Shown(partner_id, subject, _uuid(row[_ID_OF[subject]]), list(sealed)), reason=reason)
    wanted = [_value(proof.record, partner_id, name, text) for name, text in sealed.items()]
    return dict(zip(sealed, vault.open_sealed(book_id, wanted), strict=True))


def _is_there(column: Column, row: dict[str, object]) -> bool:
    """Return whether a row has a personal value in a column; clear text of earlier versions does not count."""
    text = row.get(column.name)
    return text is not None and (
        column.col.pii or (column.col.pii_where is not None and subject_of(str(text)) is not None)
    )


def _value(record: type[Record], partner_id: PartnerId, name: str, text: str) -> PersonalValue:
    return reference_value(text) if record is Account else PersonalValue(partner_id, f"{record.TABLE}.{name}", text)


def _of_its_own(_work: Work, _book_id: BookId, row: dict[str, object]) -> PartnerId:
    return PartnerId(_uuid(row["partner_id"]))


def _of_transfer(work: Work, book_id: BookId, row: dict[str, object]) -> PartnerId:
    """Return the partner with the number in a transfer."""
    partners = _PARTNERS.c
    query = sa.select(partners.partner_id).where(partners.book_id == book_id, partners.partner_no == row["partner_no"])
    return PartnerId(work.connection.execute(query).scalar_one())


def _uuid(value: object) -> UUID:
    assert isinstance(value, UUID), "an id of the row"
    return value


_PARTNER_OF: Final[dict[Subject, Callable[[Work, BookId, dict[str, object]], PartnerId]]] = {
    Subject.CUSTOMER: _of_its_own,
    Subject.ACCOUNT: _of_its_own,
    Subject.TRANSFER: _of_transfer,
    Subject.VAULT_TOKEN: _of_its_own,
}
_ID_OF: Final = {subject: f"{subject}_id" for subject in _PARTNER_OF} | {Subject.VAULT_TOKEN: "token_id"}
