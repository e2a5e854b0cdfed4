"""Customers in the schema, with their accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.arguments import read_argument
from api.graphql.columns import ACTOR, BOOK, OWN, Shown
from api.graphql.connections import After, Before, Connection, First, Last, MinPosition, page
from api.graphql.cursors import cursors_by_id
from api.graphql.loaders import Siblings, loaded_once, position, shown_of_each
from api.graphql.nodes import Finder, Node, find
from api.graphql.nouns.account_queries import ACCOUNT_CURSORS, account_page
from api.graphql.nouns.accounts import AccountNode, show_accounts
from api.graphql.scalars import Position
from api.graphql.selections import ids_beside
from ledger.personal_data.customer_pages import CustomerView, accounts_of_customers, customers, customers_page
from ledger.public_ids import parse_public, public
from ledger.tenancy.records import Customer, CustomerId

SHOWN: Final = {
    Customer: Shown(
        ("Customer",),
        {"customer_id": "id", "seq": "position", "recorded_at": "registered_at"},
        {
            "book_id": BOOK,
            "partner_id": OWN,
            "external_ref": "it may be an e-mail address: each reading of it is recorded with its reason",
            "person_id": "it would show which customers of a partner are one person",
            "actor": ACTOR,
        },
    ),
}

_CURSORS: Final = cursors_by_id("customer", CustomerId)


@strawberry.type(name="Customer")
class CustomerNode(Node):
    """A person who is a customer of yours, without personal data."""

    registered_at: datetime = strawberry.field(description="The instant of the registration.")
    position: Position = strawberry.field(description="The journal position of the registration.")
    is_erased: bool = strawberry.field(description="True if the customer's personal data was erased.")
    customer_id: strawberry.Private[CustomerId]
    siblings: strawberry.Private[Siblings[CustomerId]]

    @strawberry.field
    def accounts(
        self,
        info: strawberry.Info[Call, None],
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[AccountNode]:
        """Accounts that the customer owns, ordered by id."""
        call, piece = info.context, ACCOUNT_CURSORS.slice(first, after, last, before)

        def read(ids: Sequence[CustomerId]) -> Mapping[CustomerId, list[AccountNode]]:
            found = accounts_of_customers(call.reader(), call.book_id, ids, piece.with_one_more)
            return shown_of_each(found, partial(show_accounts, call))

        return account_page(call, self.siblings.of(self.customer_id, ("accounts", piece), read), piece)


@strawberry.type
class CustomerQueries:
    """Queries of customers."""

    @strawberry.field
    def customer(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id, cus_…")],  # noqa: A002  # the argument's public name
        min_position: MinPosition = None,
    ) -> CustomerNode | None:
        """One of your customers; null if you have no such customer."""
        customer_id = read_argument("id", parse_public, "customer", id)
        info.context.reach(min_position)
        found: CustomerNode | None = find(info, "customer", customer_id, ids_beside(info, "customer"))
        return found

    @strawberry.field
    def customers(
        self,
        info: strawberry.Info[Call, None],
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        min_position: MinPosition = None,
    ) -> Connection[CustomerNode]:
        """Your customers, ordered by id."""
        call, piece = info.context, _CURSORS.slice(first, after, last, before)
        reader = call.reader(min_position)
        views = loaded_once(
            call, ("customers", piece), lambda: customers_page(reader, call.book_id, piece.with_one_more)
        )
        return page(_shown(views), lambda node: _CURSORS.write(node.customer_id), piece, as_of=position(call))


def _shown(views: Sequence[CustomerView]) -> list[CustomerNode]:
    siblings = Siblings([view.customer_id for view in views])
    return [
        CustomerNode(
            id=strawberry.ID(public("customer", view.customer_id)),
            registered_at=view.registered_at,
            position=Position(view.seq),
            is_erased=view.is_forgotten,
            customer_id=view.customer_id,
            siblings=siblings,
        )
        for view in views
    ]


def _customers(call: Call, ids: Sequence[UUID]) -> dict[UUID, CustomerNode]:
    found = customers(call.reader(), call.book_id, [CustomerId(each) for each in ids])
    return dict(zip(found, _shown(list(found.values())), strict=True))


NODES: Final[Mapping[str, Finder]] = {"customer": _customers}
