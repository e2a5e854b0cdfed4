"""Reads customers without their personal values: by id, and page by page; and the accounts that they own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ledger.book.reading.account_views import AccountView
from ledger.book.reading.balances import accounts
from ledger.book.records.accounts import AccountId
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice
from ledger.kernel.sql import table
from ledger.kernel.work import Reader
from ledger.personal_data.records import Erasure
from ledger.tenancy.records import Customer, CustomerId

_CUSTOMERS: Final = table(Customer)
_ERASURES: Final = table(Erasure)
_LOWEST: Final = UUID(int=0)
_HIGHEST: Final = UUID(int=(1 << 128) - 1)


class CustomerView(NamedTuple):
    """A customer, without the values that no one reads unrecorded."""

    customer_id: CustomerId
    seq: int
    registered_at: datetime
    is_forgotten: bool


def customers(reader: Reader, book_id: BookId, customer_ids: Sequence[CustomerId]) -> dict[CustomerId, CustomerView]:
    """Return those of the customers that are in the reader's scope, in one statement."""
    asked = {"book": book_id, "partner": reader.partner_id, "customers": list(customer_ids)}
    rows = reader.connection.execute(_BY_IDS, asked)
    return {row.customer_id: CustomerView._make(row) for row in rows}


def customers_page(reader: Reader, book_id: BookId, wanted: Slice[CustomerId]) -> list[CustomerView]:
    """Return a slice of the customers of the reader's partner, ordered by id."""
    asked = {"book": book_id, "partner": reader.partner_id, **_bounds(wanted)}
    rows = reader.connection.execute(_PAGE[wanted.is_from_end], asked)
    return wanted.in_order([CustomerView._make(row) for row in rows])


def accounts_of_customers(
    reader: Reader, book_id: BookId, customer_ids: Sequence[CustomerId], wanted: Slice[AccountId]
) -> dict[CustomerId, list[AccountView]]:
    """Return the same slice of the accounts of several customers, ordered by id, by customer, in two statements."""
    asked = {"book": book_id, "partner": reader.partner_id, "customers": list(customer_ids), **_bounds(wanted)}
    rows = reader.connection.execute(_ACCOUNTS_OF[wanted.is_from_end], asked).all()
    views = accounts(reader, book_id, [row.account_id for row in rows]) if rows else {}
    found: dict[CustomerId, list[AccountView]] = {customer_id: [] for customer_id in customer_ids}
    for row in rows:
        found[row.customer_id].append(views[row.account_id])
    return {customer_id: wanted.in_order(each) for customer_id, each in found.items()}


def _bounds(wanted: Slice[CustomerId] | Slice[AccountId]) -> dict[str, object]:
    span = wanted.bounds(is_descending=False)
    return {"above": span.above or _LOWEST, "below": span.below or _HIGHEST, "limit": span.limit}


_BOOK: Final = sa.bindparam("book", type_=sa.Integer())
_ID: Final = _CUSTOMERS.c.customer_id.type
_PARTNER: Final = sa.bindparam("partner", type_=_ID)
_IDS: Final = sa.bindparam("customers", type_=sa.ARRAY(_ID))
_ABOVE: Final = sa.bindparam("above", type_=_ID)
_BELOW: Final = sa.bindparam("below", type_=_ID)
_VIEWS: Final = sa.select(
    _CUSTOMERS.c.customer_id,
    _CUSTOMERS.c.seq,
    _CUSTOMERS.c.recorded_at,
    sa.exists().where(_ERASURES.c.book_id == _BOOK, _ERASURES.c.subject_id == _CUSTOMERS.c.customer_id),
).where(_CUSTOMERS.c.book_id == _BOOK)
# "IS NOT FALSE" also holds for a null partner, which sees everything.
_BY_IDS: Final = _VIEWS.where(
    _CUSTOMERS.c.customer_id == sa.any_(_IDS), (_CUSTOMERS.c.partner_id == _PARTNER).is_not(sa.false())
)
_OF_PARTNER: Final = _VIEWS.where(
    _CUSTOMERS.c.partner_id == _PARTNER, _CUSTOMERS.c.customer_id > _ABOVE, _CUSTOMERS.c.customer_id < _BELOW
).limit(sa.bindparam("limit", type_=sa.BigInteger()))
_PAGE: Final = {
    False: _OF_PARTNER.order_by(_CUSTOMERS.c.customer_id),
    True: _OF_PARTNER.order_by(_CUSTOMERS.c.customer_id.desc()),
}


def _accounts_of(direction: str) -> sa.TextClause:
    return sa.text(f"""
        SELECT c.customer_id, o.account_id FROM unnest(:customers) AS c (customer_id)
        CROSS JOIN LATERAL (
            SELECT a.account_id FROM accounts a
            WHERE a.book_id = :book AND a.customer_id = c.customer_id AND (a.partner_id = :partner) IS NOT FALSE
              AND a.account_id > :above AND a.account_id < :below
            ORDER BY a.account_id {direction} LIMIT :limit
        ) o
        ORDER BY o.account_id {direction}
    """).bindparams(_PARTNER, _IDS, _ABOVE, _BELOW)  # noqa: S608  # one of two words


_ACCOUNTS_OF: Final = {False: _accounts_of("ASC"), True: _accounts_of("DESC")}
