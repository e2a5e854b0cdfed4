"""Accepted transfers: the view of a transfer that was just recorded, made of its order and outcome, without a read.

An order states all that a reader sees of its transfer, but for the amount, the position and the instant, which its
outcome has. What an order leaves to a hold, a reversal or the book's calendar is left to a read.
"""

from datetime import UTC, timedelta

from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome, Result
from ledger.book.reading.transfers import AcceptedTransfer, TransferView
from ledger.book.records.transfers import BEGINS
from ledger.kernel.ids import BookId


def accepted_view(book_id: BookId, order: TransferOrder, outcome: Outcome) -> TransferView | None:
    """Return the view of the transfer that the order made; None if it made none now, or if only a read shows it."""
    terms, recording = order.terms, outcome.recording
    if outcome.result is not Result.CREATED or recording is None or outcome.seq is None or outcome.amount_minor is None:
        return None
    if terms.kind not in BEGINS or terms.reverses is not None or order.effective_on is not None:
        return None
    effective_at = (order.effective_at or recording.at).astimezone(UTC)
    transfer = AcceptedTransfer(
        book_id=book_id,
        seq=outcome.seq,
        recorded_at=recording.at,
        transfer_id=order.transfer_id,
        kind=terms.kind,
        amount_minor=outcome.amount_minor,
        currency=order.currency,
        code=order.code,
        effective_at=effective_at,
        booked_on=recording.calendar.booked_on(effective_at),
        expires_at=recording.at + timedelta(seconds=terms.timeout_s) if terms.timeout_s else None,
        group_id=order.group_id,
        external_ref=order.external_ref,
        counterparty=order.counterparty,
        tags=order.tags,
        balancing=terms.balancing,
        closes=terms.closes,
        rate=terms.rate,
        template=terms.template,
        is_forced=terms.is_forced or None,
    )
    return TransferView(transfer, order.partner_id, order.debit_account_id, order.credit_account_id, None, None, None)
