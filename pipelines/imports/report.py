"""The report of an import: what became of every row, what stands in the book of it, and what it cost."""

import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ledger.book.results import CONFLICTS, Outcome, Result
from ledger.kernel.money import Money
from pipelines.imports.chunks import RejectedRow
from pipelines.imports.enrolment import Enrolment
from pipelines.imports.mapping import HistoryMapping
from pipelines.imports.rows import HistoryRow
from pipelines.imports.sources import Fault


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; `credits` and `debits` are decimal texts per currency, seen from the mapped accounts.

    They sum the rows that stand in the book now, whether this run posted them (`accepted`) or an earlier one
    (`already_there`), each once however often the files repeat it. `accounts` counts by kind the accounts that the
    files name, `accounts_opened` those that are new. `quarantined` of the rejected rows are in the book's quarantine,
    and `quarantine` is the command that shows them, or why they are not there. `position` is the newest of the book
    afterwards.
    """

    mapping: str
    book: str
    files: tuple[str, ...]
    rows: int
    accepted: int
    already_there: int
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
    position: int
    seconds: float
    rows_per_s: int
    peak_memory_bytes: int

    def as_json(self) -> dict[str, object]:
        """The report as a value that JSON can carry."""
        return asdict(self)


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


@dataclass(slots=True)
class Tally:
    """The counts of an import under way."""

    accepted: int = 0
    already_there: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    rejected_files: list[Path] = field(default_factory=list)
    quarantined: int = 0
    quarantine: str = "there is no lake"
    _sums: Counter[tuple[str, bool]] = field(default_factory=Counter)
    _standing: bytearray = field(default_factory=bytearray)
    _begun: float = field(default_factory=time.perf_counter)

    def settle(self, rows: Sequence[HistoryRow], outcomes: Sequence[Outcome]) -> list[RejectedRow]:
        """Count what the book answered; the rows that it did not take."""
        refused: list[RejectedRow] = []
        for row, outcome in zip(rows, outcomes, strict=True):
            if outcome.result is Result.CREATED:
                self.accepted += 1
            elif outcome.result is Result.EXISTS:
                self.already_there += 1
            else:
                refused.append(RejectedRow(row.line, row.external_id, _fault(outcome)))
                continue
            if self._is_first(outcome.seq):
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
        return self.accepted + self.already_there + self.rejected.total()

    @property
    def seconds(self) -> float:
        """How long the import has run."""
        return time.perf_counter() - self._begun

    def _is_first(self, seq: int | None) -> bool:
        """Whether no row before stood at this position; one bit per position of the book remembers it."""
        if seq is None:  # the twin of a row of the same batch, which has the position
            return False
        place, bit = seq >> 3, 1 << (seq & 7)
        if place >= len(self._standing):
            self._standing.extend(bytes(place + 1024 - len(self._standing)))
        seen = self._standing[place] & bit
        self._standing[place] |= bit
        return not seen


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
