"""Accounts in the schema, with their current balances."""

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
from api.graphql.metadata_entries import MetadataEntry, shown_entries
from api.graphql.money import MoneyNode
from api.graphql.nodes import Finder, Node
from api.graphql.nouns.monitors import MonitorNode, show_monitors
from api.graphql.nouns.transfers import TransferNode, position_of, transfer_page
from api.graphql.scalars import Currency, Position
from ledger.book.accounts.monitors import monitors_of_each
from ledger.book.posting.open_holds import open_holds_of
from ledger.book.reading import balances
from ledger.book.reading.account_history import account_as_of
from ledger.book.reading.balances import AccountView
from ledger.book.reading.search import Page
from ledger.book.reading.transfers import TransferView
from ledger.book.records.accounts import Account, AccountId
from ledger.book.records.monitors import Monitor
from ledger.flows.metadata import metadata_of_each
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import Money
from ledger.kernel.texts import sought_text
from ledger.personal_data.account_references import opened_references, stored_forms
from ledger.public_ids import parse_public, public

_HIDDEN: Final = {
    "book_id": "an API key belongs to one book, so callers need not name it",
    "partner_id": "it is always the caller, shown by `me`",
    "account_no": "a number inside the journal; callers name an account by its id or reference",
    "actor": "only the operator sees which key or operator opened it",
}
"""Columns of the record that are hidden, each with its reason."""

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
    """An account in one currency, with its terms and current amounts."""

    external_ref: str | None = strawberry.field(
        description="Its reference: your name, a colon, your own reference; null once its customer was erased."
    )
    kind: AccountKind = strawberry.field(description="The purpose of the account.")
    currency: Currency = strawberry.field(description="The only currency of the account.")
    normal_side: Side = strawberry.field(description="The side on which the balance is counted positive.")
    debits_within_credits: bool = strawberry.field(
        description="True if debits that would exceed its credits and its credit line are refused."
    )
    credits_within_debits: bool = strawberry.field(
        description="True if credits that would exceed its debits are refused."
    )
    customer_id: strawberry.ID | None = strawberry.field(description="The customer who owns it; null for your own.")
    credit_line: MoneyNode = strawberry.field(description="The amount by which its debits may exceed its credits.")
    frozen: Frozen = strawberry.field(description="The movements that are currently forbidden on the account.")
    is_closed: bool = strawberry.field(description="True while a hold closes the account: nothing moves on it.")
    balance: MoneyNode = strawberry.field(description="The posted balance, positive on the normal side.")
    available: MoneyNode = strawberry.field(
        description="The amount that can still be taken: the balance and the credit line, less open holds."
    )
    pending: MoneyNode = strawberry.field(description="The amount that open holds would take from the balance.")
    debits: MoneyNode = strawberry.field(description="Sum of the posted debits.")
    credits: MoneyNode = strawberry.field(description="Sum of the posted credits.")
    pending_debits: MoneyNode = strawberry.field(description="Sum of the open holds that would debit the account.")
    pending_credits: MoneyNode = strawberry.field(description="Sum of the open holds that would credit the account.")
    as_of: Position = strawberry.field(description="The journal position that the amounts are true for.")
    opened_at: datetime = strawberry.field(description="The instant at which it was opened.")
    position: Position = strawberry.field(description="The journal position of its opening.")
    siblings: strawberry.Private[Siblings[AccountId]]
    account_id: strawberry.Private[AccountId]

    @strawberry.field
    def open_holds(
        self, info: strawberry.Info[Call, None], first: First = 20, after: After = None
    ) -> Connection[TransferNode]:
        """Open holds on the account, newest first."""
        call, size = info.context, checked_first(first)
        before = None if after is None else position_of(after)

        def read(ids: Sequence[AccountId]) -> Mapping[AccountId, tuple[list[TransferView], int]]:
            found = open_holds_of(call.reader(), call.book_id, ids, before=before, limit=size + 1)
            position = call.position()
            return {account_id: (views, position) for account_id, views in found.items()}

        views, as_of = self.siblings.of(self.account_id, ("open holds", before, size), read)
        return transfer_page(call, Page(views, None), first=size, after=after, as_of=as_of)

    @strawberry.field
    def metadata(self, info: strawberry.Info[Call, None]) -> list[MetadataEntry]:
        """Your own words for the account, by name."""
        call = info.context
        found = self.siblings.of(
            self.account_id, "metadata", lambda ids: metadata_of_each(call.reader(), call.book_id, ids)
        )
        return shown_entries(found)

    @strawberry.field
    def monitors(self, info: strawberry.Info[Call, None]) -> list[MonitorNode]:
        """All monitors of the account, oldest first, including ended ones."""
        call = info.context

        def read(ids: Sequence[AccountId]) -> Mapping[AccountId, list[Monitor]]:
            return monitors_of_each(call.reader(), call.book_id, ids)

        return show_monitors(self.siblings.of(self.account_id, "monitors", read))


def show_accounts(call: Call, views: Sequence[AccountView]) -> list[AccountNode]:
    """Return the nodes of accounts of one page, with their references unsealed."""
    siblings = Siblings([view.account.account_id for view in views])
    references = opened_references(call.vault, call.book_id, [view.account.external_ref for view in views])
    return [_shown(view, reference, siblings) for view, reference in zip(views, references, strict=True)]


def account_by_id(call: Call, account_id: AccountId, min_position: Position | None = None) -> AccountNode | None:
    """Return the caller's account with that id; None if there is none, or if it is another partner's."""
    view = call.one(balances.ACCOUNT_BY_ID, min_position, key=account_id)
    return None if view is None else show_accounts(call, [view])[0]


def account_as_of_position(call: Call, account_id: AccountId, position: int) -> AccountNode:
    """Return the caller's account as it was at a position at which it was opened or changed."""
    view = account_as_of(call.reader(), call.book_id, account_id, position)
    assert view is not None, "an account that was opened or changed exists"
    return show_accounts(call, [view])[0]


def view_of(
    call: Call, public_id: str | None, external_ref: str | None, *, min_position: Position | None
) -> AccountView | None:
    """Return the caller's account by its id or its reference. Raises `InvalidInput` and `InvalidId`."""
    if (public_id is None) == (external_ref is None):
        raise InvalidInput("name an account by either its id or its externalRef")
    if public_id is not None:
        account_id = AccountId(parse_public("account", public_id))
        return call.one(balances.ACCOUNT_BY_ID, min_position, key=account_id)
    reference = sought_text("externalRef", str(external_ref))
    forms = stored_forms(call.vault, call.book_id, reference)
    views = (call.one(balances.ACCOUNT_BY_REFERENCE, min_position, key=each) for each in forms)
    return next((view for view in views if view is not None), None)


@strawberry.type
class AccountQueries:
    """Queries of accounts."""

    @strawberry.field
    def account(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id, acc_…")] = None,  # noqa: A002  # the argument's public name
        external_ref: Annotated[str | None, strawberry.argument(description="Its reference.")] = None,
        min_position: MinPosition = None,
    ) -> AccountNode | None:
        """One of your accounts, by its id or its reference; null if you have no such account."""
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
        """Your accounts, ordered by id."""
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
        raise InvalidCursor("after is not a cursor of this list: pass the endCursor of the previous page") from None


NODES: Final[Mapping[str, Finder]] = {"account": lambda call, value: account_by_id(call, AccountId(value))}
