"""Facts: drafts the transfers, refusals and monitor triggers of a judged batch, each with its position."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from ledger.book.judging.effects import Effect, MonitorTrigger
from ledger.book.judging.judge import Verdict
from ledger.book.judging.orders import PLAIN, TransferOrder
from ledger.book.judging.resends import untold_hash
from ledger.book.judging.state import BookState
from ledger.book.records.monitors import MonitorEvent
from ledger.book.records.transfers import BEGINS, RefusedTransfer, Transfer
from ledger.journal.journal import Draft, OpenBatch
from ledger.journal.records import ActorNo
from ledger.kernel.ids import PartnerId
from ledger.kernel.money import MINOR_MAX
from ledger.tenancy.records import PartnerNo


class Numbers(NamedTuple):
    """The numbers by which transfers name actors and partners."""

    actors: Mapping[str, ActorNo]
    partners: Mapping[PartnerId, PartnerNo]


class Facts(NamedTuple):
    """Drafts by position, and the position of each transfer and refusal in the order judged."""

    drafts: list[Draft]
    positions: list[int]


def drafted(
    state: BookState, written: Sequence[Verdict], batch: OpenBatch, numbers: Numbers, *, first_seq: int
) -> Facts:
    """Draft the facts of accepted and finally refused orders, from position `first_seq` on.

    Values are in the order of the record's columns, because this runs once per transfer.
    """
    facts = Facts([], [])
    drafts, positions = facts
    named: dict[int, int] = {}
    for verdict in written:
        seq = first_seq + len(drafts)
        positions.append(seq)
        named[verdict.order.transfer_id.int] = seq
        effect = verdict.effect
        if effect is None:
            drafts.append(_refused(state, verdict, batch.recorded_at, numbers))
            continue
        drafts.append(_accepted(state, verdict, effect, batch.recorded_at, numbers=numbers, named=named))
        drafts.extend(_triggered(trigger, seq) for trigger in effect.triggers)
    return facts


def partner_no_of(order: TransferOrder, effect: Effect, numbers: Numbers) -> PartnerNo:
    """Return the number of the ordering partner, usually the partner of the accounts."""
    if order.partner_id.int == effect.debit.partner_id.int:
        return effect.debit.partner_no
    return numbers.partners[order.partner_id]


def _accepted(  # noqa: PLR0913  # the places that a transfer's values come from
    state: BookState,
    verdict: Verdict,
    effect: Effect,
    recorded_at: datetime,
    *,
    numbers: Numbers,
    named: Mapping[int, int],
) -> Draft:
    order, debit, credit = verdict.order, effect.debit_after, effect.credit_after
    effective_at, terms, hold = order.effective_at or recorded_at, order.terms, effect.hold
    said, hold_seq = order, None
    if hold is not None and terms.kind not in BEGINS:
        said, hold_seq = hold.order, hold.seq or named[hold.order.transfer_id.int]
    return Transfer, (
        effect.amount_minor,
        debit.debits,
        debit.credits,
        credit.debits,
        credit.credits,
        effective_at,
        effect.debit.account_no,
        effect.credit.account_no,
        partner_no_of(order, effect, numbers),
        numbers.actors[order.actor],
        order.effective_on or state.calendar.booked_on(effective_at),
        order.transfer_id,
        terms.kind,
        said.currency,
        said.code,
        hold_seq,
        None if hold is None or hold_seq is not None else hold.expires_at,
        debit.pending_debits or None,
        debit.pending_credits or None,
        credit.pending_debits or None,
        credit.pending_credits or None,
        order.group_id,
        order.external_ref,
        order.counterparty,
        order.tags,
        terms.balancing,
        terms.closes,
        terms.rate,
        terms.template,
        None if terms.reverses is None else state.known[terms.reverses.int].seq or named[terms.reverses.int],
        terms.is_forced or None,
        terms.is_imported or None,
        None if terms is PLAIN else untold_hash(order),
    )


def _refused(state: BookState, verdict: Verdict, recorded_at: datetime, numbers: Numbers) -> Draft:
    order = verdict.order
    effective_at = order.effective_at or recorded_at
    return RefusedTransfer, (
        order.transfer_id,
        order.partner_id,
        numbers.actors[order.actor],
        verdict.result,
        order.terms.kind,
        order.terms.hold_id,
        order.debit_account_id,
        order.credit_account_id,
        order.amount_minor,
        order.currency,
        order.code,
        effective_at,
        order.external_ref,
        order.group_id,
        verdict.refused_hash,
        order.effective_on or state.calendar.booked_on(effective_at),
    )


def _triggered(trigger: MonitorTrigger, transfer_seq: int) -> Draft:
    """Draft a monitor's event; a balance with its credit line may exceed the store's integers, and is then capped."""
    account = trigger.account
    return MonitorEvent, (
        trigger.watch.monitor_id,
        account.account_id,
        account.partner_id,
        transfer_seq,
        min(trigger.measured_minor, MINOR_MAX),
    )
