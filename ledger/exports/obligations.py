"""Reporting obligations: declared by an operator for a book and a report, with the report's parameters."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy.dialects.postgresql import distinct_on

from ledger.exports.records import ReportingObligation
from ledger.journal import journal
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work

_OBLIGATIONS: Final = table(ReportingObligation)


class ObligationOrder(NamedTuple):
    """An order for an obligation: the report, its first and last accounting date, and its parameters as texts."""

    report: str
    from_on: date
    until_on: date | None
    parameters: Mapping[str, str]


def declare_obligation(work: Work, book_id: BookId, order: ObligationOrder, *, reason: str) -> int:
    """Record an obligation, which replaces the earlier one of its report, and return the position.

    Raises `InvalidInput` without a reason, or if it ends before it begins.
    """
    require_reason(reason)
    if order.until_on is not None and order.until_on < order.from_on:
        raise InvalidInput(f"{order.until_on} is before {order.from_on}; an obligation ends after it begins")
    said = order._asdict() | {"parameters": json.dumps(dict(order.parameters), sort_keys=True)}
    fact = journal.draft(ReportingObligation, **said, actor=work.actor, reason=reason)
    return journal.seal(work, journal.open_batch(work, book_id), [fact]).last_seq


def obligations(
    scope: Reader | Work, book_id: BookId, *, as_of_seq: int | None = None
) -> dict[str, ReportingObligation]:
    """Return the obligations of a book by their reports, as they stood at a position; None is the newest."""
    stored = _OBLIGATIONS.c
    query = _OBLIGATIONS.select().ext(distinct_on(stored.report)).where(stored.book_id == book_id)
    if as_of_seq is not None:
        query = query.where(stored.seq <= as_of_seq)
    rows = scope.connection.execute(query.order_by(stored.report, stored.seq.desc()))
    return {row.report: ReportingObligation(**row._asdict()) for row in rows}


def parameters_of(obligation: ReportingObligation) -> dict[str, str]:
    """Return the parameters of an obligation by name."""
    return {str(name): str(value) for name, value in json.loads(obligation.parameters).items()}
