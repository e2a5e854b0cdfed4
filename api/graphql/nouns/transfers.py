"""Transfers in the schema, newest first."""

from collections.abc import Mapping, Sequence
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
from api.graphql.deprecations import deprecated_for
from api.graphql.enums import Balancing, HoldState, Side, TransferKind
from api.graphql.loaders import position
from api.graphql.metadata_entries import MetadataEntry, entries_of_object
from api.graphql.money import MoneyNode
from api.graphql.nodes import Finder, Node, find
from api.graphql.scalars import Currency, Minor, Position
from api.graphql.selections import ids_beside
from ledger.book.reading import transfers as book
from ledger.book.reading.search import Page
from ledger.book.reading.transfer_views import TransferView
from ledger.book.records.transfers import Kind, Transfer, TransferId
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


class _Page:
    """The transfers of a page, for each of which is read what is asked of one, and all that they refer to."""

    def __init__(self, call: Call, views: Sequence[TransferView]) -> None:
        self._call, self._views = call, views

    @cached_property
    def ids(self) -> list[TransferId]:
        """Their own."""
        return [view.transfer.transfer_id for view in self._views]

    @cached_property
    def accounts(self) -> list[UUID]:
        """The accounts of both sides."""
        sides = ((view.related.debit_account_id, view.related.credit_account_id) for view in self._views)
        return [each for pair in sides for each in pair if each is not None]

    @cached_property
    def transfers(self) -> list[UUID]:
        """The holds that they ended, and the transfers that they reverse."""
        named = ((view.related.hold_id, view.related.reverses_id) for view in self._views)
        return [each for pair in named for each in pair if each is not None]

    @cached_property
    def groups(self) -> list[UUID]:
        """Their groups."""
        return [view.transfer.group_id for view in self._views if view.transfer.group_id is not None]

    @cached_property
    def counterparties(self) -> Mapping[int, str | None]:
        """The counterparties that can still be read, by the position of the transfer."""
        named = [view for view in self._views if view.transfer.counterparty is not None]
        sealed = [(view.related.partner_id, view.transfer.counterparty) for view in named]
        texts = opened(self._call.vault, self._call.book_id, sealed) if sealed else []
        return dict(zip((view.transfer.seq for view in named), texts, strict=True))


@strawberry.type(name="Transfer")
class TransferNode(Node):
    """Money moved from one account to another, once; or a hold, or the end of a hold."""

    view: strawberry.Private[TransferView]
    page: strawberry.Private[_Page]

    @strawberry.field
    def kind(self) -> TransferKind:
        """Effect of the transfer."""
        return TransferKind(self.view.transfer.kind)

    @strawberry.field
    def state(self) -> HoldState | None:
        """State of a hold; null for the other kinds."""
        if self.view.transfer.kind != Kind.HOLD:
            return None
        ended_by = self.view.related.ended_by
        return HoldState.OPEN if ended_by is None else _ENDED[ended_by]

    @deprecated_for("debitAccount { id }")
    def debit_account_id(self) -> strawberry.ID | None:
        """Account that gave; null if it is another partner's."""
        return _public("account", self.view.related.debit_account_id)

    @deprecated_for("creditAccount { id }")
    def credit_account_id(self) -> strawberry.ID | None:
        """Account that received; null if it is another partner's."""
        return _public("account", self.view.related.credit_account_id)

    @strawberry.field
    def amount(self) -> MoneyNode:
        """Amount that was moved, held or released."""
        transfer = self.view.transfer
        return MoneyNode(amount_minor=Minor(transfer.amount_minor), currency=Currency(transfer.currency))

    @strawberry.field
    def code(self) -> str:
        """Purpose, as your own short word."""
        return self.view.transfer.code

    @strawberry.field
    def external_ref(self) -> str | None:
        """Your own reference for the transfer."""
        return self.view.transfer.external_ref

    @strawberry.field
    def counterparty(self) -> str | None:
        """Your own reference for the other side; null if absent, or if the other side was erased."""
        return self.page.counterparties.get(self.view.transfer.seq)

    @strawberry.field
    def is_counterparty_forgotten(self) -> bool:
        """Erasure of the other side that it named: true if its reference cannot be read any more."""
        transfer = self.view.transfer
        return transfer.counterparty is not None and self.page.counterparties[transfer.seq] is None

    @strawberry.field
    def tags(self) -> list[str]:
        """Your own tags, in their order."""
        return (self.view.transfer.tags or "").split()

    @deprecated_for("group { id }")
    def group_id(self) -> strawberry.ID | None:
        """Group that it was done or refused with; null if it was alone."""
        return _public("group", self.view.transfer.group_id)

    @deprecated_for("hold { id }")
    def hold_id(self) -> strawberry.ID | None:
        """Hold that it ended; null if it ended none."""
        return _public("transfer", self.view.related.hold_id)

    @strawberry.field
    def expires_at(self) -> datetime | None:
        """Expiry of a hold; null if it never expires."""
        return self.view.transfer.expires_at

    @strawberry.field
    def closes(self) -> Side | None:
        """Side whose account a hold closes while it is open; null if it closes none."""
        return None if self.view.transfer.closes is None else Side(self.view.transfer.closes)

    @strawberry.field
    def balancing(self) -> Balancing | None:
        """Account whose balance limited the amount; null if the full amount was moved."""
        return None if self.view.transfer.balancing is None else Balancing(self.view.transfer.balancing)

    @strawberry.field
    def rate(self) -> str | None:
        """Exact rate of an exchange, credited per debited, as a decimal or a fraction."""
        return self.view.transfer.rate

    @strawberry.field
    def template(self) -> str | None:
        """Template of the posting that made it, with its version: name@3."""
        return self.view.transfer.template

    @deprecated_for("reverses { id }")
    def reverses_id(self) -> strawberry.ID | None:
        """Transfer that it reverses."""
        return _public("transfer", self.view.related.reverses_id)

    @strawberry.field
    def is_forced(self) -> bool:
        """Lifting of the accounts' limits by the operator: true if they were lifted for it."""
        return bool(self.view.transfer.is_forced)

    @strawberry.field
    def effective_at(self) -> datetime:
        """Effective time: when it counts from."""
        return self.view.transfer.effective_at

    @strawberry.field
    def booked_on(self) -> date:
        """Accounting date: the day of the book that `effectiveAt` counts to."""
        return self.view.transfer.booked_on

    @strawberry.field
    def recorded_at(self) -> datetime:
        """Instant of recording."""
        return self.view.transfer.recorded_at

    @strawberry.field
    def position(self) -> Position:
        """Journal position of the transfer."""
        return Position(self.view.transfer.seq)

    @strawberry.field
    def metadata(self, info: strawberry.Info[Call, None]) -> list[MetadataEntry]:
        """Your own words for the transfer, by name."""
        return entries_of_object(info.context, self.view.transfer.transfer_id, self.page.ids)

    @strawberry.field
    def debit_account(self, info: strawberry.Info[Call, None]) -> OneAccount | None:
        """Account that gave; null if it is another partner's."""
        found: AccountNode | None = find(info, "account", self.view.related.debit_account_id, self.page.accounts)
        return found

    @strawberry.field
    def credit_account(self, info: strawberry.Info[Call, None]) -> OneAccount | None:
        """Account that received; null if it is another partner's."""
        found: AccountNode | None = find(info, "account", self.view.related.credit_account_id, self.page.accounts)
        return found

    @strawberry.field
    def hold(self, info: strawberry.Info[Call, None]) -> "TransferNode | None":
        """Hold that it ended; null if it ended none."""
        found: TransferNode | None = find(info, "transfer", self.view.related.hold_id, self.page.transfers)
        return found

    @strawberry.field
    def reverses(self, info: strawberry.Info[Call, None]) -> "TransferNode | None":
        """Transfer that it reverses; null if it reverses none."""
        found: TransferNode | None = find(info, "transfer", self.view.related.reverses_id, self.page.transfers)
        return found

    @strawberry.field
    def group(self, info: strawberry.Info[Call, None]) -> OneGroup | None:
        """Group that it was done with; null if it was alone."""
        found: GroupNode | None = find(info, "group", self.view.transfer.group_id, self.page.groups)
        return found


def show_transfers(call: Call, views: Sequence[TransferView]) -> list[TransferNode]:
    """Return the nodes of transfers of one page; what they show is made where it is asked for."""
    beside = _Page(call, views)
    return [TransferNode(id=_id("transfer", view.transfer.transfer_id), view=view, page=beside) for view in views]


def transfers_as_recorded(call: Call, ids: Sequence[UUID]) -> dict[UUID, TransferNode]:
    """Return the caller's transfers as they were recorded, whatever became of a hold since."""
    found = book.transfers(call.reader(), call.book_id, [TransferId(each) for each in ids])
    views = [view.as_recorded() for view in found.values()]
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
    return page(nodes, lambda node: cursors.write(node.view.transfer.seq), wanted, as_of=as_of, searched_to=ended_at)


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


_ENDED: Final = {Kind.POST: HoldState.POSTED, Kind.VOID: HoldState.VOIDED, Kind.EXPIRY: HoldState.EXPIRED}


def _public(noun: str, value: UUID | None) -> strawberry.ID | None:
    return None if value is None else _id(noun, value)


def _id(noun: str, value: UUID) -> strawberry.ID:
    return strawberry.ID(public(noun, value))


def _transfers(call: Call, ids: Sequence[UUID]) -> dict[UUID, TransferNode]:
    found = book.transfers(call.reader(), call.book_id, [TransferId(each) for each in ids])
    return dict(zip(found, show_transfers(call, list(found.values())), strict=True))


NODES: Final[Mapping[str, Finder]] = {"transfer": _transfers}
