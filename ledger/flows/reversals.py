"""Reversing a transfer: finds it in the caller's scope, and posts the order that takes it back."""

from typing import NamedTuple

from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.posting.posting import Posted, Posting
from ledger.book.reading.transfers import TransferView, transfers
from ledger.book.records.transfers import Kind, TransferId
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.work import Reader
from ledger.public_ids import public


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


def reversal_of(
    view: TransferView, *, actor: str, attempt: int = 1, is_forced: bool = False, across_partners: bool = False
) -> TransferOrder:
    """The mirrored order of a transfer or post, under an id that follows from the transfer's and the attempt.

    An id that was refused stays refused: who tries again later counts `attempt` up. However many attempts there are,
    the book accepts one. Raises `InvalidInput` for a hold, and for a void or expiry, which moved nothing.
    """
    done = view.transfer
    name = public("transfer", done.transfer_id)
    if done.kind not in (Kind.TRANSFER, Kind.POST):
        ending = "void the hold instead" if done.kind == Kind.HOLD else "there is nothing to take back"
        raise InvalidInput(f"{name} is a {done.kind} and moved no money; {ending}")
    if attempt < 1:
        raise InvalidInput("attempts are counted from 1")
    way = "forced" if is_forced else "plain"
    return TransferOrder(
        transfer_id=TransferId(derived_id(done.book_id, "reversal", done.transfer_id, way, attempt)),
        partner_id=view.partner_id,
        debit_account_id=view.credit_account_id,
        credit_account_id=view.debit_account_id,
        amount_minor=done.amount_minor,
        currency=done.currency,
        code="reversal",
        across_partners=across_partners,
        counterparty=done.counterparty,
        actor=actor,
        terms=Terms(reverses=done.transfer_id, is_forced=is_forced),
    )
