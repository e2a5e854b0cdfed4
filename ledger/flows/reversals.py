"""Reversing a transfer: finds it in the caller's scope, and posts the order that takes it back."""

from typing import NamedTuple

from ledger.book.posting import Posted, Posting
from ledger.book.reversals import reversal_of
from ledger.book.transfers import transfers
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId, TransferId, public
from ledger.kernel.work import Reader


class ReversalOrder(NamedTuple):
    """A reversal that is asked for; who tries again after a refusal counts `attempt` up. Operators may force it.

    A `reversal_id` of the caller's own takes the place of the one that follows from the transfer and the attempt.
    """

    transfer_id: TransferId
    actor: str
    attempt: int = 1
    is_forced: bool = False
    reversal_id: TransferId | None = None


def reverse_transfer(reader: Reader, posting: Posting, book_id: BookId, order: ReversalOrder) -> Posted:
    """Take a posted transfer back, whole; the same call again is a resend, and says `exists`.

    Its outcome may be `insufficient_funds` where the receiver has spent the money, and `already_reversed`. Only a
    reader who sees every partner may force it. Raises `NotFound`, and `InvalidInput` for what moved no money.
    """
    if order.is_forced and reader.partner_id is not None:
        raise InvalidInput("only the operator forces a reversal; wait until the account has the money")
    view = transfers(reader, book_id, [order.transfer_id]).get(order.transfer_id)
    if view is None:
        raise NotFound(f"there is no transfer {public('transfer', order.transfer_id)}")
    across = reader.partner_id is None
    said = reversal_of(
        view, actor=order.actor, attempt=order.attempt, is_forced=order.is_forced, across_partners=across
    )
    if order.reversal_id is not None:
        said = said._replace(transfer_id=order.reversal_id)
    return Posted([said], posting([said]))
