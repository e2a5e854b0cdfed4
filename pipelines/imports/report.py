"""The report of an import: what became of every row, what stands in the book of it, and what it cost."""

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
    """What an import did; `credits` and `debits` are decimal texts per currency, seen from the mapped accounts.

    They sum the rows that stand in the book now, whether this run posted them (`accepted`) or an earlier one
    (`already_there`), each once however often the files repeat it. `accounts` counts by kind the accounts that the
    files name, `accounts_opened` those that are new. `twins` are rows whose id an earlier row of the same file has, so
    that they are in the book once: `first_twins` names some. `skipped` are rows that the mapping leaves out. Of the
    balances that the files declare `balances_held` agree with the rows, and `balances_parted` says where the book has
    another one. `warnings` names files that other mappings brought before. `quarantined` of the rejected rows are in
    the book's quarantine, and `quarantine` is the command that shows them, or why they are not there. `position` is the
    newest of the book afterwards.
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
        """The report as a value that JSON can carry."""
        return asdict(self)

    @property
    def is_whole(self) -> bool:
        """Whether each row of the files stands in the book for itself, and the book has what the files declare."""
        return not (self.rejected or self.twins or self.balances_parted)


@dataclass(slots=True)
class ReplayReport:
    """What became of the rows that a replay took up; `unreadable` are those whose key is gone."""

    book: str
    rows: int = 0
    replayed: int = 0
    still_waiting: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0

    def as_json(self) -> dict[str, object]:
        """The report as a value that JSON can carry."""
        return {**asdict(self), "still_waiting": dict(self.still_waiting)}

    @property
    def is_whole(self) -> bool:
        """Whether every row that was taken up stands in the book now."""
        return not self.still_waiting and not self.unreadable


class Positions:
    """Positions of a book that were met, one bit each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def is_new(self, seq: int) -> bool:
        """Meet a position; whether it was not met before."""
        place, bit = seq >> 3, 1 << (seq & 7)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1024 - len(self._bits)))
        seen = self._bits[place] & bit
        self._bits[place] |= bit
        return not seen


@dataclass(slots=True)
class Tally:
    """The counts of an import under way."""

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
        """The rows of another file follow."""
        self._file, self._of_file = file, Positions()

    def settle(self, rows: Sequence[HistoryRow], outcomes: Sequence[Outcome]) -> list[RejectedRow]:
        """Count what the book answered; the rows that it did not take."""
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
        """Count rejected rows by their reason."""
        self.rejected.update(str(row.fault.rule) for row in rows)

    def sums(self, *, credited: bool) -> dict[str, str]:
        """The sum per currency of one side, as decimal text."""
        currencies = sorted({currency for currency, _ in self._sums})
        return {currency: Money(self._sums[currency, credited], currency).decimal for currency in currencies}

    @property
    def rows(self) -> int:
        """How many rows the files had so far."""
        return self.accepted + self.already_there + self.twins + self.skipped + self.rejected.total()

    @property
    def seconds(self) -> float:
        """How long the import has run."""
        return time.perf_counter() - self._begun

    def _count_twin(self, row: HistoryRow) -> None:
        self.twins += 1
        if len(self.first_twins) < _SHOWN:
            self.first_twins.append(f"{self._file} line {row.line} has the id of an earlier row: {row.external_id!r}")


def written_report(
    tally: Tally, enrolment: Enrolment, *, mapping: HistoryMapping, files: Sequence[Path], position: int
) -> ImportReport:
    """The report of a finished import."""
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
    """The reason that the judge gave, the first time or now."""
    rule = outcome.original or outcome.result
    if outcome.original is not None:
        return Fault(rule, f"refused before, at position {outcome.seq}; a refused id stays refused")
    if outcome.result in CONFLICTS:
        differing = outcome.result.removeprefix("exists_with_different_").replace("_", " ")
        return Fault(rule, f"position {outcome.seq} has this external id with another {differing}")
    return Fault(rule, f"the book refused it: {outcome.result.replace('_', ' ')}")


def _peak_memory_bytes() -> int:
    """The largest resident size of this process so far; macOS counts it in bytes, others in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
