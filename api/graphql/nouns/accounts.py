"""Accounts in the schema, with their current balances."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.columns import Shown
from api.graphql.connections import After, Before, Connection, First, Last
from api.graphql.deprecations import replaced_by
from api.graphql.enums import AccountKind, Frozen, Side
from api.graphql.loaders import Siblings, shown_of_each
from api.graphql.metadata_entries import MetadataEntry, entries_of_object
from api.graphql.money import MoneyNode
from api.graphql.nodes import Finder, Node, find
from api.graphql.nouns.entries import ENTRY_CURSORS, EntryNode, entry_page
from api.graphql.nouns.monitor_queries import MONITOR_CURSORS, BegunNode, monitor_page, show_begun
from api.graphql.nouns.monitors import MonitorNode
from api.graphql.nouns.search import TransferOrder, transfers_of_accounts
from api.graphql.nouns.statements import AccountStatement, statement_of
from api.graphql.nouns.transfers import TRANSFER_CURSORS, TransferNode, show_transfers, transfer_page
from api.graphql.scalars import Currency, Position
from ledger.book.posting.open_holds import open_holds_of
from ledger.book.reading import balances
from ledger.book.reading.account_history import accounts_as_of
from ledger.book.reading.account_views import AccountView
from ledger.book.reading.monitors import monitors_of_each
from ledger.book.reading.statements import DAYS_MAX
from ledger.book.records.accounts import Account, AccountId
from ledger.kernel.money import Money
from ledger.personal_data.account_references import opened_references
from ledger.public_ids import public
from ledger.tenancy.records import CustomerId

if TYPE_CHECKING:
    from api.graphql.nouns.customers import CustomerNode

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


OneCustomer = Annotated["CustomerNode", strawberry.lazy("api.graphql.nouns.customers")]


@strawberry.type(name="Account")
class AccountNode(Node):
    """An account in one currency, with its terms and current amounts."""

    kind: AccountKind = strawberry.field(description="The purpose of the account.")
    currency: Currency = strawberry.field(description="The only currency of the account.")
    normal_side: Side = strawberry.field(description="The side on which the balance is counted positive.")
    debits_within_credits: bool = strawberry.field(
        description="True if debits that would exceed its credits and its credit line are refused."
    )
    credits_within_debits: bool = strawberry.field(
        description="True if credits that would exceed its debits are refused."
    )
    customer_id: strawberry.ID | None = strawberry.field(
        description="The customer who owns it; null for your own.", deprecation_reason=replaced_by("customer { id }")
    )
    frozen: Frozen = strawberry.field(description="The movements that are currently forbidden on the account.")
    is_closed: bool = strawberry.field(description="True while a hold closes the account: nothing moves on it.")
    as_of: Position = strawberry.field(description="The journal position that the amounts are true for.")
    opened_at: datetime = strawberry.field(description="The instant at which it was opened.")
    position: Position = strawberry.field(description="The journal position of its opening.")
    view: strawberry.Private[AccountView]
    siblings: strawberry.Private[Siblings[AccountId]]
    account_id: strawberry.Private[AccountId]
    customer_key: strawberry.Private[CustomerId | None]
    page: strawberry.Private["_Page"]

    @strawberry.field
    def external_ref(self) -> str | None:
        """Its reference: your name, a colon, your own reference; null once its customer was erased."""
        return self.page.references[self.account_id]

    @strawberry.field
    def credit_line(self) -> MoneyNode:
        """Amount by which its debits may exceed its credits."""
        return MoneyNode.of(Money(self.view.account.credit_line_minor, self.view.account.currency))

    @strawberry.field
    def balance(self) -> MoneyNode:
        """Balance of what is posted, positive on the normal side."""
        return MoneyNode.of(self.view.balance)

    @strawberry.field
    def available(self) -> MoneyNode:
        """Amount that can still be taken: the balance and the credit line, less open holds."""
        return MoneyNode.of(self.view.available)

    @strawberry.field
    def pending(self) -> MoneyNode:
        """Amount that open holds would take from the balance."""
        return MoneyNode.of(self.view.pending)

    @strawberry.field
    def debits(self) -> MoneyNode:
        """Sum of the posted debits."""
        return MoneyNode.of(Money(self.view.sums.debits, self.view.account.currency))

    @strawberry.field
    def credits(self) -> MoneyNode:
        """Sum of the posted credits."""
        return MoneyNode.of(Money(self.view.sums.credits, self.view.account.currency))

    @strawberry.field
    def pending_debits(self) -> MoneyNode:
        """Sum of the open holds that would debit the account."""
        return MoneyNode.of(Money(self.view.sums.pending_debits, self.view.account.currency))

    @strawberry.field
    def pending_credits(self) -> MoneyNode:
        """Sum of the open holds that would credit the account."""
        return MoneyNode.of(Money(self.view.sums.pending_credits, self.view.account.currency))

    @strawberry.field
    def transfers(
        self,
        info: strawberry.Info[Call, None],
        order: Annotated[
            TransferOrder, strawberry.argument(description="The order of the list.")
        ] = TransferOrder.NEWEST_FIRST,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[TransferNode]:
        """Your transfers that debit or credit the account."""
        call = info.context
        piece = TRANSFER_CURSORS.of(call).slice(first, after, last, before)
        nodes = transfers_of_accounts(info, self.siblings.keys, piece, order)[self.account_id]
        return transfer_page(call, nodes or [], piece)

    @strawberry.field
    def entries(
        self,
        info: strawberry.Info[Call, None],
        order: Annotated[
            TransferOrder, strawberry.argument(description="The order of the list.")
        ] = TransferOrder.NEWEST_FIRST,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[EntryNode]:
        """Sides of transfers on the account, each with the balance after it."""
        piece = ENTRY_CURSORS.of(info.context).slice(first, after, last, before)
        return entry_page(info.context, self.siblings, self.account_id, piece, order=order)

    @strawberry.field
    def statement(
        self,
        info: strawberry.Info[Call, None],
        from_on: Annotated[
            date, strawberry.argument(name="from", description="The first accounting date, 1970-01-02 or later.")
        ],
        until: Annotated[
            date, strawberry.argument(description=f"The date behind the last one, at most {DAYS_MAX} days later.")
        ],
    ) -> AccountStatement | None:
        """Statement of a period of accounting dates, such as a month: opening balance, entries, closing balance.

        It is null only beside an error, for a period that is refused: that leaves the account.
        """
        account = self.view.account
        return statement_of(info.context, self.siblings, account, from_on=from_on, until=until)

    @strawberry.field
    def customer(self, info: strawberry.Info[Call, None]) -> OneCustomer | None:
        """Owner of the account; null for your own."""
        found: CustomerNode | None = find(info, "customer", self.customer_key, self.page.customers)
        return found

    @strawberry.field
    def open_holds(
        self,
        info: strawberry.Info[Call, None],
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[TransferNode]:
        """Open holds on the account, newest first."""
        call = info.context
        piece = TRANSFER_CURSORS.of(call).slice(first, after, last, before)

        def read(ids: Sequence[AccountId]) -> Mapping[AccountId, list[TransferNode]]:
            found = open_holds_of(call.reader(), call.book_id, ids, piece.with_one_more)
            return shown_of_each(found, partial(show_transfers, call))

        return transfer_page(call, self.siblings.of(self.account_id, ("open holds", piece), read), piece)

    @strawberry.field
    def metadata(self, info: strawberry.Info[Call, None]) -> list[MetadataEntry]:
        """Your own words for the account, by name."""
        return entries_of_object(info.context, self.account_id, self.siblings.keys)

    @strawberry.field
    def monitors(
        self,
        info: strawberry.Info[Call, None],
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[MonitorNode]:
        """All monitors of the account, by their beginning, including ended ones."""
        call = info.context
        piece = MONITOR_CURSORS.of(call).slice(first, after, last, before)

        def read(ids: Sequence[AccountId]) -> Mapping[AccountId, list[BegunNode]]:
            return shown_of_each(monitors_of_each(call.reader(), call.book_id, ids, piece.with_one_more), show_begun)

        return monitor_page(call, self.siblings.of(self.account_id, ("monitors", piece), read), piece)


def show_accounts(call: Call, views: Sequence[AccountView]) -> list[AccountNode]:
    """Return the nodes of accounts of one page; amounts and references are made where they are asked for."""
    for view in views:
        call.learn_ordinals(view.ordinals)
    beside = _Page(call, views)
    return [_shown(view, beside) for view in views]


def account_as_of_position(call: Call, account_id: AccountId, position: int) -> AccountNode:
    """Return the caller's account as it was at a position at which it was opened or changed."""
    return accounts_as_of_positions(call, [(account_id, position)])[account_id, position]


def accounts_as_of_positions(call: Call, named: Sequence[tuple[UUID, int]]) -> dict[tuple[UUID, int], AccountNode]:
    """Return the caller's accounts, each as it was at a position at which it was opened or changed."""
    views = accounts_as_of(call.reader(), call.book_id, [(AccountId(account_id), seq) for account_id, seq in named])
    assert len(views) == len(set(named)), "an account that was opened or changed exists"
    return dict(zip(views, show_accounts(call, list(views.values())), strict=True))


class _Page:
    """The accounts of a page: what is read of all of them, once one of them is asked for it."""

    def __init__(self, call: Call, views: Sequence[AccountView]) -> None:
        self._call, self._views = call, views
        self.accounts: Final = Siblings([view.account.account_id for view in views])
        self.customers: Final = [view.account.customer_id for view in views if view.account.customer_id is not None]

    @cached_property
    def references(self) -> Mapping[AccountId, str | None]:
        """References of the accounts, unsealed."""
        stored = [view.account.external_ref for view in self._views]
        opened = opened_references(self._call.vault, self._call.book_id, stored)
        return dict(zip((view.account.account_id for view in self._views), opened, strict=True))


def _shown(view: AccountView, beside: _Page) -> AccountNode:
    account = view.account
    return AccountNode(
        id=strawberry.ID(public("account", account.account_id)),
        kind=AccountKind(account.kind),
        currency=Currency(account.currency),
        normal_side=Side(account.normal_side),
        debits_within_credits=account.debits_within_credits,
        credits_within_debits=account.credits_within_debits,
        customer_id=strawberry.ID(public("customer", account.customer_id)) if account.customer_id else None,
        frozen=Frozen(view.frozen),
        is_closed=view.is_closed,
        as_of=Position(view.as_of_seq),
        opened_at=account.recorded_at,
        position=Position(account.seq),
        view=view,
        siblings=beside.accounts,
        account_id=account.account_id,
        customer_key=account.customer_id,
        page=beside,
    )


def _accounts(call: Call, ids: Sequence[UUID]) -> dict[UUID, AccountNode]:
    found = _views(call, [AccountId(each) for each in ids])
    return dict(zip(found, show_accounts(call, list(found.values())), strict=True))


def _views(call: Call, ids: Sequence[AccountId]) -> dict[AccountId, AccountView]:
    if len(ids) > 1:
        return balances.accounts(call.reader(), call.book_id, ids)
    view = call.one(balances.ACCOUNT_BY_ID, key=ids[0])
    return {} if view is None else {ids[0]: view}


NODES: Final[Mapping[str, Finder]] = {"account": _accounts}
