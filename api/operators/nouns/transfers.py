"""Transfers and holds in the operators' schema, and the mutation that reverses a transfer."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Final

import strawberry

from api.graphql.arguments import read_argument
from api.graphql.connections import After, Before, First, Last
from api.graphql.enums import HoldState, TransferKind
from api.graphql.money import MoneyNode
from api.graphql.results import SAYS
from api.operators import refusals
from api.operators.changes import Change, IdempotencyKey, requested
from api.operators.connections import BookName, Connection, book_id_of, cursors_by_position, page
from api.operators.context import OperatorCall
from api.operators.nouns.partners import OnePartner, partner_id_of
from api.operators.scalars import JournalPosition
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome, Result
from ledger.book.reading.search import HoldStatus, TransferFilter, found_transfers
from ledger.book.reading.transfer_views import TransferView
from ledger.book.reading.transfers import transfers
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import Kind, TransferId
from ledger.flows.reversals import ReversalOrder, reverse_transfer
from ledger.kernel import errors
from ledger.kernel.money import Money
from ledger.kernel.pages import Slice
from ledger.public_ids import parse_public, public
from ledger.tenancy.operator_changes import OperatorRequest, change_order, recorded_change

_CURSORS: Final = cursors_by_position("transfer")
_ENDED: Final = {Kind.POST: HoldState.POSTED, Kind.VOID: HoldState.VOIDED, Kind.EXPIRY: HoldState.EXPIRED}
_DONE: Final = (Result.CREATED, Result.EXISTS)


@strawberry.type(name="Transfer")
class TransferNode:
    """Money moved from one account to another, once; or a hold, or the end of a hold."""

    id: strawberry.ID = strawberry.field(description="Its id, trf_….")
    kind: TransferKind = strawberry.field(description="The effect of the transfer.")
    state: HoldState | None = strawberry.field(description="The state of a hold; null for the other kinds.")
    partner_id: strawberry.ID = strawberry.field(description="The partner that ordered it.")
    debit_account_id: strawberry.ID = strawberry.field(description="The account that gave.")
    credit_account_id: strawberry.ID = strawberry.field(description="The account that received.")
    amount: MoneyNode = strawberry.field(description="The amount that was moved, held or released.")
    code: str = strawberry.field(description="The purpose, as the partner's own short word.")
    external_ref: str | None = strawberry.field(description="The partner's own reference for the transfer.")
    reverses_id: strawberry.ID | None = strawberry.field(description="The transfer that it reverses.")
    hold_id: strawberry.ID | None = strawberry.field(description="The hold that it ended.")
    expires_at: datetime | None = strawberry.field(description="Expiry of a hold; null if it never expires.")
    is_forced: bool = strawberry.field(description="True if an operator lifted the accounts' limits for it.")
    booked_on: date = strawberry.field(description="The accounting date.")
    effective_at: datetime = strawberry.field(description="The instant that it counts from.")
    recorded_at: datetime = strawberry.field(description="The instant of recording.")
    position: JournalPosition = strawberry.field(description="Its journal position.")


@strawberry.input
class TransferFilterInput:
    """The conditions of a search; those that are absent do not apply."""

    partner: str | None = strawberry.field(default=None, description="The partner, by its reference or its id.")
    account: strawberry.ID | None = strawberry.field(default=None, description="One of its accounts, acc_….")
    external_ref: str | None = strawberry.field(
        default=None, description="The partner's own reference for the transfer; name the partner too."
    )
    code: str | None = strawberry.field(default=None, description="The purpose.")
    hold_state: HoldState | None = strawberry.field(default=None, description="Holds in this state only.")
    recorded_from: datetime | None = strawberry.field(default=None, description="Recorded at this instant or later.")
    recorded_until: datetime | None = strawberry.field(default=None, description="Recorded before this instant.")


@strawberry.input
class OperatorReversalInput:
    """The transfer to reverse."""

    book: str = strawberry.field(description="The book, by its name.")
    transfer: strawberry.ID = strawberry.field(description="The transfer or post, trf_….")
    reason: str = strawberry.field(description="Your reason, which is recorded: 1 to 500 characters.")


@strawberry.type
class ReversedTransfer(Change):
    """The reversal, which moved the same money back."""

    id: strawberry.ID = strawberry.field(description="The id of the reversal, trf_….")


ReverseTransferResult = Annotated[
    ReversedTransfer | refusals.TransferRefused | refusals.Refused,
    strawberry.union("ReverseTransferResult", description="The reversal, or the reason why it was not done."),
]


@strawberry.type
class TransferQueries:
    """Queries of transfers and holds."""

    @strawberry.field
    def transfer(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id, trf_….")],  # noqa: A002  # the argument's public name
    ) -> TransferNode | None:
        """One transfer of any partner; null if the book has no such transfer."""
        call, transfer_id = info.context, TransferId(read_argument("id", parse_public, "transfer", id))
        found = transfers(call.reader(), book_id_of(call, book), [transfer_id]).get(transfer_id)
        return None if found is None else _shown(found)

    @strawberry.field
    def transfers(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        wanted: Annotated[
            TransferFilterInput | None,
            strawberry.argument(name="filter", description="The conditions. Absent: all of the book."),
        ] = None,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[TransferNode]:
        """Transfers and holds of a book, the newest first.

        With a filter, a page can have few nodes or none; its search ends after ten thousand transfers.
        """
        call, piece = info.context, _CURSORS.slice(first, after, last, before)
        sought = _filter(call, book, wanted or TransferFilterInput())
        return _page(call, book, sought, piece)

    @strawberry.field
    def holds(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        partner: OnePartner = None,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[TransferNode]:
        """Open holds of a book, the newest first; of one partner, if given."""
        piece = _CURSORS.slice(first, after, last, before)
        wanted = TransferFilterInput(partner=partner, hold_state=HoldState.OPEN)
        return _page(info.context, book, _filter(info.context, book, wanted), piece)


@strawberry.type
class TransferMutations:
    """Mutations of transfers."""

    @strawberry.mutation
    def reverse_transfer(
        self,
        info: strawberry.Info[OperatorCall, None],
        wanted: Annotated[OperatorReversalInput, strawberry.argument(name="input", description="The transfer.")],
        idempotency_key: IdempotencyKey,
    ) -> ReverseTransferResult | None:
        """Reverse a transfer of any partner, in full and once, if the receiver still has the money."""
        call = info.context
        try:
            request = requested(call, "reverseTransfer", wanted, idempotency_key)
            named = read_argument(("input", "transfer"), parse_public, "transfer", wanted.transfer)
            return _reversed(call, request, TransferId(named))
        except errors.Refusal as refusal:
            return refusals.shown(refusal)


def _reversed(
    call: OperatorCall, request: OperatorRequest, transfer_id: TransferId
) -> ReversedTransfer | refusals.TransferRefused:
    """Reverse a transfer under an id that follows from the request, and record the change in the same commit."""
    reversal_id = TransferId(request.request_id)
    known = recorded_change(call.reader(), request)
    if known is None:
        facts = change_order(request, reversal_id)

        def posting(orders: Sequence[TransferOrder]) -> list[Outcome]:
            return call.post(request.book_id, orders, facts)

        order = ReversalOrder(transfer_id, call.actor, reversal_id=reversal_id)
        (outcome,) = reverse_transfer(call.reader(), posting, request.book_id, order).outcomes
        code = outcome.original or outcome.result
        if code not in _DONE:
            position = None if outcome.seq is None else JournalPosition(outcome.seq)
            message = f"{SAYS[code][0].upper()}{SAYS[code][1:]}."
            return refusals.TransferRefused(code=code.value.upper(), message=message, refusal_position=position)
        known = recorded_change(call.reader(), request)
        assert known is not None, "the change is in the commit of the reversal"
        known = known._replace(is_replay=False)
    return ReversedTransfer(
        position=JournalPosition(known.seq),
        is_replay=known.is_replay,
        id=strawberry.ID(public("transfer", reversal_id)),
    )


def _filter(call: OperatorCall, book: str, wanted: TransferFilterInput) -> TransferFilter:
    book_id, account = book_id_of(call, book), wanted.account
    named = None if account is None else read_argument(("filter", "account"), parse_public, "account", account)
    return TransferFilter(
        partner_id=None if wanted.partner is None else partner_id_of(call, book_id, wanted.partner),
        account_id=None if named is None else AccountId(named),
        external_ref=wanted.external_ref,
        code=wanted.code,
        hold_status=None if wanted.hold_state is None else HoldStatus(str(wanted.hold_state.value)),
        recorded_from=wanted.recorded_from,
        recorded_until=wanted.recorded_until,
    )


def _page(call: OperatorCall, book: str, sought: TransferFilter, wanted: Slice[int]) -> Connection[TransferNode]:
    book_id = book_id_of(call, book)
    found = found_transfers(call.reader(), book_id, sought, wanted.with_one_more)
    nodes = [_shown(view) for view in found.views]
    return page(nodes, lambda node: _CURSORS.write(node.position), wanted, as_of=call.position(book_id))


def _shown(view: TransferView) -> TransferNode:
    transfer = view.transfer
    assert view.related.debit_account_id is not None, "an operator sees both sides"
    assert view.related.credit_account_id is not None, "an operator sees both sides"
    return TransferNode(
        id=strawberry.ID(public("transfer", transfer.transfer_id)),
        kind=TransferKind(transfer.kind),
        state=_state(view),
        partner_id=strawberry.ID(public("partner", view.related.partner_id)),
        debit_account_id=strawberry.ID(public("account", view.related.debit_account_id)),
        credit_account_id=strawberry.ID(public("account", view.related.credit_account_id)),
        amount=MoneyNode.of(Money(transfer.amount_minor, transfer.currency)),
        code=transfer.code,
        external_ref=transfer.external_ref,
        reverses_id=_transfer_id(view.related.reverses_id),
        hold_id=_transfer_id(view.related.hold_id),
        expires_at=transfer.expires_at,
        is_forced=bool(transfer.is_forced),
        booked_on=transfer.booked_on,
        effective_at=transfer.effective_at,
        recorded_at=transfer.recorded_at,
        position=JournalPosition(transfer.seq),
    )


def _state(view: TransferView) -> HoldState | None:
    if view.transfer.kind != Kind.HOLD:
        return None
    return HoldState.OPEN if view.related.ended_by is None else _ENDED[view.related.ended_by]


def _transfer_id(transfer_id: TransferId | None) -> strawberry.ID | None:
    return None if transfer_id is None else strawberry.ID(public("transfer", transfer_id))
