"""Accounts in the schema, with their balances."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.columns import Shown
from api.graphql.connections import (
    After,
    Connection,
    First,
    MinPosition,
    checked_first,
    page,
)
from api.graphql.cursors import InvalidCursor, read_cursor, write_cursor
from api.graphql.enums import AccountKind, Frozen, Side
from api.graphql.loaders import Siblings
from api.graphql.money import MoneyNode
from api.graphql.nodes import Finder, Node
from api.graphql.nouns.monitors import MonitorNode, show_monitor
from api.graphql.nouns.transfers import TransferNode, position_of, transfer_page
from api.graphql.scalars import Currency, Position
from ledger.book.accounts.monitors import monitors_of_each
from ledger.book.posting.open_holds import open_holds_of
from ledger.book.reading import balances
from ledger.book.reading.balances import AccountView
from ledger.book.reading.search import Page
from ledger.book.reading.transfers import TransferView
from ledger.book.records.accounts import Account, AccountId
from ledger.book.records.monitors import Monitor
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import Money
from ledger.kernel.texts import sought_text
from ledger.personal_data.account_references import account_view, opened_references
from ledger.public_ids import parse_public, public

_HIDDEN: Final = {
    "book_id": "a key reaches one book, so that callers need not name it",
    "partner_id": "it is always the caller, whom `me` shows",
    "account_no": "a number inside the journal; callers name an account by its id or reference",
    "actor": "which key or operator opened it is the operator's to see",
}
"""Columns of the record that are not shown, each with its reason."""

_SHOWN_AS: Final = {
    "seq": "position",
    "recorded_at": "opened_at",
    "account_id": "id",
    "credit_line_minor": "credit_line",
}
"""Columns of the record that are shown under another name."""


SHOWN: Final = {Account: Shown(("Account",), _SHOWN_AS, _HIDDEN)}


@strawberry.type(name="Account")
class AccountNode(Node):
    """Where money stands, in one currency, with what stands there now."""

    external_ref: str | None = strawberry.field(
        description="Its reference: your name, a colon, your own reference; null once its customer was forgotten."
    )
    kind: AccountKind = strawberry.field(description="What it is for.")
    currency: Currency = strawberry.field(description="Its only currency.")
    normal_side: Side = strawberry.field(description="The side on which its balance is counted positive.")
    debits_within_credits: bool = strawberry.field(
        description="A debit that would exceed its credits and its credit line is refused."
    )
    credits_within_debits: bool = strawberry.field(description="A credit that would exceed its debits is refused.")
    customer_id: strawberry.ID | None = strawberry.field(description="The customer who owns it; null for your own.")
    credit_line: MoneyNode = strawberry.field(description="How far its debits may exceed its credits.")
    frozen: Frozen = strawberry.field(description="What is forbidden on it for now.")
    is_closed: bool = strawberry.field(description="A hold closes it: while that stands, nothing moves on it.")
    balance: MoneyNode = strawberry.field(description="What is posted on it, positive on its normal side.")
    available: MoneyNode = strawberry.field(
        description="What may still be taken from it: the balance and the credit line, less what open holds reserve."
    )
    pending: MoneyNode = strawberry.field(description="What open holds would take from it.")
    debits: MoneyNode = strawberry.field(description="Sum of its posted debits.")
    credits: MoneyNode = strawberry.field(description="Sum of its posted credits.")
    pending_debits: MoneyNode = strawberry.field(description="Sum of the open holds that would debit it.")
    pending_credits: MoneyNode = strawberry.field(description="Sum of the open holds that would credit it.")
    as_of: Position = strawberry.field(description="The position of the journal that the amounts are true for.")
    opened_at: datetime = strawberry.field(description="When it was opened.")
    position: Position = strawberry.field(description="Where its opening is recorded in the journal.")
    siblings: strawberry.Private[Siblings[AccountId]]
    account_id: strawberry.Private[AccountId]

    @strawberry.field
    def open_holds(
        self, info: strawberry.Info[Call, None], first: First = 20, after: After = None
    ) -> Connection[TransferNode]:
        """Your holds that stand on it, the newest first."""
        call, size = info.context, checked_first(first)
        before = None if after is None else position_of(after)

        def read(ids: Sequence[AccountId]) -> Mapping[AccountId, tuple[list[TransferView], int]]:
            found = open_holds_of(call.reader(), call.book_id, ids, before=before, limit=size + 1)
            position = call.position()
            return {account_id: (views, position) for account_id, views in found.items()}

        views, as_of = self.siblings.of(self.account_id, ("open holds", before, size), read)
        return transfer_page(call, Page(views, None), first=size, after=after, as_of=as_of)

    @strawberry.field
    def monitors(self, info: strawberry.Info[Call, None]) -> list[MonitorNode]:
        """What watches it, in the order in which it began or ended; ended ones say so."""
        call = info.context

        def read(ids: Sequence[AccountId]) -> Mapping[AccountId, list[Monitor]]:
            return monitors_of_each(call.reader(), call.book_id, ids)

        return [show_monitor(each) for each in self.siblings.of(self.account_id, "monitors", read)]


def show_accounts(call: Call, views: Sequence[AccountView]) -> list[AccountNode]:
    """Show accounts, siblings of each other, with their references opened."""
    siblings = Siblings([view.account.account_id for view in views])
    references = opened_references(call.vault, call.book_id, [view.account.external_ref for view in views])
    return [_shown(view, reference, siblings) for view, reference in zip(views, references, strict=True)]


def account_by_id(call: Call, account_id: AccountId, min_position: Position | None = None) -> AccountNode | None:
    """The caller's account of that id; None for another partner's as for one that never was."""
    view = balances.account(call.reader(min_position), call.book_id, account_id)
    return None if view is None else show_accounts(call, [view])[0]


def view_of(
    call: Call, public_id: str | None, external_ref: str | None, *, min_position: Position | None
) -> AccountView | None:
    """The caller's account that is named by its id or by its reference. Raises `InvalidInput` and `InvalidId`."""
    if (public_id is None) == (external_ref is None):
        raise InvalidInput("name an account by its id or by its externalRef, by one of them")
    if public_id is not None:
        account_id = AccountId(parse_public("account", public_id))
        return balances.account(call.reader(min_position), call.book_id, account_id)
    reference = sought_text("externalRef", str(external_ref))
    return account_view(call.reader(min_position), call.vault, call.book_id, reference)


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
        view = view_of(info.context, id, external_ref, min_position=min_position)
        return None if view is None else show_accounts(info.context, [view])[0]

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
        return page(show_accounts(call, views), _cursor, first=size, after=after, as_of=as_of)


def _shown(view: AccountView, reference: str | None, siblings: Siblings[AccountId]) -> AccountNode:
    account, sums = view.account, view.sums
    return AccountNode(
        id=strawberry.ID(public("account", account.account_id)),
        external_ref=reference,
        kind=AccountKind(account.kind),
        currency=Currency(account.currency),
        normal_side=Side(account.normal_side),
        debits_within_credits=account.debits_within_credits,
        credits_within_debits=account.credits_within_debits,
        customer_id=strawberry.ID(public("customer", account.customer_id)) if account.customer_id else None,
        credit_line=MoneyNode.of(Money(account.credit_line_minor, account.currency)),
        frozen=Frozen(view.frozen),
        is_closed=view.is_closed,
        balance=MoneyNode.of(view.balance),
        available=MoneyNode.of(view.available),
        pending=MoneyNode.of(view.pending),
        debits=MoneyNode.of(Money(sums.debits, account.currency)),
        credits=MoneyNode.of(Money(sums.credits, account.currency)),
        pending_debits=MoneyNode.of(Money(sums.pending_debits, account.currency)),
        pending_credits=MoneyNode.of(Money(sums.pending_credits, account.currency)),
        as_of=Position(view.as_of_seq),
        opened_at=account.recorded_at,
        position=Position(account.seq),
        siblings=siblings,
        account_id=account.account_id,
    )


def _cursor(node: AccountNode) -> str:
    return write_cursor("account", node.id)


def _cursor_id(cursor: str) -> AccountId:
    key = read_cursor("account", cursor)
    try:
        return AccountId(UUID(key.removeprefix("acc_")))
    except ValueError:
        raise InvalidCursor("after is no cursor of this list: pass the endCursor of the page before") from None


NODES: Final[Mapping[str, Finder]] = {"account": lambda call, value: account_by_id(call, AccountId(value))}
