"""Side facts: facts that are not money, drafted in the batch of the orders that they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.book.judging.judge import Verdict
from ledger.book.judging.results import Result
from ledger.book.records.accounts import AccountTerms
from ledger.book.records.monitors import Monitor, MonitorEvent
from ledger.book.records.periods import PeriodClosing
from ledger.book.records.transfers import RefusedTransfer, Transfer
from ledger.journal.fact_orders import FactOrder
from ledger.journal.journal import Draft, OpenBatch
from ledger.journal.records import Actor
from ledger.kernel.errors import Refusal
from ledger.kernel.work import Work
from ledger.tenancy.records import BookCalendar, Partner

_OF_THE_WRITER: Final = frozenset(
    {Transfer, RefusedTransfer, AccountTerms, Monitor, MonitorEvent, PeriodClosing, Actor, Partner, BookCalendar}
)
"""Records that the writer caches for judging; a side fact of these kinds would make its cache wrong."""


@dataclass(slots=True)
class SideFacts:
    """A fact order and the slice of its orders in the batch; `refusal` says why nothing was recorded."""

    order: FactOrder
    beside: slice
    refusal: Refusal | None = None


def drafted_beside(
    verdicts: Sequence[Verdict], sides: Sequence[SideFacts], work: Work, batch: OpenBatch
) -> list[Draft]:
    """Draft the facts whose orders were all created now; refused or resent orders record none.

    A refusal beside orders is raised, so that nothing of the batch is written: money and its facts are recorded
    together.
    """
    return [draft for side in sides for draft in _drafted(verdicts[side.beside], side, work, batch)]


def _drafted(beside: Sequence[Verdict], side: SideFacts, work: Work, batch: OpenBatch) -> Sequence[Draft]:
    side.refusal = None
    if not all(verdict.result is Result.CREATED for verdict in beside):
        return ()
    try:
        drafts = side.order.drafts(work, batch)
    except Refusal as refusal:
        if beside:
            raise
        side.refusal = refusal
        return ()
    assert _OF_THE_WRITER.isdisjoint(record for record, _ in drafts), "what the writer judges by has a flow of its own"
    return drafts
