"""The mutation that reverses a transfer."""

from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.mistakes import Mistakes
from api.graphql.nouns.orders import transfer_id_of
from api.graphql.nouns.postings import PostedTransfers, Refused, answered, place_named, refused_for_good
from api.graphql.validation import IdempotencyKey
from ledger.book.records.transfers import TransferId
from ledger.flows.reversals import ReversalOrder, reverse_transfer
from ledger.kernel import errors
from ledger.public_ids import parse_public


@strawberry.input
class ReverseTransferInput:
    """The transfer to reverse."""

    transfer: strawberry.ID = strawberry.field(description="A transfer or post of yours, trf_…")


ReversalResult = Annotated[
    PostedTransfers | Refused | refusals.AlreadyReversed | refusals.NotFound,
    strawberry.union("ReversalResult", description="The reversal, or the reason why it was not done."),
]


@strawberry.type
class ReversalMutations:
    """Mutations of reversals."""

    @strawberry.mutation
    def reverse_transfer(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[ReverseTransferInput, strawberry.argument(name="input", description="The transfer.")],
        idempotency_key: IdempotencyKey,
    ) -> ReversalResult | None:
        """Reverse a transfer, in full and once: the same money moves back, if the receiver still has it."""
        call = info.context
        try:
            order = _order(call, wanted, idempotency_key)
            done = reverse_transfer(call.reader(), call.post, call.book_id, order)
            return answered(call, done.orders, done.outcomes, place_named(transfer="transfer"))
        except errors.NotFound as refusal:
            content = {"reverseTransfer": wanted.transfer}
            return refusals.shown_of_named(refused_for_good(call, idempotency_key, content, refusal), *_TRANSFER)
        except errors.Refusal as refusal:
            return refusals.shown_of_named(refusal, *_TRANSFER)


_TRANSFER: Final = ("input", "transfer")


def _order(call: Call, wanted: ReverseTransferInput, key: str) -> ReversalOrder:
    mistakes = Mistakes()
    transfer_id = mistakes.at("input").read("transfer", parse_public, "transfer", wanted.transfer)
    reversal_id = mistakes.read("idempotencyKey", transfer_id_of, call, key)
    mistakes.refuse()
    return ReversalOrder(TransferId(transfer_id), actor=call.actor, reversal_id=reversal_id)
