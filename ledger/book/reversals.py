"""Reversals: the order that takes a posted transfer back, whole, by the same money moving the other way.

A transfer is reversed once, whoever asks; a reversal may be reversed once as well. A hold moved nothing: it is voided,
not reversed. Where the receiver has spent the money, the reversal is refused like any other debit, unless the operator
forces it: then limits are lifted, and the transfer says so for ever.
"""

from ledger.book.orders import Terms, TransferOrder
from ledger.book.transfers import TransferView
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import TransferId, derived_id, public
from ledger.records.transfers import Kind


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
