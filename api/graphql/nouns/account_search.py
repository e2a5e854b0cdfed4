"""The filter of the list of accounts, in the schema."""

import strawberry

from api.graphql.arguments import read_argument
from api.graphql.enums import AccountKind, Frozen
from api.graphql.scalars import Currency
from ledger.book.reading.account_search import AccountFilter
from ledger.book.records import accounts as records
from ledger.public_ids import parse_public
from ledger.tenancy.records import CustomerId


@strawberry.input(name="AccountFilter")
class AccountFilterInput:
    """A filter for accounts: all given conditions must match."""

    kind: AccountKind | None = strawberry.field(default=None, description="Its purpose.")
    currency: Currency | None = strawberry.field(default=None, description="Its currency.")
    customer: strawberry.ID | None = strawberry.field(default=None, description="Its owner, cus_…")
    frozen: Frozen | None = strawberry.field(default=None, description="The movements that are forbidden on it.")
    is_closed: bool | None = strawberry.field(default=None, description="True: only closed ones; false: only others.")


def filter_of_accounts(wanted: AccountFilterInput) -> AccountFilter:
    """Return the book's filter for the caller's. Raises `InvalidId`."""
    return AccountFilter(
        kind=None if wanted.kind is None else records.AccountKind[wanted.kind.name],
        currency=wanted.currency,
        customer_id=None
        if wanted.customer is None
        else CustomerId(read_argument("customer", parse_public, "customer", wanted.customer)),
        frozen=None if wanted.frozen is None else records.Frozen[wanted.frozen.name],
        is_closed=wanted.is_closed,
    )
