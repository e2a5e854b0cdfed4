"""Reversing a transfer: finds it in the caller's scope, and posts the mirrored order."""

from typing import NamedTuple

from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.posting.posting import Posted, Posting
from ledger.book.reading.transfer_views import TransferView
from ledger.book.reading.transfers import transfers
from ledger.book.records.transfers import Kind, TransferId
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.work import Reader
from ledger.public_ids import public


class ReversalOrder(NamedTuple):
    """An order to reverse a transfer; a new try after a refusal increments `attempt`. Operators may force it.

    A `reversal_id` replaces the id that follows from the transfer and the attempt.
    """

    transfer_id: TransferId
    actor: str
    attempt: int = 1
    is_forced: bool = False
    reversal_id: TransferId | None = None


def reverse_transfer(reader: Reader, posting: Posting, book_id: BookId, order: ReversalOrder) -> Posted:
    """Reverse a posted transfer in full; a repeated call is a resend, with the outcome `exists`.

    The outcome may be `insufficient_funds` if the receiver has spent the money, and `already_reversed`. Only a reader
    of all partners may force it. Raises `NotFound`, and `InvalidInput` if the transfer moved no money.
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
    """Return the mirrored order of a transfer or post, under an id that follows from the transfer's and the attempt.

    A refused id stays refused: a later try increments `attempt`. However many attempts there are, the book accepts one.
    Raises `InvalidInput` for a hold, and for a void or expiry, which moved nothing.
    """
    done = view.transfer
    name = public("transfer", done.transfer_id)
    if done.kind not in (Kind.TRANSFER, Kind.POST):
        ending = "void the hold instead" if done.kind == Kind.HOLD else "there is nothing to reverse"
        raise InvalidInput(f"{name} is a {done.kind} and moved no money; {ending}")
    if attempt < 1:
        raise InvalidInput("attempts are counted from 1")
    way = "forced" if is_forced else "plain"
    return TransferOrder(
        transfer_id=TransferId(derived_id(done.book_id, "reversal", done.transfer_id, way, attempt)),
        partner_id=view.related.partner_id,
        debit_account_id=view.related.credit_account_id,
        credit_account_id=view.related.debit_account_id,
        amount_minor=done.amount_minor,
        currency=done.currency,
        code="reversal",
        across_partners=across_partners,
        counterparty=done.counterparty,
        actor=actor,
        terms=Terms(reverses=done.transfer_id, is_forced=is_forced),
    )
