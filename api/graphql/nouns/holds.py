"""Mutations that post or void a hold, and that close or reopen an account, which a closing hold does."""

from datetime import date, datetime
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.mistakes import Mistakes
from api.graphql.money import MoneyInput
from api.graphql.nouns.orders import date_of, reference_of, transfer_id_of
from api.graphql.nouns.postings import PostingResult, answered, place_named
from api.graphql.validation import IdempotencyKey
from ledger.book.judging.orders import AS_HELD, WHOLE_HOLD, Terms, TransferOrder
from ledger.book.posting.open_holds import closing_hold
from ledger.book.reading import balances
from ledger.book.reading.transfers import transfers
from ledger.book.records.accounts import AccountId, Side
from ledger.book.records.transfers import Kind, TransferId
from ledger.kernel import errors
from ledger.public_ids import parse_public


@strawberry.input
class PostHoldInput:
    """The hold to post."""

    hold: strawberry.ID = strawberry.field(description="The hold, trf_…")
    amount: MoneyInput | None = strawberry.field(
        default=None, description="The amount to post; the rest is released. Absent: the whole hold."
    )
    effective_at: datetime | None = strawberry.field(
        default=None, description="The effective time: not in the future. Absent: the time of recording."
    )
    effective_on: date | None = strawberry.field(
        default=None, description="The accounting date, instead of `effectiveAt`: counts from the start of that date."
    )
    external_ref: str | None = strawberry.field(default=None, description="Your own reference for the post.")


@strawberry.input
class VoidHoldInput:
    """The hold to void."""

    hold: strawberry.ID = strawberry.field(description="The hold, trf_…")
    external_ref: str | None = strawberry.field(default=None, description="Your own reference for the void.")


@strawberry.input
class CloseAccountInput:
    """The account to close."""

    account: strawberry.ID = strawberry.field(description="The account, acc_… Its balance stays on it.")
    counter_account: strawberry.ID = strawberry.field(
        description="Another account of yours in the same currency: a closing is a hold of zero between the two."
    )
    external_ref: str | None = strawberry.field(default=None, description="Your own reference for the closing.")


@strawberry.input
class ReopenAccountInput:
    """The account to reopen."""

    account: strawberry.ID = strawberry.field(description="The account, acc_…")


@strawberry.type
class HoldMutations:
    """Mutations of holds, and of closing and reopening accounts."""

    @strawberry.mutation
    def post_hold(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[PostHoldInput, strawberry.argument(name="input", description="The hold and the amount.")],
        idempotency_key: IdempotencyKey,
    ) -> PostingResult | None:
        """Move the money that a hold reserved, in full or in part. A hold can be posted once."""
        call = info.context
        try:
            order = _posting(call, wanted, idempotency_key)
            return answered(call, [order], call.post([order]), _OF_HOLD)
        except errors.Refusal as refusal:
            return refusals.shown(refusal)

    @strawberry.mutation
    def void_hold(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[VoidHoldInput, strawberry.argument(name="input", description="The hold.")],
        idempotency_key: IdempotencyKey,
    ) -> PostingResult | None:
        """Release a hold without moving money."""
        call = info.context
        try:
            order = _voiding(call, wanted, idempotency_key)
            return answered(call, [order], call.post([order]), _OF_HOLD)
        except errors.Refusal as refusal:
            return refusals.shown(refusal)

    @strawberry.mutation
    def close_account(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[CloseAccountInput, strawberry.argument(name="input", description="The account.")],
        idempotency_key: IdempotencyKey,
    ) -> PostingResult | None:
        """Close an account: nothing moves on it until it is reopened. Open holds can still be voided."""
        call = info.context
        try:
            order = _closing(call, wanted, idempotency_key)
            return answered(call, [order], call.post([order]), _OF_CLOSING)
        except errors.Refusal as refusal:
            return refusals.shown(refusal)

    @strawberry.mutation
    def reopen_account(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[ReopenAccountInput, strawberry.argument(name="input", description="The account.")],
        idempotency_key: IdempotencyKey,
    ) -> PostingResult | None:
        """Reopen a closed account, by voiding the hold that closes it."""
        call = info.context
        try:
            order = _reopening(call, wanted, idempotency_key)
            return answered(call, [order], call.post([order]), place_named(hold="account"))
        except errors.Refusal as refusal:
            return refusals.shown(refusal, "input", "account")


_OF_HOLD: Final = place_named(hold="hold", amount="amount", effectiveAt="effectiveAt", externalRef="externalRef")
_OF_CLOSING: Final = place_named(debitAccount="account", creditAccount="counterAccount", externalRef="externalRef")


def _posting(call: Call, wanted: PostHoldInput, key: str) -> TransferOrder:
    mistakes, held = Mistakes(), wanted.amount
    read = mistakes.at("input").read
    order = _ending(call, mistakes, key)._replace(
        amount_minor=WHOLE_HOLD if held is None else read("amount", _part, held),
        currency="" if held is None else held.currency,
        effective_at=wanted.effective_at,
        effective_on=read("effectiveOn", date_of, wanted.effective_on, beside=wanted.effective_at),
        external_ref=read("externalRef", reference_of, "externalRef", wanted.external_ref),
        terms=Terms(kind=Kind.POST, hold_id=TransferId(read("hold", parse_public, "transfer", wanted.hold))),
    )
    mistakes.refuse()
    return order


def _voiding(call: Call, wanted: VoidHoldInput, key: str) -> TransferOrder:
    mistakes = Mistakes()
    read = mistakes.at("input").read
    order = _ending(call, mistakes, key)._replace(
        external_ref=read("externalRef", reference_of, "externalRef", wanted.external_ref),
        terms=Terms(kind=Kind.VOID, hold_id=TransferId(read("hold", parse_public, "transfer", wanted.hold))),
    )
    mistakes.refuse()
    return order


def _reopening(call: Call, wanted: ReopenAccountInput, key: str) -> TransferOrder:
    mistakes = Mistakes()
    closed = AccountId(mistakes.at("input").read("account", parse_public, "account", wanted.account))
    order = _ending(call, mistakes, key)
    mistakes.refuse()
    return order._replace(terms=Terms(kind=Kind.VOID, hold_id=_closed_by(call, closed, key)))


def _ending(call: Call, mistakes: Mistakes, key: str) -> TransferOrder:
    """Return the order that ends a hold, as yet without the hold, which determines its accounts, currency and code."""
    transfer_id, partner_id = mistakes.read("idempotencyKey", transfer_id_of, call, key), call.principal.partner_id
    return TransferOrder(transfer_id, partner_id, AS_HELD, AS_HELD, WHOLE_HOLD, currency="", code="")


def _part(held: MoneyInput) -> int:
    """Return the amount to post. Raises `InvalidInput` for the number that stands for the whole hold."""
    if held.amount_minor == WHOLE_HOLD:
        raise errors.InvalidInput("leave the amount out to post all of a hold")
    return held.amount_minor


def _closing(call: Call, wanted: CloseAccountInput, key: str) -> TransferOrder:
    mistakes = Mistakes()
    read = mistakes.at("input").read
    closed = AccountId(read("account", parse_public, "account", wanted.account))
    counter = AccountId(read("counterAccount", parse_public, "account", wanted.counter_account))
    external_ref = read("externalRef", reference_of, "externalRef", wanted.external_ref)
    transfer_id = mistakes.read("idempotencyKey", transfer_id_of, call, key)
    mistakes.refuse()
    view = balances.account(call.reader(), call.book_id, closed)
    return TransferOrder(
        transfer_id,
        call.principal.partner_id,
        closed,
        counter,
        amount_minor=0,
        currency="" if view is None else view.account.currency,  # without an account, the book refuses the order
        code="closing",
        external_ref=external_ref,
        terms=Terms(kind=Kind.HOLD, closes=Side.DEBIT),
    )


def _closed_by(call: Call, account_id: AccountId, key: str) -> TransferId:
    """Return the hold that closes the account, or that this key has voided before. Raises `InvalidInput`."""
    reader, transfer_id = call.reader(), transfer_id_of(call, key)
    done = transfers(reader, call.book_id, [transfer_id]).get(transfer_id)
    if done is not None:
        related = done.related
        if related.hold_id is not None and account_id in (related.debit_account_id, related.credit_account_id):
            return related.hold_id
        raise errors.IdempotencyConflict("this key was used for another request; send new requests with new keys")
    hold = closing_hold(reader, call.book_id, account_id)
    if hold is None:
        raise errors.InvalidInput("no hold of yours closes this account; there is nothing to reopen")
    return hold
