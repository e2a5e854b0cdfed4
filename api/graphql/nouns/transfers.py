"""Transfers in the schema, newest first."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql.columns import Shown
from api.graphql.connections import (
    After,
    Connection,
    First,
    MinPosition,
    checked_first,
    ended_early,
    page,
)
from api.graphql.cursors import InvalidCursor, read_cursor, write_cursor
from api.graphql.enums import Balancing, HoldState, Side, TransferKind
from api.graphql.loaders import Siblings
from api.graphql.metadata_entries import MetadataEntry, shown_entries
from api.graphql.money import MoneyNode
from api.graphql.nodes import Finder, Node
from api.graphql.nouns.search import TransferFilterInput, filter_of
from api.graphql.scalars import Position
from ledger.book.reading import transfers as book
from ledger.book.reading.search import Page, TransferFilter, found_transfers
from ledger.book.reading.transfers import TransferView
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import Kind, Transfer, TransferId
from ledger.flows.metadata import metadata_of_each
from ledger.kernel.money import MINOR_MAX, Money
from ledger.personal_data.counterparties import opened
from ledger.public_ids import parse_public, public

_HIDDEN: Final = {
    "book_id": "an API key belongs to one book, so callers need not name it",
    "partner_no": "it is always the caller, shown by `me`",
    "actor_no": "only the operator sees which key or operator ordered it",
    "is_imported": "only the operator sees how history was loaded",
    "content_hash": "it only tells resends apart",
    **dict.fromkeys(
        (
            "debit_account_debits_minor",
            "debit_account_credits_minor",
            "credit_account_debits_minor",
            "credit_account_credits_minor",
            "debit_account_pending_debits_minor",
            "debit_account_pending_credits_minor",
            "credit_account_pending_debits_minor",
            "credit_account_pending_credits_minor",
        ),
        "balances are fields of the account",
    ),
}
"""Columns of the record that are hidden, each with its reason."""

_SHOWN_AS: Final = {
    "seq": "position",
    "transfer_id": "id",
    "amount_minor": "amount",
    "currency": "amount",
    "debit_account_no": "debit_account_id",
    "credit_account_no": "credit_account_id",
    "hold_seq": "hold_id",
    "reverses_seq": "reverses_id",
}
"""Columns of the record that are shown under another name."""


SHOWN: Final = {Transfer: Shown(("Transfer",), _SHOWN_AS, _HIDDEN)}


@strawberry.type(name="Transfer")
class TransferNode(Node):
    """Money moved from one account to another, once; or a hold, or the end of a hold."""

    kind: TransferKind = strawberry.field(description="The effect of the transfer.")
    state: HoldState | None = strawberry.field(description="The state of a hold; null for the other kinds.")
    debit_account_id: strawberry.ID | None = strawberry.field(
        description="The account that gave; null if it is another partner's."
    )
    credit_account_id: strawberry.ID | None = strawberry.field(
        description="The account that received; null if it is another partner's."
    )
    amount: MoneyNode = strawberry.field(description="The amount that was moved, held or released.")
    code: str = strawberry.field(description="The purpose, as your own short word.")
    external_ref: str | None = strawberry.field(description="Your own reference for the transfer.")
    counterparty: str | None = strawberry.field(
        description="Your own reference for the other side; null if absent, or if the other side was erased."
    )
    is_counterparty_forgotten: bool = strawberry.field(
        description="True if it named another side that was erased since: the reference cannot be read any more."
    )
    tags: list[str] = strawberry.field(description="Your own tags, in their order.")
    group_id: strawberry.ID | None = strawberry.field(
        description="The group that it was done or refused with; null if it was alone."
    )
    hold_id: strawberry.ID | None = strawberry.field(description="The hold that it ended; null if it ended none.")
    expires_at: datetime | None = strawberry.field(description="Expiry of a hold; null if it never expires.")
    closes: Side | None = strawberry.field(
        description="The side whose account a hold closes while it is open; null if it closes none."
    )
    balancing: Balancing | None = strawberry.field(
        description="The account whose balance limited the amount; null if the full amount was moved."
    )
    rate: str | None = strawberry.field(
        description="The exact rate of an exchange, credited per debited, as a decimal or a fraction."
    )
    template: str | None = strawberry.field(description="The posting template that made it, with its version: name@3.")
    reverses_id: strawberry.ID | None = strawberry.field(description="The transfer that it reverses.")
    is_forced: bool = strawberry.field(description="True if the operator lifted the accounts' limits for it.")
    effective_at: datetime = strawberry.field(description="The effective time: when it counts from.")
    booked_on: date = strawberry.field(
        description="The accounting date: the day of the book that `effectiveAt` counts to."
    )
    recorded_at: datetime = strawberry.field(description="The instant of recording.")
    position: Position = strawberry.field(description="Its journal position.")
    siblings: strawberry.Private[Siblings[TransferId]]
    transfer_id: strawberry.Private[TransferId]

    @strawberry.field
    def metadata(self, info: strawberry.Info[Call, None]) -> list[MetadataEntry]:
        """Your own words for the transfer, by name."""
        call = info.context
        found = self.siblings.of(
            self.transfer_id, "metadata", lambda ids: metadata_of_each(call.reader(), call.book_id, ids)
        )
        return shown_entries(found)


def show_transfers(call: Call, views: Sequence[TransferView]) -> list[TransferNode]:
    """Return the nodes of transfers, with all counterparties unsealed at once."""
    siblings = Siblings([view.transfer.transfer_id for view in views])
    if all(view.transfer.counterparty is None for view in views):
        return [_shown(view, None, siblings) for view in views]
    counterparties = opened(call.vault, call.book_id, [(view.partner_id, view.transfer.counterparty) for view in views])
    return [_shown(view, counterparty, siblings) for view, counterparty in zip(views, counterparties, strict=True)]


def transfer_by_id(call: Call, transfer_id: TransferId, min_position: Position | None = None) -> TransferNode | None:
    """Return the caller's transfer with that id; None if there is none, or if it is another partner's."""
    found = book.transfers(call.reader(min_position), call.book_id, [transfer_id])
    nodes = show_transfers(call, list(found.values()))
    return nodes[0] if nodes else None


@strawberry.type
class TransferQueries:
    """Queries of transfers."""

    @strawberry.field
    def transfer(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id, trf_…")],  # noqa: A002  # the argument's public name
        min_position: MinPosition = None,
    ) -> TransferNode | None:
        """One of your transfers; null if you have no such transfer."""
        return transfer_by_id(info.context, TransferId(parse_public("transfer", id)), min_position)

    @strawberry.field
    def transfers(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[
            TransferFilterInput | None,
            strawberry.argument(name="filter", description="The conditions. Absent: all of yours."),
        ] = None,
        *,
        first: First = 20,
        after: After = None,
        min_position: MinPosition = None,
    ) -> Connection[TransferNode]:
        """Your transfers, newest first; none for an account that you do not have.

        A page can have few nodes or none and still have a next page, from which the search continues.
        """
        call, size = info.context, checked_first(first)
        before = None if after is None else position_of(after)
        reader, asked = call.reader(min_position), TransferFilter() if wanted is None else filter_of(call, wanted)
        if asked == TransferFilter(account_id=asked.account_id):  # a plain list is one statement, and never ends early
            account_id, limit = asked.account_id, size + 1
            views = book.transfers_page(reader, call.book_id, account_id=account_id, before=before, limit=limit)
            found = Page(views, None)
        else:
            found = found_transfers(reader, call.book_id, asked, before=before, limit=size + 1)
        return transfer_page(call, found, first=size, after=after, as_of=call.position())


def transfer_page(call: Call, found: Page, *, first: int, after: str | None, as_of: int) -> Connection[TransferNode]:
    """Return the page of `first` transfers; `found` has one more if there is a next page, or ended early."""
    nodes = show_transfers(call, found.views)
    shown = page(nodes, _cursor, first=first, after=after, as_of=as_of)
    if found.searched_to is None or len(nodes) > first:
        return shown
    return ended_early(shown, write_cursor("transfer", str(found.searched_to)))


def position_of(cursor: str) -> int:
    """Return the position in a cursor of transfers. Raises `InvalidCursor`."""
    key = read_cursor("transfer", cursor)
    if key.isdecimal() and int(key[:20]) <= MINOR_MAX:
        return int(key[:20])
    raise InvalidCursor("after is not a cursor of this list: pass the endCursor of the previous page")


def _shown(view: TransferView, counterparty: str | None, siblings: Siblings[TransferId]) -> TransferNode:
    transfer = view.transfer
    return TransferNode(
        id=strawberry.ID(public("transfer", transfer.transfer_id)),
        kind=TransferKind(transfer.kind),
        state=_state(view),
        debit_account_id=_account_id(view.debit_account_id),
        credit_account_id=_account_id(view.credit_account_id),
        amount=MoneyNode.of(Money(transfer.amount_minor, transfer.currency)),
        code=transfer.code,
        external_ref=transfer.external_ref,
        counterparty=counterparty,
        is_counterparty_forgotten=transfer.counterparty is not None and counterparty is None,
        tags=(transfer.tags or "").split(),
        group_id=strawberry.ID(public("group", transfer.group_id)) if transfer.group_id else None,
        hold_id=_transfer_id(view.hold_id),
        expires_at=transfer.expires_at,
        closes=None if transfer.closes is None else Side(transfer.closes),
        balancing=None if transfer.balancing is None else Balancing(transfer.balancing),
        rate=transfer.rate,
        template=transfer.template,
        reverses_id=_transfer_id(view.reverses_id),
        is_forced=bool(transfer.is_forced),
        effective_at=transfer.effective_at,
        booked_on=transfer.booked_on,
        recorded_at=transfer.recorded_at,
        position=Position(transfer.seq),
        siblings=siblings,
        transfer_id=transfer.transfer_id,
    )


_ENDED: Final = {Kind.POST: HoldState.POSTED, Kind.VOID: HoldState.VOIDED, Kind.EXPIRY: HoldState.EXPIRED}


def _state(view: TransferView) -> HoldState | None:
    if view.transfer.kind != Kind.HOLD:
        return None
    return HoldState.OPEN if view.ended_by is None else _ENDED[view.ended_by]


def _account_id(account_id: AccountId | None) -> strawberry.ID | None:
    return None if account_id is None else strawberry.ID(public("account", account_id))


def _transfer_id(transfer_id: TransferId | None) -> strawberry.ID | None:
    return None if transfer_id is None else strawberry.ID(public("transfer", transfer_id))


def _cursor(node: TransferNode) -> str:
    return write_cursor("transfer", str(node.position))


NODES: Final[Mapping[str, Finder]] = {"transfer": lambda call, value: transfer_by_id(call, TransferId(value))}
