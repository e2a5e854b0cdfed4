"""Reversing a transfer: finds it in the caller's scope, and posts the order that takes it back."""

from ledger.book.posting import Posted, Posting
from ledger.book.reversals import reversal_of
from ledger.book.transfers import transfers
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId, TransferId, public
from ledger.kernel.work import Reader


def reverse_transfer(
    reader: Reader,
    posting: Posting,
    book_id: BookId,
    transfer_id: TransferId,
    *,
    actor: str,
    attempt: int = 1,
    is_forced: bool = False,
) -> Posted:
    """Take a posted transfer back, whole; the same call again is a resend, and says `exists`.

    Its outcome may be `insufficient_funds` where the receiver has spent the money, and `already_reversed`. To force it
    is the operator's, who sees every partner. Raises `NotFound`, and `InvalidInput` for what moved no money.
    """
    if is_forced and reader.partner_id is not None:
        raise InvalidInput("only the operator forces a reversal; wait until the account has the money")
    view = transfers(reader, book_id, [transfer_id]).get(transfer_id)
    if view is None:
        raise NotFound(f"there is no transfer {public('transfer', transfer_id)}")
    across = reader.partner_id is None
    order = reversal_of(view, actor=actor, attempt=attempt, is_forced=is_forced, across_partners=across)
    return Posted([order], posting([order]))
