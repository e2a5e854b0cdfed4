"""Transfers in the schema, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.arguments import read_argument
from api.graphql.columns import Shown
from api.graphql.connections import Connection, MinPosition, page
from api.graphql.cursors import PositionCursors
from api.graphql.deprecations import replaced_by
from api.graphql.enums import Balancing, HoldState, Side, TransferKind
from api.graphql.loaders import position
from api.graphql.metadata_entries import MetadataEntry, entries_of_object
from api.graphql.money import MoneyNode
from api.graphql.nodes import Finder, Node, find
from api.graphql.scalars import Position
from api.graphql.selections import ids_beside
from ledger.book.reading import transfers as book
from ledger.book.reading.search import Page
from ledger.book.reading.transfer_views import TransferView
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import Kind, Transfer, TransferId
from ledger.kernel.money import Money
from ledger.kernel.pages import Slice
from ledger.personal_data.counterparties import opened
from ledger.public_ids import parse_public, public

if TYPE_CHECKING:
    from api.graphql.nouns.accounts import AccountNode
    from api.graphql.nouns.groups import GroupNode

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


OneAccount = Annotated["AccountNode", strawberry.lazy("api.graphql.nouns.accounts")]
OneGroup = Annotated["GroupNode", strawberry.lazy("api.graphql.nouns.groups")]

TRANSFER_CURSORS: Final = PositionCursors("transfer")
"""The cursors of every list of transfers."""


class _Related:
    """The ids of the transfers of a page, and those that they refer to, so that each is read for all at once."""

    def __init__(self, views: Sequence[TransferView]) -> None:
        self._views = views

    @cached_property
    def own(self) -> list[TransferId]:
        """Their own."""
        return [view.transfer.transfer_id for view in self._views]

    @cached_property
    def accounts(self) -> list[UUID]:
        """The accounts of both sides."""
        sides = ((view.debit_account_id, view.credit_account_id) for view in self._views)
        return [each for pair in sides for each in pair if each is not None]

    @cached_property
    def transfers(self) -> list[UUID]:
        """The holds that they ended, and the transfers that they reverse."""
        named = ((view.hold_id, view.reverses_id) for view in self._views)
        return [each for pair in named for each in pair if each is not None]

    @cached_property
    def groups(self) -> list[UUID]:
        """Their groups."""
        return [view.transfer.group_id for view in self._views if view.transfer.group_id is not None]


@strawberry.type(name="Transfer")
class TransferNode(Node):
    """Money moved from one account to another, once; or a hold, or the end of a hold."""

    kind: TransferKind = strawberry.field(description="The effect of the transfer.")
    state: HoldState | None = strawberry.field(description="The state of a hold; null for the other kinds.")
    debit_account_id: strawberry.ID | None = strawberry.field(
        description="The account that gave; null if it is another partner's.",
        deprecation_reason=replaced_by("debitAccount { id }"),
    )
    credit_account_id: strawberry.ID | None = strawberry.field(
        description="The account that received; null if it is another partner's.",
        deprecation_reason=replaced_by("creditAccount { id }"),
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
        description="The group that it was done or refused with; null if it was alone.",
        deprecation_reason=replaced_by("group { id }"),
    )
    hold_id: strawberry.ID | None = strawberry.field(
        description="The hold that it ended; null if it ended none.", deprecation_reason=replaced_by("hold { id }")
    )
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
    reverses_id: strawberry.ID | None = strawberry.field(
        description="The transfer that it reverses.", deprecation_reason=replaced_by("reverses { id }")
    )
    is_forced: bool = strawberry.field(description="True if the operator lifted the accounts' limits for it.")
    effective_at: datetime = strawberry.field(description="The effective time: when it counts from.")
    booked_on: date = strawberry.field(
        description="The accounting date: the day of the book that `effectiveAt` counts to."
    )
    recorded_at: datetime = strawberry.field(description="The instant of recording.")
    position: Position = strawberry.field(description="Its journal position.")
    view: strawberry.Private[TransferView]
    related: strawberry.Private[_Related]

    @strawberry.field
    def metadata(self, info: strawberry.Info[Call, None]) -> list[MetadataEntry]:
        """Your own words for the transfer, by name."""
        return entries_of_object(info.context, self.view.transfer.transfer_id, self.related.own)

    @strawberry.field
    def debit_account(self, info: strawberry.Info[Call, None]) -> OneAccount | None:
        """Account that gave; null if it is another partner's."""
        found: AccountNode | None = find(info, "account", self.view.debit_account_id, self.related.accounts)
        return found

    @strawberry.field
    def credit_account(self, info: strawberry.Info[Call, None]) -> OneAccount | None:
        """Account that received; null if it is another partner's."""
        found: AccountNode | None = find(info, "account", self.view.credit_account_id, self.related.accounts)
        return found

    @strawberry.field
    def hold(self, info: strawberry.Info[Call, None]) -> "TransferNode | None":
        """Hold that it ended; null if it ended none."""
        found: TransferNode | None = find(info, "transfer", self.view.hold_id, self.related.transfers)
        return found

    @strawberry.field
    def reverses(self, info: strawberry.Info[Call, None]) -> "TransferNode | None":
        """Transfer that it reverses; null if it reverses none."""
        found: TransferNode | None = find(info, "transfer", self.view.reverses_id, self.related.transfers)
        return found

    @strawberry.field
    def group(self, info: strawberry.Info[Call, None]) -> OneGroup | None:
        """Group that it was done with; null if it was alone."""
        found: GroupNode | None = find(info, "group", self.view.transfer.group_id, self.related.groups)
        return found


def show_transfers(call: Call, views: Sequence[TransferView]) -> list[TransferNode]:
    """Return the nodes of transfers, with all counterparties unsealed at once."""
    related = _Related(views)
    if all(view.transfer.counterparty is None for view in views):
        return [_shown(view, None, related) for view in views]
    counterparties = opened(call.vault, call.book_id, [(view.partner_id, view.transfer.counterparty) for view in views])
    return [_shown(view, text, related) for view, text in zip(views, counterparties, strict=True)]


def transfers_as_recorded(call: Call, ids: Sequence[UUID]) -> dict[UUID, TransferNode]:
    """Return the caller's transfers as they were recorded, whatever became of a hold since."""
    found = book.transfers(call.reader(), call.book_id, [TransferId(each) for each in ids])
    views = [replace(view, ended_by=None) for view in found.values()]
    return dict(zip(found, show_transfers(call, views), strict=True))


def transfer_page(
    call: Call, nodes: Sequence[TransferNode], wanted: Slice[int], found: Page | None = None
) -> Connection[TransferNode]:
    """Return the page of a slice; `nodes` has one more if there are others behind it, or the search ended early."""
    cursors = TRANSFER_CURSORS.of(call)
    ended_at = None if found is None or found.searched_to is None else cursors.write(found.searched_to)
    if found is None or found.as_of_seq is None:
        as_of = position(call)
    else:
        as_of = found.as_of_seq
        call.learn_ordinals({as_of: found.ordinal})
    return page(nodes, lambda node: cursors.write(node.position), wanted, as_of=as_of, searched_to=ended_at)


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
        transfer_id = read_argument("id", parse_public, "transfer", id)
        info.context.reach(min_position)
        found: TransferNode | None = find(info, "transfer", transfer_id, ids_beside(info, "transfer"))
        return found


def _shown(view: TransferView, counterparty: str | None, related: _Related) -> TransferNode:
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
        view=view,
        related=related,
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


def _transfers(call: Call, ids: Sequence[UUID]) -> dict[UUID, TransferNode]:
    found = book.transfers(call.reader(), call.book_id, [TransferId(each) for each in ids])
    return dict(zip(found, show_transfers(call, list(found.values())), strict=True))


NODES: Final[Mapping[str, Finder]] = {"transfer": _transfers}
