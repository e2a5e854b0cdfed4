"""Views of transfers, as a read finds them; or made of an order that was just accepted and its outcome, without a read.

An order states all that a reader sees of its transfer, but for the amount, the position and the instant, which its
outcome has. What an order leaves to a hold, a reversal or the book's calendar is left to a read.
"""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Self

from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome, Result
from ledger.book.records.accounts import AccountId, Side
from ledger.book.records.transfers import BEGINS, Balancing, GroupId, Kind, Transfer, TransferId
from ledger.kernel.ids import BookId, PartnerId


class RecordedTransfer(NamedTuple):
    """The columns of a recorded transfer that its readers see."""

    book_id: BookId
    seq: int
    recorded_at: datetime
    transfer_id: TransferId
    kind: Kind
    amount_minor: int
    currency: str
    code: str
    effective_at: datetime
    booked_on: date
    expires_at: datetime | None
    group_id: GroupId | None
    external_ref: str | None
    counterparty: str | None
    tags: str | None
    balancing: Balancing | None
    closes: Side | None
    rate: str | None
    template: str | None
    is_forced: bool | None


class RelatedIds(NamedTuple):
    """The ids of a transfer's partner and accounts, of the hold that it ended, and of the transfer that it reverses.

    Those of another partner are None to a partner's reader. `ended_by` is the kind of transfer that ended a hold; None
    while it is open.
    """

    partner_id: PartnerId
    debit_account_id: AccountId
    credit_account_id: AccountId
    hold_id: TransferId | None
    reverses_id: TransferId | None
    ended_by: Kind | None


class TransferView(NamedTuple):
    """A transfer with the ids of what it is related to; None if it was read without."""

    transfer: Transfer | RecordedTransfer
    ids: RelatedIds | None

    @property
    def related(self) -> RelatedIds:
        """The ids of what it is related to, of a transfer that was read with them."""
        assert self.ids is not None, "this transfer was read without what it is related to"
        return self.ids

    def as_recorded(self) -> Self:
        """Return the transfer as it was recorded, whatever became of a hold since."""
        return self._replace(ids=self.related._replace(ended_by=None))


def accepted_view(book_id: BookId, order: TransferOrder, outcome: Outcome) -> TransferView | None:
    """Return the view of the transfer that the order made; None if it made none now, or if only a read shows it."""
    terms, recording = order.terms, outcome.recording
    if outcome.result is not Result.CREATED or recording is None or outcome.seq is None or outcome.amount_minor is None:
        return None
    if terms.kind not in BEGINS or terms.reverses is not None or order.effective_on is not None:
        return None
    effective_at = (order.effective_at or recording.at).astimezone(UTC)
    transfer = RecordedTransfer(
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
    ids = RelatedIds(order.partner_id, order.debit_account_id, order.credit_account_id, None, None, None)
    return TransferView(transfer, ids)
