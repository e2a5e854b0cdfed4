"""Particulars of customers (name, address, tax id): sealed when they are stated, opened for reports with a record."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.journal import journal
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.personal_data.records import CustomerParticulars, PersonalDataAccess, Subject
from ledger.personal_data.registration import partner_of_customer
from ledger.personal_data.subjects import checked_reason
from ledger.tenancy.records import CustomerId
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault

_PARTICULARS: Final = table(CustomerParticulars)
_COLUMN: Final = "customer_particulars.particulars"
_LENGTH_MAX: Final = 150
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_NAMES: Final = frozenset(
    {
        "kind", "last_name", "first_name", "middle_name", "name", "address", "city", "state", "postal_code",
        "country", "tax_id", "tax_id_kind", "birth_date", "phone", "email", "occupation", "ownership",
    }
)  # fmt: skip
_OF_PARTICIPANTS: Final = frozenset({"type", "first_name", "last_name", "tax_id", "amount"})
_PARTICIPANTS: Final = ("OC", "BEN", "EPP")
_PARTICIPANTS_MAX: Final = 1_000
_KINDS: Final = {"individual": ("last_name", "first_name"), "organisation": ("name",)}
_TAX_IDS: Final = ("SSN", "ITIN", "EIN", "foreign")

Particulars = Mapping[str, Any]
"""The particulars of a customer by name, as texts; those that are unknown are absent.

`participants` is a list of such objects: the other owners of joint deposits (`type` OC), the beneficiaries of a trust
(BEN), and the participants of an employee benefit plan (EPP) with their interests in it as decimal amounts.
"""


class SealedParticulars(NamedTuple):
    """The newest particulars of a customer at a position, as sealed text."""

    customer_id: CustomerId
    value: PersonalValue


def checked_particulars(stated: Mapping[str, object]) -> Particulars:
    """Return particulars as texts without blanks around them. Raises `InvalidInput`, which names the first fault.

    `kind` is individual (`last_name`, `first_name`) or organisation (`name`); a US tax id has nine digits; dates are
    `YYYY-MM-DD`; countries have two letters (ISO 3166). `ownership` is a right and capacity of 12 CFR 370, by default
    SGL of an individual and BUS of an organisation.
    """
    stated = dict(stated)
    participants = _checked_participants(stated.pop("participants", None) or [])
    found = _checked_texts(stated, _NAMES)
    needed = _KINDS.get(found.get("kind", ""))
    if needed is None:
        raise InvalidInput(f"kind is {found.get('kind', 'absent')!r}; write individual or organisation")
    if missing := [name for name in needed if name not in found]:
        raise InvalidInput(f"an {found['kind']} has {' and '.join(needed)}; {' and '.join(missing)} is missing")
    _require_forms(found)
    return {**found, "participants": participants} if participants else found


def state_particulars(
    work: Work, vault: Vault, book_id: BookId, stated: Sequence[tuple[CustomerId, Particulars]]
) -> int:
    """Seal and record the particulars of customers, and return the position of the last fact.

    Raises `NotFound` for a customer that is not there, and `SubjectForgotten`.
    """
    partners = [partner_of_customer(work, book_id, customer_id) for customer_id, _ in stated]
    values = [
        PersonalValue(partner_id, _COLUMN, json.dumps(said, sort_keys=True, ensure_ascii=False), SubjectId(customer_id))
        for partner_id, (customer_id, said) in zip(partners, stated, strict=True)
    ]
    texts = vault.seal(book_id, values)
    facts = [
        journal.draft(
            CustomerParticulars, partner_id=partner_id, customer_id=customer_id, particulars=text, actor=work.actor
        )
        for partner_id, (customer_id, _), text in zip(partners, stated, texts, strict=True)
    ]
    return journal.seal(work, journal.open_batch(work, book_id), facts).last_seq


def sealed_particulars(
    scope: Reader | Work, book_id: BookId, *, as_of_seq: int, customer_ids: Collection[CustomerId] | None = None
) -> list[SealedParticulars]:
    """Return the newest particulars of customers at a position; of all customers if none are named."""
    stored = _PARTICULARS.c
    query = _PARTICULARS.select().ext(distinct_on(stored.customer_id))
    query = query.where(stored.book_id == book_id, stored.seq <= as_of_seq)
    if customer_ids is not None:
        query = query.where(stored.customer_id == sa.any_(sa.literal(list(customer_ids), _IDS)))
    rows = scope.connection.execute(query.order_by(stored.customer_id, stored.seq.desc()))
    return [SealedParticulars(row.customer_id, _value(row)) for row in rows]


def record_openings(work: Work, book_id: BookId, sealed: Sequence[SealedParticulars], *, reason: str) -> int:
    """Record an access to the particulars of each customer, and return the last position; open them once committed."""
    reason = checked_reason(reason, what="read personal data")
    said = {"subject": Subject.CUSTOMER, "fields": "particulars", "actor": work.actor, "reason": reason}
    facts = [
        journal.draft(PersonalDataAccess, partner_id=each.value.partner_id, subject_id=each.customer_id, **said)
        for each in sealed
    ]
    return journal.seal(work, journal.open_batch(work, book_id), facts).last_seq


def opened_particulars(
    vault: Vault, book_id: BookId, sealed: Sequence[SealedParticulars]
) -> dict[CustomerId, Particulars]:
    """Open particulars whose access is recorded; those of forgotten customers are absent."""
    texts = vault.open_sealed(book_id, [each.value for each in sealed])
    return {each.customer_id: json.loads(text) for each, text in zip(sealed, texts, strict=True) if text is not None}


def _checked_texts(stated: Mapping[str, object], names: Collection[str]) -> dict[str, str]:
    found = {name: str(value).strip() for name, value in stated.items() if str(value or "").strip()}
    if unknown := sorted(set(found) - set(names)):
        raise InvalidInput(f"there are no particulars {', '.join(unknown)}; there are: {', '.join(sorted(names))}")
    for name, text in found.items():
        if len(text) > _LENGTH_MAX or _CONTROL.search(text):
            raise InvalidInput(f"{name} has control characters or more than {_LENGTH_MAX} characters; shorten it")
    return found


def _checked_participants(stated: object) -> list[dict[str, str]]:
    if not isinstance(stated, list) or len(stated) > _PARTICIPANTS_MAX:
        raise InvalidInput(f"participants is a list of at most {_PARTICIPANTS_MAX} objects")
    found = [_checked_texts(each if isinstance(each, dict) else {}, _OF_PARTICIPANTS) for each in stated]
    for each in found:
        if each.get("type") not in _PARTICIPANTS or not {"first_name", "last_name"} <= each.keys():
            raise InvalidInput(f"a participant has first_name, last_name and a type: {', '.join(_PARTICIPANTS)}")
    return found


def _require_forms(found: Particulars) -> None:
    kind = found.get("tax_id_kind")
    if ("tax_id" in found) != (kind is not None) or kind not in (None, *_TAX_IDS):
        raise InvalidInput(f"a tax_id comes with its tax_id_kind: {', '.join(_TAX_IDS)}")
    if kind not in (None, "foreign") and re.fullmatch("[0-9]{9}", found["tax_id"]) is None:
        raise InvalidInput("a US tax_id has nine digits without dashes")
    if "country" in found and re.fullmatch("[A-Z]{2}", found["country"]) is None:
        raise InvalidInput("country is a code of two letters, such as US")
    try:
        date.fromisoformat(found.get("birth_date", "2000-01-01"))
    except ValueError:
        raise InvalidInput("birth_date is a date, such as 1980-02-29") from None


def _value(row: sa.Row[tuple[object, ...]]) -> PersonalValue:
    return PersonalValue(row.partner_id, _COLUMN, row.particulars, SubjectId(row.customer_id))


_IDS: Final = sa.ARRAY(_PARTICULARS.c.customer_id.type)
