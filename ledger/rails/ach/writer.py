"""Writes ACH files as streams: checks each entry by the reader's rules, and derives counts, hashes and totals."""

from collections.abc import Iterable
from typing import BinaryIO, Final

from ledger.rails.ach.batch_checks import BLOCKING_FACTOR, BatchCheck, FileCheck
from ledger.rails.ach.controls import ADV_FILE_CONTROL, FILE_CONTROL
from ledger.rails.ach.entries import Entry
from ledger.rails.ach.errors import Fault, InvalidAchFile
from ledger.rails.ach.records import RECORD_LENGTH, Layout, Record

_WRITTEN_AT_ONCE: Final = 1_000


class FileWriter:
    """Writes one file: its header at once, then batch after batch, then its control and padding by `close`.

    What it writes, `Reading` accepts. After an error the file is not whole, and is thrown away.
    """

    def __init__(self, stream: BinaryIO, header: Record, *, line_break: str = "\n") -> None:
        r"""Begin a file; `line_break` is `\n`, `\r\n` or nothing. Raises `InvalidAchFile`."""
        self._stream, self._line_break = stream, line_break
        self._records, self._pending = 0, list[str]()
        self._faults: list[Fault] = []
        self._file = FileCheck(header, self._faults.append)
        self._put(header)

    def write_batch(self, header: Record, entries: Iterable[Entry]) -> None:
        """Write a batch with the control that its entries have. Raises `InvalidAchFile` at the first entry at fault."""
        check = BatchCheck(header, self._faults.append)
        self._put(header)
        layout = check.entry_layout
        for entry in entries:
            assert entry.detail.layout is layout, f"{entry.detail.layout.name} in a batch of another class"
            check.entry(entry)
            self._put(entry.detail, *entry.addenda)
        control = _control(check.control_layout, header, check.sums._asdict())
        check.control(control)
        self._file.batch(check)
        self._put(control)

    def close(self) -> None:
        """Write the file control, and nines up to a whole block. Raises `InvalidAchFile`."""
        blocks = -(-(self._records + 1) // BLOCKING_FACTOR)
        totals = {"batch_count": self._file.batches, "block_count": blocks, **self._file.sums._asdict()}
        layout = self._file.control_layout
        assert layout in {FILE_CONTROL, ADV_FILE_CONTROL}
        self._put(layout.record(**totals))
        padding = blocks * BLOCKING_FACTOR - self._records
        self._pending += ["9" * RECORD_LENGTH] * padding
        self._write()

    def _put(self, *records: Record) -> None:
        """Take records to write, unless there was a fault."""
        if self._faults:
            raise InvalidAchFile(self._faults)
        self._records += len(records)
        self._pending += map(str, records)
        if len(self._pending) > _WRITTEN_AT_ONCE:
            self._write()

    def _write(self) -> None:
        self._stream.write("".join(f"{each}{self._line_break}" for each in self._pending).encode("ascii"))
        self._pending.clear()


def _control(layout: Layout, header: Record, sums: dict[str, int]) -> Record:
    """Make the control of a batch: the sums, and what repeats its header."""
    same = ("service_class_code", "company_identification", "odfi_identification", "batch_number")
    known = header.values()
    return layout.record(**sums, **{name: known[name] for name in same if name in layout.columns and name in known})
