"""Reads the traces of a subject in a book: money, references, open holds, and when a customer's last account closed."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from ledger.book.records.accounts import Account, AccountId
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.tenancy.records import CustomerId

_ACCOUNTS: Final = table(Account)


def unsettled_accounts(scope: Reader | Work, book_id: BookId, customer_id: CustomerId) -> list[AccountId]:
    """Return the accounts of a customer with a balance, or with money reserved by open holds."""
    found: Sequence[AccountId] = (
        scope.connection.execute(_UNSETTLED, {"book": book_id, "customer": customer_id}).scalars().all()
    )
    return list(found)


def references_of_customers(
    scope: Reader | Work, book_id: BookId, customer_ids: Collection[CustomerId] | None = None
) -> Iterator[Sequence[tuple[CustomerId, str]]]:
    """Read owner and current reference of the accounts of these customers (None: of all customers), in batches."""
    query = _REFERENCES if customer_ids is None else _REFERENCES_OF_SOME
    asked = {"book": book_id, "customers": list(customer_ids or ())}
    with scope.connection.execute(query, asked, execution_options={"yield_per": _AT_ONCE}) as rows:
        for some in rows.partitions():
            yield [(row.customer_id, row.external_ref) for row in some]


def names_open_hold(scope: Reader | Work, book_id: BookId, partner_id: PartnerId, counterparty: str) -> bool:
    """Return whether an open hold of a partner names this counterparty, given as sealed text."""
    asked = {"book": book_id, "partner": partner_id, "counterparty": counterparty}
    return bool(scope.connection.execute(_NAMED, asked).scalar_one())


_AT_ONCE: Final = 1_000
_ID: Final = _ACCOUNTS.c.account_id.type
_REFERENCES: Final = sa.select(_ACCOUNTS.c.customer_id, _ACCOUNTS.c.external_ref).where(
    _ACCOUNTS.c.book_id == sa.bindparam("book", type_=sa.Integer()), _ACCOUNTS.c.customer_id.is_not(None)
)
_REFERENCES_OF_SOME: Final = _REFERENCES.where(
    _ACCOUNTS.c.customer_id == sa.any_(sa.bindparam("customers", type_=sa.ARRAY(_ID)))
)
_UNSETTLED: Final = sa.text("""
    SELECT a.account_id FROM accounts a
    JOIN LATERAL (
        SELECT * FROM entries e WHERE e.book_id = a.book_id AND e.account_no = a.account_no ORDER BY e.seq DESC LIMIT 1
    ) e ON true
    WHERE a.book_id = :book AND a.customer_id = :customer
      AND (e.debits_minor <> e.credits_minor OR e.pending_debits_minor <> 0 OR e.pending_credits_minor <> 0)
    ORDER BY a.account_id
""").bindparams(sa.bindparam("customer", type_=_ID))
_NAMED: Final = sa.text("""
    SELECT EXISTS (
        SELECT FROM partners p
        JOIN transfers t ON t.book_id = p.book_id AND t.partner_no = p.partner_no
        JOIN open_holds o ON o.book_id = t.book_id AND o.seq = t.seq
        WHERE p.book_id = :book AND p.partner_id = :partner AND t.counterparty = :counterparty
    )
""").bindparams(sa.bindparam("partner", type_=_ID))
