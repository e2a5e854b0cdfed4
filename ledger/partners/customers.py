"""Customers: persons, as each partner knows them."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from ledger.events import journal
from ledger.events.tables import BOOKS
from ledger.kernel.errors import IdempotencyConflict, NotFound
from ledger.kernel.ids import BookId, CustomerId, PartnerId, PersonId, derived_id
from ledger.kernel.work import Work
from ledger.partners.tables import CUSTOMERS
from ledger.records.partners import Customer

CustomerKey = tuple[PartnerId, str]
"""A customer as its partner names it: the partner and the partner's own reference."""


class CustomerOrder(NamedTuple):
    """A customer to be registered with the person behind it."""

    partner_id: PartnerId
    person_id: PersonId
    external_ref: str


def register_customers(work: Work, book_id: BookId, orders: Sequence[CustomerOrder]) -> dict[CustomerKey, CustomerId]:
    """Register the customers that the book does not have; the id of each by partner and reference.

    A known reference with another person behind it raises `IdempotencyConflict`.
    """
    wanted = {(order.partner_id, order.external_ref): order for order in orders}
    batch = journal.open_batch(work, book_id)
    ids = {key: CustomerId(derived_id(book_id, key[0], "customer", key[1])) for key in wanted}
    known = _persons(work.connection, book_id, list(ids.values()))
    fresh = []
    for key, order in wanted.items():
        person_id = known.get(ids[key])
        if person_id is None:
            fresh.append(
                journal.draft(
                    Customer,
                    customer_id=ids[key],
                    partner_id=order.partner_id,
                    person_id=order.person_id,
                    external_ref=order.external_ref,
                    actor=work.actor,
                )
            )
        elif person_id != order.person_id:
            raise IdempotencyConflict(f"customer {order.external_ref!r} is registered with another person behind it")
    if fresh:
        journal.seal(work, batch, fresh)
    return ids


def book_of_customer(connection: sa.Connection, customer_id: CustomerId) -> BookId:
    """The book that has the customer. Raises `NotFound`."""
    table = CUSTOMERS.c
    query = sa.select(BOOKS.c.book_id).where(
        sa.exists().where(table.book_id == BOOKS.c.book_id, table.customer_id == customer_id)
    )
    book_id: BookId | None = connection.execute(query).scalar_one_or_none()
    if book_id is None:
        raise NotFound("there is no such customer")
    return book_id


def _persons(connection: sa.Connection, book_id: BookId, ids: list[CustomerId]) -> dict[CustomerId, PersonId]:
    table = CUSTOMERS.c
    query = sa.select(table.customer_id, table.person_id).where(
        table.book_id == book_id, table.customer_id == sa.any_(sa.literal(ids, sa.ARRAY(table.customer_id.type)))
    )
    return {row.customer_id: row.person_id for row in connection.execute(query)}
