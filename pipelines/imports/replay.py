"""The replay: imports waiting rows of the quarantine again, with their mapping or a corrected one.

A row has an id derived from its external id, the same as at its first import, so nothing is posted twice: after a
replay that was killed once it had posted, the next one finds the transfer `already there`, and settles the row.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from ledger.imports.imports import importing, unfinished_imports
from ledger.imports.quarantine import Rejection
from ledger.imports.quarantined_rows import listed_rows, sealed_mapping, sealed_rows
from ledger.imports.records import RowState
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.work import read
from ledger.public_ids import public
from ledger.vault.records import SubjectId
from pipelines.imports.bulks import REPLAY, opened_row, replay_bulk
from pipelines.imports.chunks import Chunk, RejectedRow, WholeRow
from pipelines.imports.csv_files import columns_again
from pipelines.imports.load import Run, import_chunk, open_run
from pipelines.imports.mapping import HistoryMapping, load_mapping, read_mapping
from pipelines.imports.occurrences import Occurrences
from pipelines.imports.quarantine import Quarantine
from pipelines.imports.report import ReplayReport, Tally
from pipelines.imports.rules import Rule, rule_code
from pipelines.imports.sources import Fault

_Row = sa.Row[Any]


class Waiting(NamedTuple):
    """A waiting row, unsealed: its id, and its content."""

    row_id: SubjectId
    whole: WholeRow


def replay(
    quarantine: Quarantine,
    *,
    mended: Path | None = None,
    row_ids: Collection[SubjectId] = (),
    batch: int = 10_000,
) -> ReplayReport:
    """Import waiting rows, or rows of a bulk, again; settles those that are accepted, and records why others are not.

    `mended` is a corrected mapping for the rows, with the name of their own; `row_ids` selects single rows. Raises
    `InvalidInput` for a mapping that cannot be used, `NotFound` for a row that does not wait.
    """
    quarantine.finish()
    mapping = None if mended is None else load_mapping(mended)
    report = ReplayReport(quarantine.book.name)
    found = _waiting(quarantine, row_ids)
    for (name, _, partner, is_imported, _), places in _parted(found, mapping, quarantine.book.name).items():
        if partner is not None:
            _replay_bulk(quarantine, places, report, sender=(partner, is_imported))
        else:
            with importing(quarantine.engine, quarantine.book.book_id, mapping=name, files=REPLAY):
                _replay_mapping(quarantine, places, mapping, report, batch=batch)
    _end_killed_ones(quarantine)
    return report


def _waiting(quarantine: Quarantine, row_ids: Collection[SubjectId]) -> Sequence[_Row]:
    """Return the selected waiting rows, in the order of arrival and line."""
    with read(quarantine.engine) as reader:
        found = listed_rows(reader.connection, quarantine.book.book_id, RowState.WAITING, row_ids=row_ids or None)
    if missing := set(row_ids) - {row.row_id for row in found}:
        raise NotFound(f"no such row waits in this book: {public('quarantined_row', min(missing))}")
    return found


def _parted(
    found: Sequence[_Row], mapping: HistoryMapping | None, book_name: str
) -> dict[tuple[Any, ...], list[SubjectId]]:
    """Group the ids of rows by mapping, or by the file and sender of their bulk."""
    parted: dict[tuple[Any, ...], list[SubjectId]] = {}
    for row in found if mapping is None else _of_mapping(found, mapping, book_name):
        of_file = None if row.partner is None else row.file_sha256
        common = (row.mapping, row.mapping_sha256, row.partner, row.is_imported, of_file)
        parted.setdefault(common, []).append(row.row_id)
    return parted


def _of_mapping(found: Sequence[_Row], mapping: HistoryMapping, book_name: str) -> list[_Row]:
    if mapping.book_name != book_name:
        raise InvalidInput(f"this mapping is for book {mapping.book_name!r}, not for {book_name!r}")
    names = {row.mapping for row in found if row.partner is None}
    if names and mapping.name not in names:
        raise InvalidInput(
            f"no row waits that came by a mapping {mapping.name!r}; rows came by {', '.join(sorted(names))}: a mended "
            "mapping keeps the name of its file"
        )
    return [row for row in found if row.mapping == mapping.name and row.partner is None]


def _replay_bulk(
    quarantine: Quarantine, row_ids: Sequence[SubjectId], report: ReplayReport, *, sender: tuple[str, bool]
) -> None:
    sealed = _sealed(quarantine, row_ids)
    texts = quarantine.opened("row", [row.row for row in sealed])
    rows = [opened_row(row.row_id, text) for row, text in zip(sealed, texts, strict=True) if text is not None]
    report.rows += len(sealed)
    report.unreadable += len(sealed) - len(rows)
    passed: dict[SubjectId, int | None] = {}
    failed: dict[SubjectId, Rejection] = {}

    def settle(row_id: SubjectId, position: int | None, wrong: Rejection | None) -> None:
        if wrong is None:
            passed[row_id] = position
        else:
            failed[row_id] = wrong

    replay_bulk(quarantine, rows, report, settle, sender=sender)
    report.replayed += quarantine.settle(RowState.REPLAYED, passed)
    quarantine.restate(failed)
    report.still_waiting.update(each.rule for each in failed.values())


def _replay_mapping(
    quarantine: Quarantine,
    row_ids: Sequence[SubjectId],
    mended: HistoryMapping | None,
    report: ReplayReport,
    *,
    batch: int,
) -> None:
    run: Run | None = None
    for start in range(0, len(row_ids), batch):
        sealed = _sealed(quarantine, row_ids[start : start + batch])
        mapping = mended or (run.mapping if run else _first_mapping(quarantine, sealed))
        rows = list(_opened(quarantine, sealed))
        report.rows += len(sealed)
        report.unreadable += len(sealed) - len(rows)
        if mapping is None or not rows:
            continue
        vault = quarantine.vault
        run = run or open_run(quarantine.engine, quarantine.book.book_id, mapping, vault=vault, tally=Tally())
        _replay_piece(quarantine, run, rows, report)


def _replay_piece(quarantine: Quarantine, run: Run, rows: Sequence[Waiting], report: ReplayReport) -> None:
    taken = import_chunk(run, _chunk(run.mapping, rows), Occurrences())
    positions = {row.line: outcome.seq for row, outcome in zip(taken.posted, taken.outcomes, strict=True)}
    failed = {rows[row.line].row_id: _rejection(row.fault) for row in taken.rejected}
    passed = {row.row_id: positions.get(line) for line, row in enumerate(rows) if row.row_id not in failed}
    report.replayed += quarantine.settle(RowState.REPLAYED, passed)
    quarantine.restate(failed, quarantine.mapping_of(run.mapping.declaration))
    report.still_waiting.update(each.rule for each in failed.values())


def _rejection(fault: Fault) -> Rejection:
    return Rejection(rule_code(fault.rule), fault.says)


def _chunk(mapping: HistoryMapping, rows: Sequence[Waiting]) -> Chunk:
    """Return the rows as a chunk of an import; their indexes serve as lines."""
    found = [_columns(mapping, row.whole) for row in rows]
    torn = [RejectedRow(line, "", columns) for line, columns in enumerate(found) if isinstance(columns, Fault)]
    read_ = [(line, columns) for line, columns in enumerate(found) if not isinstance(columns, Fault)]
    texts = {name: [columns[name] for _, columns in read_] for name in mapping.columns}
    numbers = frozenset(name for line, _ in read_ for name in rows[line].whole.numbers)
    return Chunk(
        [line for line, _ in read_],
        texts,
        torn,
        0,
        lambda lines: [rows[line].whole for line in lines],
        numbers,
        occurrences=[str(rows[line].whole.occurrence) for line, _ in read_],
    )


def _columns(mapping: HistoryMapping, whole: WholeRow) -> Mapping[str, str] | Fault:
    if mapping.counts_equal_rows and (not whole.occurrence or whole.counted_by != mapping.counted_by):
        says = "which of the rows with this id it is, only its whole file tells: import that by this mapping"
        return Fault(Rule.UNKNOWN_OCCURRENCE, says)
    if whole.columns is None:
        return columns_again(whole, mapping.columns, mapping.dialect)
    columns = whole.columns
    missing = [name for name in mapping.columns if name not in columns]
    return Fault(Rule.MISSING_COLUMN, f"the row's file has no column {missing[0]!r}") if missing else columns


def _sealed(quarantine: Quarantine, row_ids: Sequence[SubjectId]) -> list[_Row]:
    """Return the rows that still wait, with their sealed texts, in the order of the given ids."""
    with read(quarantine.engine) as reader:
        found = {row.row_id: row for row in sealed_rows(reader.connection, quarantine.book.book_id, row_ids)}
    return [found[row_id] for row_id in row_ids if row_id in found]


def _opened(quarantine: Quarantine, sealed: Sequence[_Row]) -> Iterator[Waiting]:
    texts = quarantine.opened("row", [row.row for row in sealed])
    for row, text in zip(sealed, texts, strict=True):
        if text is not None:
            yield Waiting(row.row_id, WholeRow.of_text(text))


def _first_mapping(quarantine: Quarantine, sealed: Sequence[_Row]) -> HistoryMapping | None:
    """Return the mapping that rows were imported by; None if its key is destroyed."""
    if not sealed:
        return None
    with read(quarantine.engine) as reader:
        declaration = sealed_mapping(reader.connection, quarantine.book.book_id, sealed[0].mapping_sha256)
    (text,) = quarantine.opened("declaration", [declaration])
    return None if text is None else read_mapping(sealed[0].mapping, text)


def _end_killed_ones(quarantine: Quarantine) -> None:
    """Remove the markers of killed replays if no row is left to replay."""
    with read(quarantine.engine) as reader:
        halves = unfinished_imports(reader.connection, quarantine.book.book_id)
    wait = {row.mapping for row in _waiting(quarantine, ())} if halves else set()
    for half in halves:
        if half.files == REPLAY and half.mapping not in wait:
            with importing(quarantine.engine, quarantine.book.book_id, mapping=half.mapping, files=REPLAY):
                pass
