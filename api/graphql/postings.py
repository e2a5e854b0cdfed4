"""Posting transfers through the schema."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.money import MoneyInput
from api.graphql.openings import IdempotencyKey
from api.graphql.results import SAYS
from api.graphql.scalars import Position
from api.graphql.texts import checked_code, checked_text
from api.graphql.transfers import TransferNode, show_transfer
from ledger.book.orders import TransferOrder
from ledger.book.results import CONFLICTS, LASTING, Outcome, Result
from ledger.book.transfers import transfers
from ledger.kernel import errors
from ledger.kernel.ids import AccountId, GroupId, TransferId, derived_id, parse_public

TRANSFERS_MAX: Final = 100
"""The most transfers of one request."""


@strawberry.input
class TransferInput:
    """One transfer that is wanted. Both accounts are yours, and of the currency of the amount."""

    debit_account: strawberry.ID = strawberry.field(description="The account that gives, acc_…")
    credit_account: strawberry.ID = strawberry.field(description="The account that receives, acc_…")
    amount: MoneyInput = strawberry.field(description="How much.")
    code: str = strawberry.field(
        description="What it is for: a word of up to 40 lower-case letters, digits, - and _, such as payment or fee."
    )
    effective_at: datetime | None = strawberry.field(
        default=None,
        description="When it counts from: not in the future, nor more than 366 days back. Absent: when it is recorded.",
    )
    external_ref: str | None = strawberry.field(default=None, description="Your own reference of it.")


@strawberry.input
class PostTransfersInput:
    """Transfers that stand or fall together, done in the order in which they stand here."""

    transfers: list[TransferInput] = strawberry.field(description=f"1 to {TRANSFERS_MAX} transfers.")


@strawberry.type
class PostedTransfers:
    """All the transfers are done, and durable."""

    transfers: list[TransferNode] = strawberry.field(description="The transfers, in the order of the request.")
    position: Position = strawberry.field(description="Where the last of them is recorded; use it as `minPosition`.")


Refused = (
    refusals.InsufficientFunds
    | refusals.AccountNotFound
    | refusals.CurrencyMismatch
    | refusals.TransferRefused
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable
)

PostTransfersResult = Annotated[
    PostedTransfers
    | refusals.InsufficientFunds
    | refusals.AccountNotFound
    | refusals.CurrencyMismatch
    | refusals.TransferRefused
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable,
    strawberry.union("PostTransfersResult", description="The transfers, or why none of them was done."),
]


@strawberry.type
class PostingMutations:
    """Posting transfers."""

    @strawberry.mutation
    def post_transfers(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[PostTransfersInput, strawberry.argument(name="input", description="The wanted transfers.")],
        idempotency_key: IdempotencyKey,
    ) -> PostTransfersResult:
        """Move money: all the transfers of the request are done, or none. One transfer is a request of one."""
        call = info.context
        try:
            orders = _orders(call, wanted.transfers, checked_text("idempotencyKey", idempotency_key))
            outcomes = call.post(orders)
        except errors.Refusal as refusal:
            return refusals.shown(refusal)
        for index, outcome in enumerate(outcomes):
            if outcome.result not in (Result.CREATED, Result.EXISTS, Result.LINKED_FAILED):
                return _refused(outcome, index)
        found = transfers(call.reader(), call.book_id, [order.transfer_id for order in orders])
        nodes = [show_transfer(found[order.transfer_id]) for order in orders]
        return PostedTransfers(transfers=nodes, position=nodes[-1].position)


def _orders(call: Call, wanted: Sequence[TransferInput], key: str) -> list[TransferOrder]:
    """Orders whose ids follow from the key, so that the book recognises a resend."""
    if not 1 <= len(wanted) <= TRANSFERS_MAX:
        raise errors.InvalidInput(f"a request has 1 to {TRANSFERS_MAX} transfers, this one has {len(wanted)}")
    partner_id = call.principal.partner_id
    # The size is part of the group's id: a resend with fewer transfers is another request, not the same one.
    group = derived_id(call.book_id, partner_id, "group", key, len(wanted)) if len(wanted) > 1 else None
    return [
        TransferOrder(
            transfer_id=TransferId(derived_id(call.book_id, partner_id, "transfer", key, index)),
            partner_id=partner_id,
            debit_account_id=AccountId(parse_public("account", each.debit_account)),
            credit_account_id=AccountId(parse_public("account", each.credit_account)),
            amount_minor=each.amount.amount_minor,
            currency=each.amount.currency,
            code=checked_code(each.code),
            effective_at=each.effective_at,
            external_ref=None if each.external_ref is None else checked_text("externalRef", each.external_ref),
            group_id=None if group is None else GroupId(group),
        )
        for index, each in enumerate(wanted)
    ]


_TYPES: Final[dict[Result, type[refusals.TransferRefused]]] = {
    Result.INSUFFICIENT_FUNDS: refusals.InsufficientFunds,
    Result.DEBIT_ACCOUNT_NOT_FOUND: refusals.AccountNotFound,
    Result.CREDIT_ACCOUNT_NOT_FOUND: refusals.AccountNotFound,
    Result.CURRENCY_MISMATCH: refusals.CurrencyMismatch,
}


def _refused(outcome: Outcome, index: int) -> Refused:
    """Show the refusal of the transfer that brought the request down, with the code that it was first refused with."""
    code = outcome.original or outcome.result
    message = SAYS[code]
    if code in CONFLICTS:
        return refusals.IdempotencyConflict(code=code, message=message, index=index)
    if code not in LASTING:
        return refusals.InvalidInput(code=code, message=message, index=index)
    assert outcome.seq is not None, "what the state of the book refuses is recorded"
    refused = _TYPES.get(code, refusals.TransferRefused)
    return refused(code=code, message=message, index=index, position=Position(outcome.seq))
