"""Customers: persons, as each partner knows them; their personal values are stored as sealed text."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.errors import IdempotencyConflict, NotFound
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.personal_data.records import Erasure
from ledger.public_ids import public
from ledger.tenancy.records import Book, Customer, CustomerId, PersonId
from ledger.vault.errors import SubjectForgotten

_BOOKS: Final = table(Book)
_CUSTOMERS: Final = table(Customer)
_ERASURES: Final = table(Erasure)


class SealedCustomer(NamedTuple):
    """A customer to be recorded with its person; its id is that of the subject whose reference it has.

    A person whom the book knows by `earlier_person_id` keeps that id.
    """

    customer_id: CustomerId
    partner_id: PartnerId
    person_id: PersonId
    external_ref: str
    earlier_person_id: PersonId | None = None


class PersonsNamed(NamedTuple):
    """The number of customers, and of those that are a person of their own: registered without a personRef."""

    customers: int
    without_person_ref: int

    @property
    def share(self) -> str:
        """The share of customers without a personRef, as text."""
        percent = -(-100 * self.without_person_ref // (self.customers or 1))
        return f"{self.without_person_ref} of {self.customers} customers without a personRef ({percent} %)"


def record_customers(work: Work, book_id: BookId, wanted: Sequence[SealedCustomer]) -> None:
    """Record the customers that the book does not have.

    Raises `IdempotencyConflict` if a known one has another person, `SubjectForgotten` if one was forgotten while it was
    being sealed.
    """
    batch = journal.open_batch(work, book_id)
    by_id = {each.customer_id: each for each in wanted}
    known = _persons(work.connection, book_id, list(by_id))
    unknown = [each for customer_id, each in by_id.items() if customer_id not in known]
    earlier = _standing(work.connection, book_id, {each.earlier_person_id for each in unknown} - {None})
    fresh = [
        journal.draft(
            Customer,
            customer_id=each.customer_id,
            partner_id=each.partner_id,
            person_id=each.earlier_person_id if each.earlier_person_id in earlier else each.person_id,
            external_ref=each.external_ref,
            actor=work.actor,
        )
        for each in unknown
    ]
    for customer_id, person_id in known.items():
        if person_id not in (by_id[customer_id].person_id, by_id[customer_id].earlier_person_id):
            named = public("customer", customer_id)
            raise IdempotencyConflict(f"this customer is registered as {named} with another person")
    if known and _any_forgotten(work.connection, book_id, list(known)):
        raise SubjectForgotten("this customer was forgotten just now; send the same again to register it anew")
    if fresh:
        journal.seal(work, batch, fresh)


def book_of_customer(connection: sa.Connection, customer_id: CustomerId) -> BookId:
    """Return the book that has the customer. Raises `NotFound`."""
    customers = _CUSTOMERS.c
    query = sa.select(_BOOKS.c.book_id).where(
        sa.exists().where(customers.book_id == _BOOKS.c.book_id, customers.customer_id == customer_id)
    )
    book_id: BookId | None = connection.execute(query).scalar_one_or_none()
    if book_id is None:
        raise NotFound("there is no such customer")
    return book_id


def partner_of_customer(scope: Reader | Work, book_id: BookId, customer_id: CustomerId) -> PartnerId:
    """Return the partner of a customer, in the caller's scope. Raises `NotFound`."""
    customers = _CUSTOMERS.c
    query = sa.select(customers.partner_id).where(customers.book_id == book_id, customers.customer_id == customer_id)
    found: PartnerId | None = scope.connection.execute(query).scalar_one_or_none()
    if found is None or scope.partner_id not in (None, found):
        raise NotFound("there is no such customer")
    return found


def persons_named(scope: Reader | Work, book_id: BookId) -> PersonsNamed:
    """Count the customers in scope, and those without a reference of a person that partners share."""
    customers = _CUSTOMERS.c
    is_unnamed = sa.func.uuid_send(customers.person_id) == _own_person(customers.customer_id)
    query = sa.select(sa.func.count(), sa.func.count().filter(is_unnamed)).where(customers.book_id == book_id)
    if scope.partner_id is not None:
        query = query.where(customers.partner_id == scope.partner_id)
    return PersonsNamed(*scope.connection.execute(query).one())


def _persons(connection: sa.Connection, book_id: BookId, ids: list[CustomerId]) -> dict[CustomerId, PersonId]:
    found = connection.execute(_PERSONS, {"book": book_id, "ids": ids})
    return {row.customer_id: row.person_id for row in found}


def _standing(connection: sa.Connection, book_id: BookId, ids: Collection[PersonId | None]) -> set[PersonId]:
    """Return those of the persons that the book has."""
    if not ids:
        return set()
    customers = _CUSTOMERS.c
    wanted = sa.literal(list(ids), sa.ARRAY(customers.person_id.type))
    query = sa.select(customers.person_id).where(customers.book_id == book_id, customers.person_id == sa.any_(wanted))
    return set(connection.execute(query).scalars())


def _any_forgotten(connection: sa.Connection, book_id: BookId, ids: list[CustomerId]) -> bool:
    return bool(connection.execute(_FORGOTTEN, {"book": book_id, "ids": ids}).scalar_one())


def _own_person(customer_id: sa.ColumnElement[CustomerId]) -> sa.ColumnElement[bytes]:
    """Return the bytes of `derived_id("person", customer_id)`: the person of a customer without a reference."""
    get, put = sa.func.get_byte, sa.func.set_byte
    text = sa.func.concat(sa.cast("person\x1f", sa.Text), customer_id)
    digest = sa.func.substring(sa.func.sha256(sa.func.convert_to(text, "UTF8")), 1, 16)
    marked = put(digest, 6, get(digest, 6).op("&")(0x0F).op("|")(0x80))  # version 8 of RFC 9562
    return put(marked, 8, get(digest, 8).op("&")(0x3F).op("|")(0x80))


_BOOK: Final = sa.bindparam("book", type_=sa.Integer())
_IDS: Final = sa.bindparam("ids", type_=sa.ARRAY(_CUSTOMERS.c.customer_id.type))
_PERSONS: Final = sa.select(_CUSTOMERS.c.customer_id, _CUSTOMERS.c.person_id).where(
    _CUSTOMERS.c.book_id == _BOOK, _CUSTOMERS.c.customer_id == sa.any_(_IDS)
)
_FORGOTTEN: Final = sa.select(sa.exists().where(_ERASURES.c.book_id == _BOOK, _ERASURES.c.subject_id == sa.any_(_IDS)))
