"""Customers with their personal values: registering seals them; the only way to read them records actor and reason."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.record import columns
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.personal_data.access import Shown, record_reading
from ledger.personal_data.records import Subject
from ledger.personal_data.registration import SealedCustomer, record_customers
from ledger.tenancy.records import Customer, CustomerId, PersonId
from ledger.vault.sealing import PersonalValue, subject_of
from ledger.vault.vault import Vault

_CUSTOMERS: Final = table(Customer)

CUSTOMER_REF: Final = "customers.external_ref"
"""The personal column of a customer, which its sealed text is bound to."""

CustomerKey = tuple[PartnerId, str]
"""A customer as its partner names it: the partner and the partner's own reference."""

_AT_ONCE: Final = 1_000
_PERSONAL: Final = tuple(column.name for column in columns(Customer) if column.col.pii)


class CustomerOrder(NamedTuple):
    """An order to register a customer with its person; None: a person whom no other partner shares.

    `earlier_person_id` is the id that earlier versions gave the person, kept in a book that already has it.
    """

    partner_id: PartnerId
    person_id: PersonId | None
    external_ref: str
    earlier_person_id: PersonId | None = None


class CustomerReading(NamedTuple):
    """A customer, its clear reference (None: it was forgotten), and the position of the access fact."""

    customer: Customer
    reference: str | None
    seq: int


def register_customers(
    work: Work, vault: Vault, book_id: BookId, orders: Sequence[CustomerOrder]
) -> dict[CustomerKey, CustomerId]:
    """Register the customers that the book does not have, and return all ids by partner and reference.

    New subjects are durable at once, and unused if the unit of work fails. Raises `IdempotencyConflict` if a known
    reference has another person.
    """
    texts = vault.seal(book_id, [PersonalValue(each.partner_id, CUSTOMER_REF, each.external_ref) for each in orders])
    ids: dict[CustomerKey, CustomerId] = {}
    wanted = []
    for order, text in zip(orders, texts, strict=True):
        subject_id = subject_of(text)
        assert subject_id is not None, "what the vault seals has a subject"
        customer_id = ids[order.partner_id, order.external_ref] = CustomerId(subject_id)
        person_id = order.person_id or PersonId(derived_id("person", customer_id))
        wanted.append(SealedCustomer(customer_id, order.partner_id, person_id, text, order.earlier_person_id))
    record_customers(work, book_id, wanted)
    return ids


def read_customer(
    work: Work, vault: Vault, book_id: BookId, customer_id: CustomerId, *, reason: str
) -> CustomerReading:
    """Return a customer in scope. The access is recorded with its actor and reason, or nothing is read.

    Raises `InvalidInput` without a reason, `NotFound` if there is no such customer, or it is another partner's.
    """
    batch = journal.open_batch(work, book_id)
    customer = _customer(work, book_id, customer_id)
    (reference,) = vault.open_sealed(book_id, [PersonalValue(customer.partner_id, CUSTOMER_REF, customer.external_ref)])
    shown = Shown(customer.partner_id, Subject.CUSTOMER, customer_id, _PERSONAL)
    return CustomerReading(customer, reference, record_reading(work, batch, shown, reason=reason))


def sealed_references(reader: Reader, book_id: BookId) -> Iterator[Sequence[PersonalValue]]:
    """Yield the stored sealed text of every customer, in batches."""
    query = sa.select(_CUSTOMERS.c.partner_id, _CUSTOMERS.c.external_ref).where(_CUSTOMERS.c.book_id == book_id)
    with reader.connection.execute(query, execution_options={"yield_per": _AT_ONCE}) as rows:
        for some in rows.partitions():
            yield [PersonalValue(row.partner_id, CUSTOMER_REF, row.external_ref) for row in some]


def _customer(work: Work, book_id: BookId, customer_id: CustomerId) -> Customer:
    query = sa.select(_CUSTOMERS).where(_CUSTOMERS.c.book_id == book_id, _CUSTOMERS.c.customer_id == customer_id)
    if work.partner_id is not None:
        query = query.where(_CUSTOMERS.c.partner_id == work.partner_id)
    row = work.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such customer")
    return Customer(**row._asdict())
