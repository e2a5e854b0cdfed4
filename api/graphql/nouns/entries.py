"""Entries in the schema: the sides of transfers on an account, with its balance after each."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.connections import Connection, page
from api.graphql.cursors import PositionCursors
from api.graphql.enums import Side, TransferKind
from api.graphql.loaders import Siblings, position, shown_of_each
from api.graphql.money import MoneyNode
from api.graphql.nodes import Finder, Node, find
from api.graphql.nouns.search import TransferOrder
from api.graphql.nouns.transfers import TransferNode
from api.graphql.scalars import Position
from ledger.book.judging.sums import measured
from ledger.book.reading.entry_pages import EntryView, entries_named, entries_of_each
from ledger.book.records.accounts import AccountId
from ledger.book.records.monitors import Measure
from ledger.book.records.transfers import TransferId
from ledger.kernel.money import Money
from ledger.kernel.pages import Slice
from ledger.public_ids import public_pair

ENTRY_CURSORS: Final = PositionCursors("entry")
"""The cursors of every list of entries."""


@strawberry.type(name="Entry")
class EntryNode(Node):
    """One side of a transfer on an account, with the account's balance after it."""

    side: Side = strawberry.field(description="The side that the account is on.")
    kind: TransferKind = strawberry.field(description="The effect of the transfer.")
    amount: MoneyNode = strawberry.field(description="The amount that was moved, held or released.")
    balance: MoneyNode = strawberry.field(
        description="The posted balance of the account after it, positive on the normal side."
    )
    pending: MoneyNode = strawberry.field(description="The amount that open holds would take after it.")
    effective_at: datetime = strawberry.field(description="The effective time: when it counts from.")
    booked_on: date = strawberry.field(description="The accounting date that it counts to.")
    recorded_at: datetime = strawberry.field(description="The instant of recording.")
    position: Position = strawberry.field(description="Its journal position.")
    view: strawberry.Private[EntryView]
    transfers: strawberry.Private[Sequence[TransferId]]

    @strawberry.field
    def transfer(self, info: strawberry.Info[Call, None]) -> TransferNode | None:
        """Transfer that the entry is a side of; null if another partner ordered it."""
        found: TransferNode | None = find(info, "transfer", self.view.transfer_id, self.transfers)
        return found


def entry_page(
    call: Call, siblings: Siblings[AccountId], account_id: AccountId, piece: Slice[int], *, order: TransferOrder
) -> Connection[EntryNode]:
    """Return a page of the entries of an account; those of its siblings are read with it."""

    def read(ids: Sequence[AccountId]) -> Mapping[AccountId, list[EntryNode]]:
        oldest_first = order is TransferOrder.OLDEST_FIRST
        found = entries_of_each(call.reader(), call.book_id, ids, piece.with_one_more, oldest_first=oldest_first)
        return shown_of_each(found, show_entries)

    nodes = siblings.of(account_id, ("entries", piece, order), read)
    cursors = ENTRY_CURSORS.of(call)
    return page(nodes, lambda node: cursors.write(node.position), piece, as_of=position(call))


def show_entries(views: Sequence[EntryView]) -> list[EntryNode]:
    """Return the nodes of entries of one page."""
    transfers = [view.transfer_id for view in views]
    return [_entry(view, transfers) for view in views]


def _entry(view: EntryView, transfers: Sequence[TransferId]) -> EntryNode:
    return EntryNode(
        id=strawberry.ID(public_pair("entry", _key(view))),
        side=Side(view.side),
        kind=TransferKind(view.kind),
        amount=MoneyNode.of(Money(view.amount_minor, view.currency)),
        balance=_measured(view, Measure.POSTED),
        pending=_measured(view, Measure.PENDING),
        effective_at=view.effective_at,
        booked_on=view.booked_on,
        recorded_at=view.recorded_at,
        position=Position(view.seq),
        view=view,
        transfers=transfers,
    )


def _measured(view: EntryView, measure: Measure) -> MoneyNode:
    return MoneyNode.of(Money(measured(measure, view.sums, view.normal_side, credit_line_minor=0), view.currency))


def _key(view: EntryView) -> tuple[TransferId, AccountId]:
    """Return what names an entry: a transfer has one on each of its two accounts."""
    return view.transfer_id, view.account_id


def _entries(call: Call, keys: Sequence[tuple[TransferId, AccountId]]) -> dict[tuple[UUID, UUID], EntryNode]:
    views = entries_named(call.reader(), call.book_id, keys)
    return dict(zip(map(_key, views), show_entries(views), strict=True))


NODES: Final[Mapping[str, Finder]] = {"entry": _entries}
