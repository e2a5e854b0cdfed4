"""Reading what is personal of a customer: the one way to it, which records who read, and why."""

from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.events import journal
from ledger.flows.readings import Shown, record_reading
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId, CustomerId
from ledger.kernel.record import columns
from ledger.kernel.work import Work
from ledger.partners.tables import CUSTOMERS
from ledger.records.partners import Customer
from ledger.records.readings import Subject

_PERSONAL: Final = tuple(column.name for column in columns(Customer) if column.col.pii)


class CustomerReading(NamedTuple):
    """A customer with what is personal of it, and the position at which its reading is recorded."""

    customer: Customer
    seq: int


def read_customer(work: Work, book_id: BookId, customer_id: CustomerId, *, reason: str) -> CustomerReading:
    """A customer whom the unit of work may see. The reading is recorded with its actor and reason, or nothing is read.

    Raises `InvalidInput` without a reason, `NotFound` for a customer that there is not, or of another partner.
    """
    batch = journal.open_batch(work, book_id)
    customer = _customer(work, book_id, customer_id)
    shown = Shown(customer.partner_id, Subject.CUSTOMER, customer_id, _PERSONAL)
    return CustomerReading(customer, record_reading(work, batch, shown, reason=reason))


def _customer(work: Work, book_id: BookId, customer_id: CustomerId) -> Customer:
    query = sa.select(CUSTOMERS).where(CUSTOMERS.c.book_id == book_id, CUSTOMERS.c.customer_id == customer_id)
    if work.partner_id is not None:
        query = query.where(CUSTOMERS.c.partner_id == work.partner_id)
    row = work.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such customer")
    return Customer(**row._asdict())
