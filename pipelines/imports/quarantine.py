"""Quarantine: stores rejected rows in the ledger, each once and sealed under a key of its own.

The id of a row is derived from the book, the mapping, the file's content and the line. The same file imported again, or
continued after a kill, finds its rows; rows that are valid by now are settled at the end of the file.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ledger.imports.quarantine import Rejection, bring_rows, keep_mapping, restate_rows, settle_rows
from ledger.imports.quarantined_rows import count_waiting, rows_of_file, settled_ids
from ledger.imports.records import QuarantinedMapping, QuarantinedRow, RowState
from ledger.kernel.errors import Refusal, one_line
from ledger.kernel.ids import PartnerId, derived_id
from ledger.kernel.work import begin, read
from ledger.tenancy.records import Book
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault

NO_PARTNER: Final = PartnerId(UUID(int=0))
"""The partner of a foreign row: none, until it is accepted."""

_ROWS_MAX: Final = 10_000
_CHARACTERS_MAX: Final = 16 << 20
_COLUMN: Final = {name: f"{QuarantinedRow.TABLE}.{name}" for name in ("row", "declaration")}
"""The associated data of sealed texts; the same as in earlier versions."""

_FAULTS: Final = (OSError, Refusal)
"""Errors that keep rows out of the quarantine, but do not end an import."""


class Origin(NamedTuple):
    """The origin of rows: a file with its mapping's name and text, or a partner's bulk."""

    file: Path
    mapping: str
    declaration: str | None = None
    partner: str | None = None
    is_imported: bool = True


class BadRow(NamedTuple):
    """A rejected row: its line, its rule with a message, and its own text in clear."""

    line: int
    rule: str
    reason: str
    text: str


class Quarantine:
    """The quarantine of one book, for one run that fills or empties it.

    `fault` is an error in one line that kept rows out; after it, no more rows are added, and the run continues.
    """

    def __init__(self, engine: sa.Engine, vault: Vault, book: Book, *, actor: str, fault: str | None = None) -> None:
        self.engine, self.vault, self.book, self.actor = engine, vault, book, actor
        self.rows = 0
        """The number of this run's rejected rows that are in quarantine, whichever run stored them."""
        self.fault = fault

    def sealed(self, column: str, texts: Sequence[str], subject_ids: Sequence[SubjectId]) -> list[str]:
        """Seal texts of a column under the keys of these subjects."""
        values = [
            PersonalValue(NO_PARTNER, _COLUMN[column], text, subject_id)
            for text, subject_id in zip(texts, subject_ids, strict=True)
        ]
        return self.vault.seal(self.book.book_id, values)

    def opened(self, column: str, texts: Sequence[str]) -> list[str | None]:
        """Unseal texts of a column; None if the key was destroyed."""
        values = [PersonalValue(NO_PARTNER, _COLUMN[column], text) for text in texts]
        return self.vault.open_sealed(self.book.book_id, values)

    def mapping_of(self, declaration: str) -> QuarantinedMapping:
        """Return a mapping's text for the ledger: sealed under a key of its own, once for all its rows."""
        digest = hashlib.sha256(declaration.encode())
        subject = SubjectId(derived_id(self.book.book_id, "mapping", digest.hexdigest()))
        (sealed,) = self.sealed("declaration", [declaration], [subject])
        return QuarantinedMapping(book_id=self.book.book_id, mapping_sha256=digest.digest(), declaration=sealed)

    def settle(self, state: RowState, positions: Mapping[SubjectId, int | None], *, reason: str | None = None) -> int:
        """Commit the new state of waiting rows, then destroy the keys of all rows; return how many were waiting."""
        if not positions:
            return 0
        with begin(self.engine, actor=self.actor) as work:
            settled = settle_rows(work, self.book.book_id, state, positions, reason=reason)
        self.vault.forget(self.book.book_id, list(positions))
        return settled

    def restate(self, rejections: Mapping[SubjectId, Rejection], mapping: QuarantinedMapping | None = None) -> None:
        """Record the reason of another rejection, and its mapping."""
        if not rejections:
            return
        with begin(self.engine, actor=self.actor) as work:
            if mapping is not None:
                keep_mapping(work, mapping)
            digest = None if mapping is None else mapping.mapping_sha256
            restate_rows(work, self.book.book_id, rejections, mapping_sha256=digest)

    def finish(self) -> None:
        """Destroy the keys of settled rows, if a run ended before it did."""
        with read(self.engine) as reader:
            ids = settled_ids(reader.connection, self.book.book_id)
        for start in range(0, len(ids), _ROWS_MAX):
            if standing := self.vault.standing(self.book.book_id, ids[start : start + _ROWS_MAX]):
                self.vault.forget(self.book.book_id, standing)

    def told(self) -> str:
        """Return where the rejected rows of this run are, or why they are not in quarantine."""
        if self.fault is not None:
            return f"not all of them are in quarantine, run the same again: {self.fault}"
        return f"cofferdam quarantine list {self.book.name}" if self.rows else "no row was rejected"


class FileQuarantine:
    """The rejected rows of one file, written in batches; rows that are valid by now are settled at its end."""

    def __init__(self, quarantine: Quarantine, origin: Origin) -> None:
        self._quarantine, self._origin = quarantine, origin
        self._held: list[BadRow] = []
        self._characters = 0
        self._rejected: set[int] = set()
        self._known: set[SubjectId] | None = None
        self._sha256: bytes | None = None

    def add(self, rows: Sequence[BadRow]) -> None:
        """Add rejected rows, each at most once per file."""
        if self._quarantine.fault is not None:
            return
        self.refuse(row.line for row in rows)
        self._held += rows
        self._characters += sum(len(row.text) for row in rows)
        if len(self._held) >= _ROWS_MAX or self._characters >= _CHARACTERS_MAX:
            self._try_to_flush()

    def refuse(self, lines: Iterable[int]) -> None:
        """Exclude rows that were not accepted from those that are settled at the end."""
        self._rejected.update(lines)

    def end(self) -> None:
        """End the file: write the remaining rows, and settle waiting rows that were not rejected again."""
        self._try_to_flush()
        if self._quarantine.fault is None:
            try:
                self._settle_passed()
            except _FAULTS as fault:
                self._quarantine.fault = one_line(fault)

    def _try_to_flush(self) -> None:
        held, self._held, self._characters = self._held, [], 0
        if not held or self._quarantine.fault is not None:
            return
        try:
            for start in range(0, len(held), _ROWS_MAX):
                self._write(held[start : start + _ROWS_MAX])
        except _FAULTS as fault:
            self._quarantine.fault = one_line(fault)

    def _write(self, rows: Sequence[BadRow]) -> None:
        known = self._known_ids()
        ids = [self._row_id(row.line) for row in rows]
        fresh = [(row_id, row) for row_id, row in zip(ids, rows, strict=True) if row_id not in known]
        if fresh:
            self._bring(fresh)
        known.update(row_id for row_id, _ in fresh)
        self._quarantine.rows += len(rows)

    def _bring(self, rows: Sequence[tuple[SubjectId, BadRow]]) -> None:
        quarantine, declaration = self._quarantine, self._origin.declaration
        mapping = None if declaration is None else quarantine.mapping_of(declaration)
        sealed = quarantine.sealed("row", [row.text for _, row in rows], [row_id for row_id, _ in rows])
        with begin(quarantine.engine, actor=quarantine.actor) as work:
            if mapping is not None:
                keep_mapping(work, mapping)
            bring_rows(work, list(self._waiting(rows, sealed, mapping, work.now)))

    def _waiting(
        self,
        rows: Sequence[tuple[SubjectId, BadRow]],
        sealed: Sequence[str],
        mapping: QuarantinedMapping | None,
        now: datetime,
    ) -> Iterator[QuarantinedRow]:
        origin = self._origin
        for (row_id, row), text in zip(rows, sealed, strict=True):
            yield QuarantinedRow(
                book_id=self._quarantine.book.book_id,
                row_id=row_id,
                file=origin.file.name,
                file_sha256=self._sha(),
                line=row.line,
                mapping=origin.mapping,
                mapping_sha256=None if mapping is None else mapping.mapping_sha256,
                partner=origin.partner,
                is_imported=origin.is_imported,
                row=text,
                rule=row.rule,
                reason=row.reason,
                quarantined_at=now,
                quarantined_by=self._quarantine.actor,
                state=RowState.WAITING,
                settled_at=None,
                settled_by=None,
                settled_seq=None,
                settled_reason=None,
            )

    def _settle_passed(self) -> None:
        quarantine, origin = self._quarantine, self._origin
        with read(quarantine.engine) as reader:
            if not count_waiting(reader.connection, quarantine.book.book_id):
                return  # so that a file without rejects need not be read again
            found = rows_of_file(reader.connection, quarantine.book.book_id, self._sha())
        passed = [
            row.row_id
            for row in found
            if row.state == RowState.WAITING
            and (row.mapping, row.partner, row.is_imported) == (origin.mapping, origin.partner, origin.is_imported)
            and row.line not in self._rejected
        ]
        quarantine.settle(RowState.REPLAYED, dict.fromkeys(passed))

    def _known_ids(self) -> set[SubjectId]:
        """Return the ids of this file's stored rows, in any state; read once."""
        if self._known is None:
            with read(self._quarantine.engine) as reader:
                found = rows_of_file(reader.connection, self._quarantine.book.book_id, self._sha())
            self._known = {row.row_id for row in found}
        return self._known

    def _row_id(self, line: int) -> SubjectId:
        origin = self._origin
        of_file = (self._quarantine.book.book_id, "quarantine", origin.mapping, origin.partner or "")
        return SubjectId(derived_id(*of_file, int(origin.is_imported), self._sha().hex(), line))

    def _sha(self) -> bytes:
        if self._sha256 is None:
            with self._origin.file.open("rb") as stream:
                self._sha256 = hashlib.file_digest(stream, "sha256").digest()
        return self._sha256
