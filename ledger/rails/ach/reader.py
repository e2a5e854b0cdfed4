"""Reads ACH files as streams: checks every rule, and yields the entries of each batch in parts, in flat memory."""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import BinaryIO, Final, NamedTuple

import numpy as np

from ledger.rails.ach.addenda_layouts import ADDENDA_LAYOUTS, addenda_layout
from ledger.rails.ach.batch_checks import BatchCheck, FileCheck
from ledger.rails.ach.entries import Entry, Sums
from ledger.rails.ach.errors import Fault, InvalidAchFile
from ledger.rails.ach.framing import Rows, framed
from ledger.rails.ach.headers import FILE_HEADER, batch_header_layout
from ledger.rails.ach.plain_entries import EntryColumns, PlainEntries
from ledger.rails.ach.records import RECORD_LENGTH, Layout, Record

FAULTS_MAX: Final = 100
"""Faults that a reading collects before it gives up."""

_PART_ENTRIES: Final = 4_096
_ADDENDA_MAX: Final = 9_999
_FILE, _BATCH, _ENTRY, _ADDENDA, _BATCH_END, _FILE_END = map(ord, "156789")
_PADDING: Final = "9" * RECORD_LENGTH
_PAYMENT: Final = ADDENDA_LAYOUTS["05"]


class Part(NamedTuple):
    """Some entries of one batch, in their order; a large batch comes in several parts."""

    file_header: Record
    batch_header: Record
    read_entries: Callable[[], Iterator[Entry]]

    def entries(self) -> Iterator[Entry]:
        """Yield the entries; each call begins with the first."""
        return self.read_entries()


class FileTotals(NamedTuple):
    """The totals of a file that is complete and without fault."""

    batches: int
    sums: Sums


class Reading:
    """One reading of a file: iterate over it, then ask for its totals.

    What it yields is provisional until the loop ends, because the last record says whether the file is whole: a caller
    takes it up in one unit of work, which the error at the end undoes. From the first fault on nothing is yielded any
    more, but the rest is read to find every other fault.

    Raises `InvalidAchFile` at the end of the loop, with at most `faults_max` faults.
    """

    def __init__(self, stream: BinaryIO, *, faults_max: int = FAULTS_MAX) -> None:
        self.file_header: Record | None = None
        self._stream, self._faults_max = stream, faults_max
        self._faults: list[Fault] = []
        self._totals: FileTotals | None = None

    @property
    def totals(self) -> FileTotals:
        """Return the totals; only a loop that has ended without an error has them."""
        assert self._totals is not None, "the file was not read to its end"
        return self._totals

    def __iter__(self) -> Iterator[Part]:
        """Yield the parts. Raises `InvalidAchFile` at the end, if there was a fault."""
        walk = _Walk(self._report)
        try:
            yield from self._parts(walk)
        except InvalidAchFile as unreadable:
            self._faults.extend(unreadable.faults)
        if self._faults:
            by_line = sorted(self._faults, key=lambda fault: fault.line)
            raise InvalidAchFile(by_line[: self._faults_max])
        assert walk.file is not None
        self.file_header, self._totals = walk.file_header, FileTotals(walk.file.batches, walk.file.sums)

    def _parts(self, walk: "_Walk") -> Iterator[Part]:
        for rows in framed(self._stream, self._report):
            for part in walk.rows(rows):
                self.file_header = walk.file_header
                if not self._faults:
                    yield part
            if len(self._faults) >= self._faults_max:
                return
        walk.end()

    def _report(self, fault: Fault) -> None:
        self._faults.append(fault)


class _Walk:
    """The place in a file: what was opened and not yet closed, and which records may follow."""

    def __init__(self, report: Callable[[Fault], None]) -> None:
        self.file_header: Record | None = None
        self.file: FileCheck | None = None
        self._report = report
        self._line = 0
        self._in_batch = self._is_closed = False
        self._batch: BatchCheck | None = None
        self._layout: Layout | None = None
        self._detail: Record | None = None
        self._is_readable = True
        self._addenda: list[Record] = []
        self._entries: list[Entry] = []
        self._held: Rows | None = None

    def rows(self, rows: Rows) -> Iterator[Part]:
        """Take the next records; yield the parts that are complete."""
        if self._held is not None:
            rows, self._held = np.concatenate([self._held, rows]), None
        others = np.flatnonzero((rows[:, 0] != _ENTRY) & (rows[:, 0] != _ADDENDA)).tolist()
        columns, at = EntryColumns(rows), 0
        for other in [*others, len(rows)]:
            if at < other:
                yield from self._run(rows, columns, slice(at, other))
            if other < len(rows):
                yield from self._record(rows[other])
            at = other + 1

    def end(self) -> None:
        """State what is missing at the end of the file."""
        if self._held is not None:
            rows, self._held = self._held, None
            deque(self._singly(rows), maxlen=0)  # parts of a file that is not whole
        if self._is_closed:
            return
        if self._in_batch:
            self._flush()
            self._misplaced("batch control", "", "a batch control (8) before the end of the file")
        what = "file control" if self._line else "file header"
        self._misplaced(what, "", f"a {what} ({9 if self._line else 1}) before the end of the file")

    def _run(self, rows: Rows, columns: EntryColumns, run: slice) -> Iterator[Part]:
        """Take entries and addenda that follow each other, at once if they are plain."""
        at, is_open = run, run.stop == len(rows)
        if is_open:  # the last entry of the block may have more addenda in the next one
            entries = np.flatnonzero(rows[run, 0] == _ENTRY)
            at = slice(run.start, run.start + (int(entries[-1]) if len(entries) else 0))
        if (plain := self._plain(columns, at)) is None:
            yield from self._singly(rows[run])
            return
        batch = self._batch
        assert batch is not None
        yield from self._part()
        yield self._plain_part(batch, rows[at])
        batch.add(plain.sums, plain.last_trace)
        self._line += at.stop - at.start
        self._held = rows[at.stop : run.stop].copy() if is_open else None

    def _plain(self, columns: EntryColumns, at: slice) -> PlainEntries | None:
        """Check entries by columns, where the one before them is complete."""
        if self._batch is None or self._batch.kind is None or self._is_closed or at.start == at.stop:
            return None
        if self.file_header is None or self._detail is not None or not self._is_readable:
            return None
        return columns.plain(self._batch.header, self._batch.kind, at, self._batch.last_trace)

    def _singly(self, rows: Rows) -> Iterator[Part]:
        """Take entries and addenda one by one, and name every fault."""
        for row in rows:
            self._line += 1
            self._entry_or_addenda(_text(row))
            if len(self._entries) >= _PART_ENTRIES:
                yield from self._part()

    def _plain_part(self, batch: BatchCheck, rows: Rows) -> Part:
        assert self.file_header is not None
        layout, line = batch.entry_layout, self._line
        assert layout is not None
        return Part(self.file_header, batch.header, lambda: _plain(layout, rows, line))

    def _record(self, row: Rows) -> Iterator[Part]:
        """Take a record that is neither an entry nor an addenda."""
        self._line += 1
        text = _text(row)
        if self._is_closed:
            if text != _PADDING:
                self._misplaced("padding", text[:1], "records of nines alone behind the file control")
        elif row[0] == _FILE:
            self._open_file(text)
        elif row[0] == _BATCH:
            self._open_batch(text)
        elif row[0] == _BATCH_END:
            yield from self._close_batch(text)
        elif row[0] == _FILE_END:
            self._close_file(text)
        else:
            self._misplaced("record", text[:1], "a record type code: 1, 5, 6, 7, 8 or 9")

    def _open_file(self, text: str) -> None:
        if self._line != 1:
            self._misplaced("file header", text[:1], "one file header, as the first record")
            return
        if (header := self._parsed(FILE_HEADER, text)) is not None:
            self.file_header, self.file = header, FileCheck(header, self._report)

    def _open_batch(self, text: str) -> None:
        if self._line == 1:
            self._misplaced("file header", text[:1], "a file header (1) as the first record")
        if self._in_batch:
            self._flush()
            self._misplaced("batch header", text[:1], "a batch control (8) before the next batch")
        self._in_batch = True
        header = self._parsed(batch_header_layout(text), text)
        self._batch = None if header is None else BatchCheck(header, self._report)
        self._layout = None if self._batch is None else self._batch.entry_layout

    def _entry_or_addenda(self, text: str) -> None:
        if self._is_closed or not self._in_batch:
            says = "records of nines alone" if self._is_closed else "a batch header (5) before entries"
            self._misplaced("entry detail", text[:1], says)
        elif text[0] == "6":
            self._flush()
            self._detail = None if self._layout is None else self._parsed(self._layout, text)
            self._is_readable = self._detail is not None
        elif (layout := addenda_layout(text, is_iat=self._is_iat)) is None:
            self._is_readable = False
            self._report(Fault(self._line, "addenda", "addenda type code", text[1:3], "02, 05, 10 to 18, 98 or 99"))
        elif (record := self._parsed(layout, text)) is None:
            self._is_readable = False
        elif len(self._addenda) < _ADDENDA_MAX:
            self._addenda.append(record)
        else:
            self._misplaced("addenda", text[:1], f"at most {_ADDENDA_MAX} addenda of one entry")

    @property
    def _is_iat(self) -> bool:
        return self._batch is not None and self._batch.kind is not None and self._batch.kind.code == "IAT"

    def _flush(self) -> None:
        """Check the entry whose addenda are complete."""
        if self._batch is not None and not self._is_readable:
            self._batch.is_countable = False
        elif self._batch is not None and self._detail is not None:
            entry = Entry(self._detail, tuple(self._addenda))
            self._batch.entry(entry)
            self._entries.append(entry)
        self._detail, self._addenda, self._is_readable = None, [], True

    def _part(self) -> Iterator[Part]:
        if self._entries and self._batch is not None and self.file_header is not None:
            entries, self._entries = tuple(self._entries), []
            yield Part(self.file_header, self._batch.header, lambda: iter(entries))
        self._entries = []

    def _close_batch(self, text: str) -> Iterator[Part]:
        self._flush()
        yield from self._part()
        if not self._in_batch:
            self._misplaced("batch control", text[:1], "a batch header (5) before a batch control")
        elif self._batch is not None:
            control = self._parsed(self._batch.control_layout, text)
            if control is not None:
                self._batch.control(control)
            if self.file is not None:
                self.file.batch(self._batch)
        elif self.file is not None:
            self.file.is_countable = False
        self._in_batch, self._batch, self._layout = False, None, None

    def _close_file(self, text: str) -> None:
        self._flush()
        self._is_closed = True
        if self._line == 1:
            self._misplaced("file header", text[:1], "a file header (1) as the first record")
        if self._in_batch:
            self._misplaced("file control", text[:1], "a batch control (8) before the file control")
        if text == _PADDING:
            self._misplaced("file control", text[:1], "a file control (9) before the padding")
        elif self.file is not None:
            control = self._parsed(self.file.control_layout, text)
            if control is not None:
                self.file.control(control, self._line)

    def _parsed(self, layout: Layout, text: str) -> Record | None:
        """Parse a record, or report what is wrong with it."""
        try:
            return layout.parse(text, self._line)
        except InvalidAchFile as invalid:
            for fault in invalid.faults:
                self._report(fault)
            return None

    def _misplaced(self, record: str, found: str, expected: str) -> None:
        self._report(Fault(self._line, record, "record type", found, expected))


def _plain(layout: Layout, rows: Rows, line: int) -> Iterator[Entry]:
    """Cut the records of entries that were checked by columns, when they are asked for."""
    text = _text(rows)
    records = [text[at : at + RECORD_LENGTH] for at in range(0, len(text), RECORD_LENGTH)]
    for at, (record, following) in enumerate(pairwise([*records, "6"]), line + 1):
        if record[0] == "6":
            addenda = (Record(_PAYMENT, following, at + 1),) if following[0] == "7" else ()
            yield Entry(Record(layout, record, at), addenda)


def _text(rows: Rows) -> str:
    return rows.tobytes().decode("latin-1")
