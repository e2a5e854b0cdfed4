"""Queries of exports: the newest fact of each, the one that stands for a period, and all facts since a date."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.exports.lifecycles import EXPORT_LIFE
from ledger.exports.records import Export, ExportId, ExportState
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.public_ids import public

_EXPORTS: Final = table(Export)


class ExportOf(NamedTuple):
    """The report, partner, first and last accounting date of an export; partner None: the whole book."""

    report: str
    partner_ref: str | None
    from_on: date
    until_on: date


def export_at(scope: Reader | Work, book_id: BookId, export_id: ExportId) -> Export:
    """Return the newest fact of an export. Raises `NotFound`."""
    found = EXPORT_LIFE.newest(scope, book_id, export_id)
    if found is None:
        raise NotFound(f"there is no export {public('export', export_id)}")
    return found


def standing_export(scope: Reader | Work, book_id: BookId, what: ExportOf) -> Export | None:
    """Return the export that stands for a report and its period: made, and not superseded."""
    ended = (ExportState.WITHHELD, ExportState.SUPERSEDED)
    return next((each for each in _of_period(scope, book_id, what) if each.state not in ended), None)


def newest_export(scope: Reader | Work, book_id: BookId, what: ExportOf) -> Export | None:
    """Return the export of a report and its period that changed last, in whatever state it is."""
    return next(_of_period(scope, book_id, what), None)


def exports(
    scope: Reader | Work, book_id: BookId, *, report: str | None = None, from_on: date | None = None
) -> Sequence[Export]:
    """Return the newest fact of each export of a book, the latest change first."""
    stored = _EXPORTS.c
    query = _EXPORTS.select().ext(distinct_on(stored.export_id)).where(stored.book_id == book_id)
    query = query if report is None else query.where(stored.report == report)
    query = query if from_on is None else query.where(stored.from_on == from_on)
    newest = query.order_by(stored.export_id, stored.seq.desc()).subquery()
    rows = scope.connection.execute(sa.select(newest).order_by(newest.c.seq.desc()))
    return [as_record(Export, row) for row in rows]


def export_facts(reader: Reader, book_id: BookId, *, until_from: date) -> Iterator[Export]:
    """Yield every fact of the exports whose periods end on or after a date, in the order of their positions."""
    stored = _EXPORTS.c
    query = sa.select(_EXPORTS).where(stored.book_id == book_id, stored.until_on >= until_from).order_by(stored.seq)
    return (as_record(Export, row) for row in reader.connection.execute(query))


def _of_period(scope: Reader | Work, book_id: BookId, what: ExportOf) -> Iterator[Export]:
    """Yield the exports of a report and its period, the latest change first."""
    for each in exports(scope, book_id, report=what.report, from_on=what.from_on):
        if (each.partner_ref, each.until_on) == (what.partner_ref, what.until_on):
            yield each
