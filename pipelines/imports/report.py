"""The report of an import: counts and sums of its rows by result, and its cost."""

import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from ledger.book.judging.results import CONFLICTS, Outcome, Result
from ledger.kernel.money import Money
from pipelines.imports.chunks import RejectedRow
from pipelines.imports.enrolment import Enrolment
from pipelines.imports.mapping import HistoryMapping
from pipelines.imports.rows import HistoryRow
from pipelines.imports.sources import Fault

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import; `credits` and `debits` are decimal texts per currency, seen from the mapped accounts.

    They sum the rows that are in the book now, posted by this run (`accepted`) or by an earlier one (`already_there`),
    each once however often the files repeat it. `accounts` counts by kind the accounts that the files name,
    `accounts_opened` the new ones. `twins` are rows with the id of an earlier row of the same file, so that the book
    has them once; `first_twins` lists some. `skipped` counts rows that the mapping leaves out. `balances_held` counts
    declared balances that agree with the rows, and `balances_parted` lists those that differ from the book's.
    `warnings` names files that other mappings imported before. `quarantined` counts rejected rows in the book's
    quarantine, and `quarantine` is the command that shows them, or why they are not there. `position` is the newest of
    the book afterwards.
    """

    mapping: str
    book: str
    files: tuple[str, ...]
    rows: int
    accepted: int
    already_there: int
    twins: int
    first_twins: tuple[str, ...]
    skipped: int
    rejected: dict[str, int]
    rejected_files: tuple[str, ...]
    quarantined: int
    quarantine: str
    partners: int
    persons: int
    customers: int
    accounts: dict[str, int]
    accounts_opened: int
    credits: dict[str, str]
    debits: dict[str, str]
    balances_held: int
    balances_parted: tuple[str, ...]
    warnings: tuple[str, ...]
    position: int
    seconds: float
    rows_per_s: int
    peak_memory_bytes: int

    def as_json(self) -> dict[str, object]:
        """Return the report as a JSON value."""
        return asdict(self)

    @property
    def is_whole(self) -> bool:
        """True if every row of the files is in the book as itself, and the book has the declared balances."""
        return not (self.rejected or self.twins or self.balances_parted)


@dataclass(slots=True)
class ReplayReport:
    """The result of a replay by rows; `unreadable` rows are those whose key is destroyed."""

    book: str
    rows: int = 0
    replayed: int = 0
    still_waiting: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0

    def as_json(self) -> dict[str, object]:
        """Return the report as a JSON value."""
        return {**asdict(self), "still_waiting": dict(self.still_waiting)}

    @property
    def is_whole(self) -> bool:
        """True if every replayed row is in the book now."""
        return not self.still_waiting and not self.unreadable


class Positions:
    """The set of seen positions of a book, one bit each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def is_new(self, seq: int) -> bool:
        """Add a position; return whether it is new."""
        place, bit = seq >> 3, 1 << (seq & 7)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1024 - len(self._bits)))
        seen = self._bits[place] & bit
        self._bits[place] |= bit
        return not seen


@dataclass(slots=True)
class Tally:
    """The counts of a running import."""

    accepted: int = 0
    already_there: int = 0
    twins: int = 0
    first_twins: list[str] = field(default_factory=list)
    skipped: int = 0
    balances_held: int = 0
    balances_parted: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    rejected_files: list[Path] = field(default_factory=list)
    quarantined: int = 0
    quarantine: str = ""
    _sums: Counter[tuple[str, bool]] = field(default_factory=Counter)
    _standing: Positions = field(default_factory=Positions)
    _of_file: Positions = field(default_factory=Positions)
    _file: str = ""
    _begun: float = field(default_factory=time.perf_counter)

    def begin(self, file: str) -> None:
        """Begin the rows of another file."""
        self._file, self._of_file = file, Positions()

    def settle(self, rows: Sequence[HistoryRow], outcomes: Sequence[Outcome]) -> list[RejectedRow]:
        """Count the outcomes of posted rows; return the refused rows."""
        refused: list[RejectedRow] = []
        for row, outcome in zip(rows, outcomes, strict=True):
            if outcome.result is Result.CREATED:
                self.accepted += 1
            elif outcome.result is not Result.EXISTS:
                refused.append(RejectedRow(row.line, row.external_id, _fault(outcome)))
                continue
            seq = outcome.seq
            if seq is None or not self._of_file.is_new(seq):  # no position: the twin of a row of the same batch
                self._count_twin(row)
                continue
            self.already_there += outcome.result is Result.EXISTS
            if self._standing.is_new(seq):
                self._sums[row.holder.currency, row.credited] += row.amount_minor
        return refused

    def reject(self, rows: Iterable[RejectedRow]) -> None:
        """Count rejected rows by reason."""
        self.rejected.update(str(row.fault.rule) for row in rows)

    def sums(self, *, credited: bool) -> dict[str, str]:
        """Return the sum per currency of one side, as decimal text."""
        currencies = sorted({currency for currency, _ in self._sums})
        return {currency: Money(self._sums[currency, credited], currency).decimal for currency in currencies}

    @property
    def rows(self) -> int:
        """The number of rows so far."""
        return self.accepted + self.already_there + self.twins + self.skipped + self.rejected.total()

    @property
    def seconds(self) -> float:
        """The duration of the import in seconds."""
        return time.perf_counter() - self._begun

    def _count_twin(self, row: HistoryRow) -> None:
        self.twins += 1
        if len(self.first_twins) < _SHOWN:
            self.first_twins.append(f"{self._file} line {row.line} has the id of an earlier row: {row.external_id!r}")


def written_report(
    tally: Tally, enrolment: Enrolment, *, mapping: HistoryMapping, files: Sequence[Path], position: int
) -> ImportReport:
    """Return the report of a finished import."""
    known = list(enrolment.holders)
    customers = {(holder.partner.external_ref, holder.customer) for holder in known if holder.customer is not None}
    return ImportReport(
        mapping=mapping.name,
        book=mapping.book_name,
        files=tuple(file.name for file in files),
        rows=tally.rows,
        accepted=tally.accepted,
        already_there=tally.already_there,
        twins=tally.twins,
        first_twins=tuple(tally.first_twins),
        skipped=tally.skipped,
        rejected=dict(tally.rejected.most_common()),
        rejected_files=tuple(str(path) for path in tally.rejected_files),
        quarantined=tally.quarantined,
        quarantine=tally.quarantine,
        partners=len({holder.partner.external_ref for holder in known}),
        persons=len({holder.person for holder in known if holder.person is not None}),
        customers=len(customers),
        accounts={str(kind): count for kind, count in sorted(Counter(holder.kind for holder in known).items())},
        accounts_opened=enrolment.accounts_opened,
        credits=tally.sums(credited=True),
        debits=tally.sums(credited=False),
        balances_held=tally.balances_held,
        balances_parted=tuple(tally.balances_parted),
        warnings=tuple(tally.warnings),
        position=position,
        seconds=round(tally.seconds, 3),
        rows_per_s=int(tally.rows / max(tally.seconds, 0.001)),
        peak_memory_bytes=_peak_memory_bytes(),
    )


def _fault(outcome: Outcome) -> Fault:
    """Return the fault for the judge's result, whether new or repeated."""
    rule = outcome.original or outcome.result
    if outcome.original is not None:
        return Fault(rule, f"refused before, at position {outcome.seq}; a refused id stays refused")
    if outcome.result in CONFLICTS:
        differing = outcome.result.removeprefix("exists_with_different_").replace("_", " ")
        return Fault(rule, f"position {outcome.seq} has this external id with another {differing}")
    return Fault(rule, f"the book refused it: {outcome.result.replace('_', ' ')}")


def _peak_memory_bytes() -> int:
    """Return the peak resident size of this process; macOS reports it in bytes, others in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
