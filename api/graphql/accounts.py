"""Accounts in the schema, with their balances."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.connections import (
    After,
    Connection,
    First,
    MinPosition,
    checked_first,
    page,
)
from api.graphql.cursors import InvalidCursor, read_cursor, write_cursor
from api.graphql.money import MoneyNode
from api.graphql.nodes import Node
from api.graphql.scalars import Currency, Position
from api.graphql.texts import checked_text
from ledger.book import balances
from ledger.book.balances import AccountView
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import AccountId, parse_public, public
from ledger.kernel.money import Money

HIDDEN: Final = {
    "book_id": "a key reaches one book, so that callers need not name it",
    "partner_id": "it is always the caller, whom `me` shows",
}
"""Columns of the record that are not shown, each with its reason."""

SHOWN_AS: Final = {"seq": "position", "recorded_at": "opened_at", "account_id": "id"}
"""Columns of the record that are shown under another name."""


@strawberry.enum
class AccountKind(Enum):
    """What an account is for."""

    CUSTOMER = strawberry.enum_value("customer", description="Money of one of your customers.")
    MERCHANT = strawberry.enum_value("merchant", description="Money of a seller on your platform.")
    EXTERNAL = strawberry.enum_value("external", description="The world outside: where money comes from and goes to.")
    REVENUE = strawberry.enum_value("revenue", description="Your own income, such as fees.")


@strawberry.enum
class Side(Enum):
    """The two sides of double entry."""

    DEBIT = strawberry.enum_value("debit", description="The left side: what was given.")
    CREDIT = strawberry.enum_value("credit", description="The right side: what was received.")


@strawberry.type(name="Account")
class AccountNode(Node):
    """Where money stands, in one currency, with what stands there now."""

    external_ref: str = strawberry.field(description="Its reference: your name, a colon, your own reference.")
    kind: AccountKind = strawberry.field(description="What it is for.")
    currency: Currency = strawberry.field(description="Its only currency.")
    normal_side: Side = strawberry.field(description="The side on which its balance is counted positive.")
    debits_within_credits: bool = strawberry.field(description="A debit that would exceed its credits is refused.")
    credits_within_debits: bool = strawberry.field(description="A credit that would exceed its debits is refused.")
    customer_id: strawberry.ID | None = strawberry.field(description="The customer who owns it; null for your own.")
    balance: MoneyNode = strawberry.field(description="What stands on it, positive on its normal side.")
    debits: MoneyNode = strawberry.field(description="Sum of all its debits.")
    credits: MoneyNode = strawberry.field(description="Sum of all its credits.")
    as_of: Position = strawberry.field(description="The position of the journal that the balance is true for.")
    opened_at: datetime = strawberry.field(description="When it was opened.")
    position: Position = strawberry.field(description="Where its opening is recorded in the journal.")


def show_account(view: AccountView) -> AccountNode:
    """Show an account."""
    account = view.account
    return AccountNode(
        id=strawberry.ID(public("account", account.account_id)),
        external_ref=account.external_ref,
        kind=AccountKind(account.kind),
        currency=Currency(account.currency),
        normal_side=Side(account.normal_side),
        debits_within_credits=account.debits_within_credits,
        credits_within_debits=account.credits_within_debits,
        customer_id=strawberry.ID(public("customer", account.customer_id)) if account.customer_id else None,
        balance=MoneyNode.of(view.balance),
        debits=MoneyNode.of(Money(view.debits_minor, account.currency)),
        credits=MoneyNode.of(Money(view.credits_minor, account.currency)),
        as_of=Position(view.as_of_seq),
        opened_at=account.recorded_at,
        position=Position(account.seq),
    )


def account_by_id(call: Call, account_id: AccountId, min_position: Position | None = None) -> AccountNode | None:
    """The caller's account of that id; None for another partner's as for one that never was."""
    view = balances.account(call.reader(min_position), call.book_id, account_id)
    return None if view is None else show_account(view)


@strawberry.type
class AccountQueries:
    """Reading accounts."""

    @strawberry.field
    def account(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id, acc_…")] = None,  # noqa: A002  # the argument's public name
        external_ref: Annotated[str | None, strawberry.argument(description="Its reference.")] = None,
        min_position: MinPosition = None,
    ) -> AccountNode | None:
        """One of your accounts, by its id or by its reference; null where you have no such account."""
        call = info.context
        if (id is None) == (external_ref is None):
            raise InvalidInput("name an account by its id or by its externalRef, by one of them")
        if id is not None:
            return account_by_id(call, AccountId(parse_public("account", id)), min_position)
        reference = checked_text("externalRef", str(external_ref))
        view = balances.account_named(call.reader(min_position), call.book_id, reference)
        return None if view is None else show_account(view)

    @strawberry.field
    def accounts(
        self,
        info: strawberry.Info[Call, None],
        first: First = 20,
        after: After = None,
        min_position: MinPosition = None,
    ) -> Connection[AccountNode]:
        """Your accounts, in the order of their ids."""
        call, size = info.context, checked_first(first)
        behind = None if after is None else _cursor_id(after)
        views = balances.accounts_page(call.reader(min_position), call.book_id, after=behind, limit=size + 1)
        as_of = views[0].as_of_seq if views else call.position()
        return page([show_account(view) for view in views], _cursor, first=size, after=after, as_of=as_of)


def _cursor(node: AccountNode) -> str:
    return write_cursor("account", node.id)


def _cursor_id(cursor: str) -> AccountId:
    key = read_cursor("account", cursor)
    try:
        return AccountId(UUID(key.removeprefix("acc_")))
    except ValueError:
        raise InvalidCursor("after is no cursor of this list: pass the endCursor of the page before") from None
