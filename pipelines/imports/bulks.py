"""Bulk rows in quarantine: keeps rows that became no order, and sends them again.

The rows of a group are done together or not at all, so they are sent again only as a whole group: one that was split in
its file, or of which a row is missing or given up, keeps waiting.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, NamedTuple

from ledger.book.bulks.bulk import Sender
from ledger.book.bulks.columns import Fault
from ledger.book.judging.results import Result
from ledger.book.posting.writer import BookWriter
from ledger.flows.bulk import ACCEPTED, BulkPosting
from ledger.imports.imports import importing
from ledger.imports.quarantine import Rejection
from ledger.tenancy.partners import partner_named
from ledger.vault.records import SubjectId
from pipelines.imports.quarantine import BadRow, Quarantine
from pipelines.imports.report import ReplayReport
from pipelines.imports.rules import BULK_SAYS, REFUSED, Rule

REPLAY: Final = "rows in quarantine"
"""The name of a replay in the marker of an unfinished import."""

POST: Final = "post"
"""The text stored in place of a mapping for rows of a bulk."""

_ROWS: Final = 10_000
_GROUP_ROWS: Final = "rows_of_group"


class BulkRow(NamedTuple):
    """A waiting row of a bulk, unsealed: its id, its columns, and the number of rows of its group."""

    row_id: SubjectId
    columns: Mapping[str, Any]
    group_rows: int


Settle = Callable[[SubjectId, int | None, Rejection | None], None]
"""Receives each row that was sent again: its position, or the rule and reason for which it keeps waiting."""


def bad_rows(columns: Mapping[str, Sequence[Any]], faults: Mapping[int, Fault], *, before: int) -> list[BadRow]:
    """Return the rows of a batch that became no order; `before` is the number of earlier rows in the file."""
    groups = Counter(columns.get("group", ()))
    found = []
    for row, fault in sorted(faults.items()):
        rule, values = Rule(fault.code), {name: column[row] for name, column in columns.items()}
        held = {**values, _GROUP_ROWS: groups[values["group"]] if values.get("group") is not None else 1}
        text = json.dumps(held, ensure_ascii=False, default=_as_json)
        found.append(BadRow(before + row + 1, rule, BULK_SAYS[rule], text))
    return found


def opened_row(row_id: SubjectId, text: str) -> BulkRow:
    """Parse a quarantined row from its stored text."""
    columns = json.loads(text, object_hook=_of_json)
    return BulkRow(row_id, columns, columns.pop(_GROUP_ROWS))


def replay_bulk(
    quarantine: Quarantine, rows: Sequence[BulkRow], report: ReplayReport, settle: Settle, *, sender: tuple[str, bool]
) -> None:
    """Send rows of one file again as they were ordered; `sender` is the partner's reference, and whether it is history.

    Each row has the id derived from its key. `settle` receives the result of every sent row.
    """
    partner, is_imported = sender
    engine, book_id = quarantine.engine, quarantine.book.book_id
    with engine.connect() as connection:
        partner_id = partner_named(connection, book_id, partner).partner_id
    who = Sender(book_id, partner_id, quarantine.actor, across_partners=is_imported, is_imported=is_imported)
    writer, says = BookWriter(engine, book_id).post, {result: str(result) for result in Result}
    posting = BulkPosting(engine, writer, who, vault=quarantine.vault, says=says)
    marked = importing(engine, book_id, mapping=POST, files=REPLAY) if is_imported else nullcontext()
    with marked:
        for piece in _pieces(rows, report):
            names = dict.fromkeys(name for row in piece for name in row.columns)
            outcomes = posting.post({name: [row.columns.get(name) for row in piece] for name in names})
            for at, row in enumerate(piece):
                code, position = outcomes["result"][at], outcomes["position"][at]
                wrong = None if code in ACCEPTED else _wrong(code, posting.left_out.get(at))
                settle(row.row_id, position, wrong)


def _pieces(rows: Sequence[BulkRow], report: ReplayReport) -> Iterator[list[BulkRow]]:
    """Yield some thousand rows at a time, without splitting groups; incomplete groups keep waiting."""
    piece: list[BulkRow] = []
    for _, members in groupby(rows, lambda row: row.columns.get("group") or row.row_id):
        together = list(members)
        if together[0].group_rows != len(together):
            report.still_waiting[Rule.TORN_GROUP] += len(together)
            continue
        if piece and len(piece) + len(together) > _ROWS:
            yield piece
            piece = []
        piece += together
    if piece:
        yield piece


def _wrong(code: str, left_out: Fault | None) -> Rejection:
    if left_out is None:
        return Rejection(f"{REFUSED}{code}", f"the book refused it: {code.replace('_', ' ')}")
    return Rejection(code, BULK_SAYS[Rule(code)])


def _as_json(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    assert isinstance(value, Decimal), "columns hold texts, whole numbers, decimals, instants and dates"
    return {"decimal": str(value)}


def _of_json(found: dict[str, Any]) -> Any:
    if found.keys() == {"instant"}:
        return datetime.fromisoformat(found["instant"])
    if found.keys() == {"date"}:
        return date.fromisoformat(found["date"])
    return Decimal(found["decimal"]) if found.keys() == {"decimal"} else found
