"""Quarantine: rejected rows on their way into the lake, each sealed under a key of its own, and each in it once.

The id of a row follows from the book, the mapping, the file's content and the line. The same file run again, or run to
its end after a kill, finds its rows there; rows that pass by now are settled at the end of the file.
"""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from deltalake.exceptions import DeltaError

from lake.quarantine import WAITS, QuarantineTable, quarantined
from lake.quarantined_rows import QuarantinedRow, RowState
from lake.schema import arrow_schema
from lake.tables import Lake
from ledger.events.feed import cluster_id
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import Refusal
from ledger.kernel.ids import PartnerId, SubjectId, derived_id
from ledger.records.books import Book
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault

NO_PARTNER: Final = PartnerId(UUID(int=0))
"""Whose a foreign row is: nobody's, until it is taken."""

FAULTS: Final = (OSError, DeltaError, duckdb.Error, pa.ArrowException, Refusal)
"""What may keep rows from the quarantine, without keeping an import from its end."""

_ROWS_MAX: Final = 10_000
_CHARACTERS_MAX: Final = 16 << 20
_COLUMN: Final = {name: f"{QuarantinedRow.TABLE}.{name}" for name in ("row", "declaration")}


class Origin(NamedTuple):
    """Where rows are from: a file, by a mapping (its name and text), or in a bulk of a partner's."""

    file: Path
    mapping: str
    declaration: str | None = None
    partner: str | None = None
    is_imported: bool = True


class BadRow(NamedTuple):
    """A rejected row: its line, its rule and what that says, and its own text in clear."""

    line: int
    rule: str
    reason: str
    text: str


class Quarantine:
    """The quarantine of one book, for one run that fills it or empties it.

    A `fault` in one line says what kept rows from it; then it takes no more, and the run goes on without.
    """

    def __init__(self, engine: sa.Engine, lake: Lake, vault: Vault, book: Book, *, actor: str) -> None:
        self.engine, self.lake, self.vault, self.book, self.actor = engine, lake, vault, book, actor
        self.rows = 0
        """How many rejected rows of this run are in it, whichever run brought them."""
        self.fault: str | None = None
        self._table: QuarantineTable | None = None

    @property
    def table(self) -> QuarantineTable:
        """The table in the lake, made where it is absent."""
        if self._table is None:
            with self.engine.connect() as connection:
                cluster = cluster_id(connection)
            self._table = QuarantineTable.open(self.lake, self.book, cluster_id=cluster)
        return self._table

    def sealed(self, column: str, texts: Sequence[str], subject_ids: Sequence[SubjectId]) -> list[str]:
        """Texts of a column under the keys of these subjects."""
        values = [
            PersonalValue(NO_PARTNER, _COLUMN[column], text, subject_id)
            for text, subject_id in zip(texts, subject_ids, strict=True)
        ]
        return self.vault.seal(self.book.book_id, values)

    def opened(self, column: str, texts: Sequence[str]) -> list[str | None]:
        """What sealed texts of a column say; None where the key was destroyed."""
        values = [PersonalValue(NO_PARTNER, _COLUMN[column], text) for text in texts]
        return self.vault.open_sealed(self.book.book_id, values)

    def settle(self, changes: Sequence[dict[str, object]]) -> None:
        """Commit what became of rows that wait; then destroy the keys of those that wait no more."""
        if not changes:
            return
        names = ["row_id", *(name for name in changes[0] if name != "row_id")]
        full = arrow_schema(QuarantinedRow)
        schema = pa.schema([full.field(name).with_nullable(True) for name in names])
        self.table.settle(pa.Table.from_pylist([_stored(change) for change in changes], schema=schema))
        done = [SubjectId(UUID(str(each["row_id"]))) for each in changes if each.get("state") != RowState.WAITING]
        self.vault.forget(self.book.book_id, done)

    def finish(self) -> None:
        """Destroy the keys of rows that are settled, where a run ended before it did."""
        settled = quarantined(self.lake, self.book.name, ["row_id"], f"NOT {WAITS}")
        ids = [SubjectId(UUID(each)) for each in settled["row_id"].to_pylist()]
        for start in range(0, len(ids), _ROWS_MAX):
            if standing := self.vault.standing(self.book.book_id, ids[start : start + _ROWS_MAX]):
                self.vault.forget(self.book.book_id, standing)

    def tidy(self) -> None:
        """Put the table in order where this run wrote to it."""
        if self._table is not None and self.fault is None:
            with suppress(*FAULTS):  # the rows are there: the next run puts them in order
                self._table.tidy()

    def told(self) -> str:
        """Where the rejected rows of this run are to be found, or why they are not."""
        if self.fault is not None:
            return f"the lake did not take all of them, run the same again: {self.fault}"
        return f"cofferdam quarantine list {self.book.name}" if self.rows else "no row was rejected"


class FileQuarantine:
    """The rejected rows of one file, written so many at a time; what passes by now is settled at its end."""

    def __init__(self, quarantine: Quarantine, origin: Origin) -> None:
        self._quarantine, self._origin = quarantine, origin
        self._held: list[BadRow] = []
        self._characters = 0
        self._rejected: set[int] = set()
        self._known: set[str] | None = None
        self._sha256: bytes | None = None

    def add(self, rows: Sequence[BadRow]) -> None:
        """Take rejected rows, each of which the file has once."""
        if self._quarantine.fault is not None:
            return
        self.refuse(row.line for row in rows)
        self._held += rows
        self._characters += sum(len(row.text) for row in rows)
        if len(self._held) >= _ROWS_MAX or self._characters >= _CHARACTERS_MAX:
            self._try_to_flush()

    def refuse(self, lines: Iterable[int]) -> None:
        """Hear of rows that were not taken, so that none of them counts as passed at the end."""
        self._rejected.update(lines)

    def end(self) -> None:
        """The file was read to its end: write what is left, and settle rows that waited and were not rejected again."""
        self._try_to_flush()
        if self._quarantine.fault is None:
            try:
                self._settle_passed()
            except FAULTS as fault:
                self._quarantine.fault = one_line(fault)

    def _try_to_flush(self) -> None:
        held, self._held, self._characters = self._held, [], 0
        if not held or self._quarantine.fault is not None:
            return
        try:
            for start in range(0, len(held), _ROWS_MAX):
                self._write(held[start : start + _ROWS_MAX])
        except FAULTS as fault:
            self._quarantine.fault = one_line(fault)

    def _write(self, rows: Sequence[BadRow]) -> None:
        ids = [self._row_id(row.line) for row in rows]
        known = self._known_ids()
        fresh = [(row_id, row) for row_id, row in zip(ids, rows, strict=True) if str(row_id) not in known]
        if fresh:
            self._quarantine.table.bring(self._stored(fresh))
        known.update(str(row_id) for row_id, _ in fresh)
        self._quarantine.rows += len(rows)

    def _stored(self, rows: Sequence[tuple[SubjectId, BadRow]]) -> pa.Table:
        """The rows as the table has them: those of a piece share all but where they stood and what is wrong."""
        quarantine, origin = self._quarantine, self._origin
        sealed = quarantine.sealed("row", [row.text for _, row in rows], [row_id for row_id, _ in rows])
        common = {
            "book_id": quarantine.book.book_id,
            "file": origin.file.name,
            "file_sha256": self._sha().hex(),
            **declared(quarantine, origin.mapping, origin.declaration),
            "partner": origin.partner,
            "is_imported": origin.is_imported,
            "quarantined_at": system_clock(),
            "quarantined_by": quarantine.actor,
            "state": RowState.WAITING.value,
        }
        stored = [
            {**common, "row_id": str(row_id), "line": row.line, "row": text, "rule": row.rule, "reason": row.reason}
            for (row_id, row), text in zip(rows, sealed, strict=True)
        ]
        return pa.Table.from_pylist(stored, schema=arrow_schema(QuarantinedRow))

    def _settle_passed(self) -> None:
        quarantine, origin = self._quarantine, self._origin
        waiting = quarantined(
            quarantine.lake,
            quarantine.book.name,
            ["row_id", "file_sha256", "line"],
            f"{WAITS} AND mapping = $mapping AND partner IS NOT DISTINCT FROM $partner AND is_imported = $is_imported",
            mapping=origin.mapping,
            partner=origin.partner,
            is_imported=origin.is_imported,
        )
        if not waiting.num_rows:
            return
        of_file = [row for row in waiting.to_pylist() if row["file_sha256"] == self._sha().hex()]
        passed = [row["row_id"] for row in of_file if row["line"] not in self._rejected]
        now = {"settled_at": system_clock(), "settled_by": quarantine.actor, "settled_seq": None}
        quarantine.settle([{"row_id": row_id, "state": RowState.REPLAYED, **now} for row_id in passed])

    def _known_ids(self) -> set[str]:
        """The ids of this file's rows that are there, in any state; read once."""
        if self._known is None:
            of_file, sha256 = "file_sha256 = $sha256", self._sha().hex()
            book_name = self._quarantine.book.name
            found = quarantined(self._quarantine.lake, book_name, ["row_id"], of_file, sha256=sha256)
            self._known = set(found["row_id"].to_pylist())
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


def declared(quarantine: Quarantine, mapping: str, declaration: str | None) -> dict[str, object]:
    """What rows say of the mapping that rejected them; its text is sealed under a key of its own, once for all rows."""
    if declaration is None:
        return {"mapping": mapping, "mapping_sha256": None, "declaration": None}
    digest = hashlib.sha256(declaration.encode()).hexdigest()
    subject = SubjectId(derived_id(quarantine.book.book_id, "mapping", digest))
    (sealed,) = quarantine.sealed("declaration", [declaration], [subject])
    return {"mapping": mapping, "mapping_sha256": digest, "declaration": sealed}


def one_line(fault: Exception) -> str:
    """A fault of the lake or vault, as a report tells it."""
    return " ".join(str(fault).split())[:300] or type(fault).__name__


def _stored(change: dict[str, object]) -> dict[str, object]:
    return {name: str(value) if isinstance(value, RowState | UUID) else value for name, value in change.items()}
