"""Customers: persons, as each partner knows them; what is personal of them stands as sealed text."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.events import journal
from ledger.events.tables import BOOKS
from ledger.kernel.errors import IdempotencyConflict, NotFound, SubjectForgotten
from ledger.kernel.ids import BookId, CustomerId, PartnerId, PersonId, public
from ledger.kernel.work import Reader, Work
from ledger.partners.tables import CUSTOMERS, FORGETTINGS
from ledger.records.partners import Customer


class SealedCustomer(NamedTuple):
    """A customer to be recorded with the person behind it; its id is that of the subject whose reference it is."""

    customer_id: CustomerId
    partner_id: PartnerId
    person_id: PersonId
    external_ref: str


def record_customers(work: Work, book_id: BookId, wanted: Sequence[SealedCustomer]) -> None:
    """Record the customers that the book does not have.

    Raises `IdempotencyConflict` for a known one with another person behind it, `SubjectForgotten` for one that was
    forgotten while it was being sealed.
    """
    batch = journal.open_batch(work, book_id)
    by_id = {each.customer_id: each for each in wanted}
    known = _persons(work.connection, book_id, list(by_id))
    fresh = [
        journal.draft(Customer, actor=work.actor, **each._asdict())
        for customer_id, each in by_id.items()
        if customer_id not in known
    ]
    for customer_id, person_id in known.items():
        if by_id[customer_id].person_id != person_id:
            named = public("customer", customer_id)
            raise IdempotencyConflict(f"this customer is registered as {named} with another person behind it")
    if known and _any_forgotten(work.connection, book_id, list(known)):
        raise SubjectForgotten("this customer was forgotten just now; send the same again to register it anew")
    if fresh:
        journal.seal(work, batch, fresh)


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


def partner_of_customer(scope: Reader | Work, book_id: BookId, customer_id: CustomerId) -> PartnerId:
    """The partner whose customer it is, in the caller's scope. Raises `NotFound`."""
    table = CUSTOMERS.c
    query = sa.select(table.partner_id).where(table.book_id == book_id, table.customer_id == customer_id)
    found: PartnerId | None = scope.connection.execute(query).scalar_one_or_none()
    if found is None or scope.partner_id not in (None, found):
        raise NotFound("there is no such customer")
    return found


def _persons(connection: sa.Connection, book_id: BookId, ids: list[CustomerId]) -> dict[CustomerId, PersonId]:
    found = connection.execute(_PERSONS, {"book": book_id, "ids": ids})
    return {row.customer_id: row.person_id for row in found}


def _any_forgotten(connection: sa.Connection, book_id: BookId, ids: list[CustomerId]) -> bool:
    return bool(connection.execute(_FORGOTTEN, {"book": book_id, "ids": ids}).scalar_one())


_BOOK: Final = sa.bindparam("book", type_=sa.Integer())
_IDS: Final = sa.bindparam("ids", type_=sa.ARRAY(CUSTOMERS.c.customer_id.type))
_PERSONS: Final = sa.select(CUSTOMERS.c.customer_id, CUSTOMERS.c.person_id).where(
    CUSTOMERS.c.book_id == _BOOK, CUSTOMERS.c.customer_id == sa.any_(_IDS)
)
_FORGOTTEN: Final = sa.select(
    sa.exists().where(FORGETTINGS.c.book_id == _BOOK, FORGETTINGS.c.subject_id == sa.any_(_IDS))
)
