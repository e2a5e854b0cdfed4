"""The replay: rows that wait in quarantine go through the same import again, with their mapping or a mended one.

A row has the id that its external id gives it, as it would have had in the first place. So nothing is posted twice: a
replay that was killed after it posted finds the transfer `already there`, and settles the row then.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import pyarrow as pa

from lake.quarantine import IS_ONE, WAITS, quarantined
from lake.quarantined_rows import RowState
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import SubjectId, public
from ledger.kernel.work import read
from ledger.partners.imports import importing, unfinished_imports
from pipelines.imports.bulks import REPLAY, opened_row, replay_bulk
from pipelines.imports.chunks import Chunk, RejectedRow, WholeRow
from pipelines.imports.csv_files import columns_again
from pipelines.imports.load import Run, import_chunk, open_run
from pipelines.imports.mapping import HistoryMapping, load_mapping, read_mapping
from pipelines.imports.occurrences import Occurrences
from pipelines.imports.quarantine import Quarantine, declared
from pipelines.imports.report import ReplayReport, Tally
from pipelines.imports.rules import Rule, rule_code
from pipelines.imports.sources import Fault

_PLACE: Final = (
    "row_id",
    "file_sha256",
    "line",
    "mapping",
    "mapping_sha256",
    "partner",
    "is_imported",
    "quarantined_at",
)


class Waiting(NamedTuple):
    """A row that waits, opened: its id, and itself."""

    row_id: str
    whole: WholeRow


def replay(
    quarantine: Quarantine,
    *,
    mended: Path | None = None,
    row_ids: Collection[SubjectId] = (),
    batch: int = 10_000,
) -> ReplayReport:
    """Send rows that wait through the import or bulk again; those that pass are settled, the others say why not.

    `mended` is a mapping in place of the one that they came by, and must have its name; `row_ids` names single rows.
    Raises `InvalidInput` for a mapping that cannot be used, `NotFound` for a row that does not wait.
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
    quarantine.tidy()
    return report


def _waiting(quarantine: Quarantine, row_ids: Collection[SubjectId]) -> list[dict[str, Any]]:
    """The wanted rows that wait, in the order in which they came and stood."""
    found = quarantined(quarantine.lake, quarantine.book.name, _PLACE, WAITS).to_pylist()
    if row_ids:
        wanted = set(map(str, row_ids))
        found = [row for row in found if row["row_id"] in wanted]
        if missing := wanted - {row["row_id"] for row in found}:
            raise NotFound(f"no such row waits in this book: {public('quarantined_row', UUID(min(missing)))}")
    return sorted(found, key=lambda row: (row["quarantined_at"], row["file_sha256"], row["line"]))


def _parted(
    found: list[dict[str, Any]], mapping: HistoryMapping | None, book_name: str
) -> dict[tuple[Any, ...], list[str]]:
    """The ids of rows by what they have in common: their mapping, or the file and sender of their bulk."""
    parted: dict[tuple[Any, ...], list[str]] = {}
    for row in found if mapping is None else _of_mapping(found, mapping, book_name):
        of_file = None if row["partner"] is None else row["file_sha256"]
        common = (row["mapping"], row["mapping_sha256"], row["partner"], row["is_imported"], of_file)
        parted.setdefault(common, []).append(row["row_id"])
    return parted


def _of_mapping(found: list[dict[str, Any]], mapping: HistoryMapping, book_name: str) -> list[dict[str, Any]]:
    if mapping.book_name != book_name:
        raise InvalidInput(f"this mapping is for book {mapping.book_name!r}, not for {book_name!r}")
    names = {row["mapping"] for row in found if row["partner"] is None}
    if names and mapping.name not in names:
        raise InvalidInput(
            f"no row waits that came by a mapping {mapping.name!r}; rows came by {', '.join(sorted(names))}: a mended "
            "mapping keeps the name of its file"
        )
    return [row for row in found if row["mapping"] == mapping.name and row["partner"] is None]


def _replay_bulk(
    quarantine: Quarantine, row_ids: Sequence[str], report: ReplayReport, *, sender: tuple[str, bool]
) -> None:
    table = _read(quarantine, row_ids)
    texts = quarantine.opened("row", table["row"].to_pylist())
    opened = zip(table["row_id"].to_pylist(), texts, strict=True)
    rows = [opened_row(row_id, text) for row_id, text in opened if text is not None]
    report.rows += table.num_rows
    report.unreadable += table.num_rows - len(rows)
    passed: list[dict[str, object]] = []
    failed: list[dict[str, object]] = []
    now = {"settled_at": system_clock(), "settled_by": quarantine.actor}

    def settle(row_id: str, position: int | None, wrong: tuple[str, str] | None) -> None:
        if wrong is None:
            passed.append({"row_id": row_id, "state": RowState.REPLAYED, **now, "settled_seq": position})
        else:
            failed.append({"row_id": row_id, "state": RowState.WAITING, "rule": wrong[0], "reason": wrong[1]})

    replay_bulk(quarantine, rows, report, settle, sender=sender)
    quarantine.settle(passed)
    quarantine.settle(failed)
    report.replayed += len(passed)
    report.still_waiting.update(str(each["rule"]) for each in failed)


def _replay_mapping(
    quarantine: Quarantine, row_ids: Sequence[str], mended: HistoryMapping | None, report: ReplayReport, *, batch: int
) -> None:
    run: Run | None = None
    for start in range(0, len(row_ids), batch):
        table = _read(quarantine, row_ids[start : start + batch])
        mapping = mended or (run.mapping if run else _first_mapping(quarantine, table))
        rows = list(_opened(quarantine, table))
        report.rows += table.num_rows
        report.unreadable += table.num_rows - len(rows)
        if mapping is None or not rows:
            continue
        vault = quarantine.vault
        run = run or open_run(quarantine.engine, quarantine.book.book_id, mapping, vault=vault, tally=Tally())
        _replay_piece(quarantine, run, rows, report)


def _replay_piece(quarantine: Quarantine, run: Run, rows: Sequence[Waiting], report: ReplayReport) -> None:
    chunk = _chunk(run.mapping, rows)
    taken = import_chunk(run, chunk, Occurrences())
    said = declared(quarantine, run.mapping.name, run.mapping.declaration)
    positions = {row.line: outcome.seq for row, outcome in zip(taken.posted, taken.outcomes, strict=True)}
    now = {"settled_at": system_clock(), "settled_by": quarantine.actor}
    rejected = {row.line: row.fault for row in taken.rejected}
    passed = [
        {"row_id": row.row_id, "state": RowState.REPLAYED, **now, "settled_seq": positions.get(line)}
        for line, row in enumerate(rows)
        if line not in rejected
    ]
    failed = [
        {"row_id": rows[line].row_id, "state": RowState.WAITING, **said, **_wrong(fault)}
        for line, fault in rejected.items()
    ]
    quarantine.settle(passed)
    quarantine.settle(failed)
    report.replayed += len(passed)
    report.still_waiting.update(rule_code(fault.rule) for fault in rejected.values())


def _wrong(fault: Fault) -> dict[str, object]:
    return {"rule": rule_code(fault.rule), "reason": fault.says}


def _chunk(mapping: HistoryMapping, rows: Sequence[Waiting]) -> Chunk:
    """The rows as an import reads them; their places take the part of lines."""
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


def _read(quarantine: Quarantine, row_ids: Sequence[str]) -> pa.Table:
    """Rows with what is sealed of them, in the order of their ids as given."""
    names = ["row_id", "row", "mapping", "declaration"]
    table = quarantined(quarantine.lake, quarantine.book.name, names, IS_ONE, ids=list(row_ids))
    places = {row_id: place for place, row_id in enumerate(row_ids)}
    order = sorted(range(table.num_rows), key=lambda at: places[table["row_id"][at].as_py()])
    return table.take(order)


def _opened(quarantine: Quarantine, table: pa.Table) -> Iterator[Waiting]:
    texts = quarantine.opened("row", table["row"].to_pylist())
    for row_id, text in zip(table["row_id"].to_pylist(), texts, strict=True):
        if text is not None:
            yield Waiting(row_id, WholeRow.of_text(text))


def _first_mapping(quarantine: Quarantine, table: pa.Table) -> HistoryMapping | None:
    """The mapping that rows of one hash came by; None where its key is gone."""
    if not table.num_rows:
        return None
    (text,) = quarantine.opened("declaration", [table["declaration"][0].as_py()])
    return None if text is None else read_mapping(table["mapping"][0].as_py(), text)


def _end_killed_ones(quarantine: Quarantine) -> None:
    """Take away the marks of replays that were killed when nothing was left to do."""
    with read(quarantine.engine) as reader:
        halves = unfinished_imports(reader.connection, quarantine.book.book_id)
    wait = {row["mapping"] for row in _waiting(quarantine, ())} if halves else set()
    for half in halves:
        if half.files == REPLAY and half.mapping not in wait:
            with importing(quarantine.engine, quarantine.book.book_id, mapping=half.mapping, files=REPLAY):
                pass
