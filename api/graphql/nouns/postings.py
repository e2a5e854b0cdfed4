"""The mutation that posts transfers, and the answer of every mutation that posts."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.nouns.orders import TRANSFERS_MAX, TransferInput, orders_of
from api.graphql.nouns.transfers import TransferNode, show_transfers
from api.graphql.results import SAYS
from api.graphql.scalars import Position
from api.graphql.validation import IdempotencyKey
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import CONFLICTS, LASTING, Outcome, Result
from ledger.book.reading.transfers import transfers
from ledger.kernel import errors
from ledger.kernel.work import Work


@strawberry.input
class PostTransfersInput:
    """Linked transfers in their order: all are done, or none."""

    transfers: list[TransferInput] = strawberry.field(description=f"1 to {TRANSFERS_MAX} transfers.")


@strawberry.type
class PostedTransfers:
    """All transfers are done, and durable."""

    transfers: list[TransferNode] = strawberry.field(description="The transfers, in the order of the request.")
    position: Position = strawberry.field(description="The journal position of the last one; use it as `minPosition`.")


Refused = (
    refusals.InsufficientFunds
    | refusals.AccountNotFound
    | refusals.AccountClosed
    | refusals.AccountFrozen
    | refusals.CurrencyMismatch
    | refusals.HoldNotFound
    | refusals.HoldNotOpen
    | refusals.PeriodClosed
    | refusals.ConditionFailed
    | refusals.TransferRefused
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable
)
"""The refusals of a posting; mutations that name an object add more."""

PostingResult = Annotated[
    PostedTransfers | Refused,
    strawberry.union("PostingResult", description="The transfers, or the reason why none of them was done."),
]


@strawberry.type
class PostingMutations:
    """Mutations that post transfers."""

    @strawberry.mutation
    def post_transfers(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[PostTransfersInput, strawberry.argument(name="input", description="The transfers to post.")],
        idempotency_key: IdempotencyKey,
    ) -> PostingResult | None:
        """Move or hold money. All transfers of the request are done, or none."""
        call = info.context
        try:
            orders = orders_of(call, wanted.transfers, idempotency_key)
            return answered(call, orders, call.post(orders))
        except errors.Refusal as refusal:
            return refusals.shown(refusal)


def answered(call: Call, orders: Sequence[TransferOrder], outcomes: Sequence[Outcome]) -> PostedTransfers | Refused:
    """Return the posted transfers of a request, or the refusal of the one that failed it."""
    for index, outcome in enumerate(outcomes):
        if outcome.result not in (Result.CREATED, Result.EXISTS, Result.LINKED_FAILED):
            return _refused(outcome, index)
    found = transfers(call.reader(), call.book_id, [order.transfer_id for order in orders])
    nodes = show_transfers(call, [found[order.transfer_id] for order in orders])
    return PostedTransfers(transfers=nodes, position=nodes[-1].position)


def refused_for_good(
    call: Call, key: str, content: Mapping[str, object], refusal: errors.NotFound
) -> errors.NotFound | errors.IdempotencyConflict | errors.Unavailable:
    """Bind a refusal to the key of a request that was not posted; return it, or the refusal that the key had before."""

    def refuse(_work: Work) -> int:
        raise refusal

    try:
        call.once(key, sealed(call, content), refuse)
    except (errors.NotFound, errors.IdempotencyConflict, errors.Unavailable) as kept:
        return kept
    raise AssertionError("a request that was refused for good is refused again")


def sealed(call: Call, content: Mapping[str, object]) -> Mapping[str, object]:
    """Return a keyed hash in place of a request's content, since the content may be personal."""
    text = json.dumps(content, sort_keys=True)
    return {"sealed": call.vault.derived_id(call.book_id, "request", text).hex}


_TYPES: Final[dict[Result, type[refusals.TransferRefused]]] = {
    Result.INSUFFICIENT_FUNDS: refusals.InsufficientFunds,
    Result.DEBIT_ACCOUNT_NOT_FOUND: refusals.AccountNotFound,
    Result.CREDIT_ACCOUNT_NOT_FOUND: refusals.AccountNotFound,
    Result.DEBIT_ACCOUNT_CLOSED: refusals.AccountClosed,
    Result.CREDIT_ACCOUNT_CLOSED: refusals.AccountClosed,
    Result.DEBIT_ACCOUNT_FROZEN: refusals.AccountFrozen,
    Result.CREDIT_ACCOUNT_FROZEN: refusals.AccountFrozen,
    Result.CURRENCY_MISMATCH: refusals.CurrencyMismatch,
    Result.HOLD_NOT_FOUND: refusals.HoldNotFound,
    Result.NOT_A_HOLD: refusals.HoldNotFound,
    Result.HOLD_ALREADY_POSTED: refusals.HoldNotOpen,
    Result.HOLD_ALREADY_VOIDED: refusals.HoldNotOpen,
    Result.HOLD_EXPIRED: refusals.HoldNotOpen,
    Result.ALREADY_REVERSED: refusals.AlreadyReversed,
    Result.PERIOD_CLOSED: refusals.PeriodClosed,
    Result.CONDITION_FAILED: refusals.ConditionFailed,
}
"""The refusals with a type of their own; every other refusal by the state of the book is a `TransferRefused`."""


def _refused(outcome: Outcome, index: int) -> Refused:
    """Return the refusal of the transfer that failed the request, with its original code."""
    code = outcome.original or outcome.result
    message = SAYS[code]
    if code in CONFLICTS:
        return refusals.IdempotencyConflict(code=code, message=message, index=index)
    if code not in LASTING:
        return refusals.InvalidInput(code=code, message=message, index=index)
    assert outcome.seq is not None, "a refusal by the state of the book is recorded"
    refused = _TYPES.get(code, refusals.TransferRefused)
    return refused(code=code, message=message, index=index, position=Position(outcome.seq))
