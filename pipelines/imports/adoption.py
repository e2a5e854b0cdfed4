"""Adoption: copies the quarantined rows that an earlier version kept in a book's lake into its ledger, once.

One transaction copies the rows and deletes the note that the lake may have some, so a killed process leaves nothing
behind, and the second of two concurrent ones finds the work done. The table in the lake stays, but is not read again.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from deltalake.exceptions import DeltaError

from lake.bronze.quarantine import lake_rows
from lake.residency.zones import Zones
from ledger.imports.quarantine import bring_rows, end_lake_quarantine, keep_mapping, lake_may_have_rows
from ledger.imports.records import QuarantinedMapping, QuarantinedRow, RowState
from ledger.journal.feed import cluster_id
from ledger.kernel.errors import Refusal, Unavailable, one_line
from ledger.kernel.ids import BookId
from ledger.kernel.record import columns
from ledger.kernel.work import begin
from ledger.tenancy.directory import reaching
from ledger.tenancy.records import Book
from ledger.vault.records import SubjectId
from ledger.vault.vault import Vault
from pipelines.imports.quarantine import Quarantine

_ACTOR: Final = "upgrade"
_FAULTS: Final = (OSError, ValueError, DeltaError, duckdb.Error, pa.ArrowException, sa.exc.IntegrityError, Refusal)
"""The errors of a lake that is unreachable, damaged or changed by others."""

_NAMES: Final = tuple(column.name for column in columns(QuarantinedRow))

_log: Final = logging.getLogger("cofferdam.imports")


def adopt_rows(engine: sa.Engine, zones: Zones, book: Book) -> None:
    """Copy a book's quarantined rows from the lake to the ledger, if an earlier version may have left some there.

    If the lake has no such table, the next call looks again: the setting may point elsewhere. Raises `Unavailable` if
    the table cannot be read; then nothing was copied.
    """
    with engine.connect() as connection:
        if not lake_may_have_rows(connection, book.book_id):
            return
        cluster = cluster_id(connection)
    try:
        pieces = lake_rows(zones.lake_of(book), book.name, cluster_id=cluster)
        if pieces is None:
            return
        with begin(engine, actor=_ACTOR) as work:
            if end_lake_quarantine(work, book.book_id):
                for piece in pieces:
                    for mapping in _mappings(piece, book.book_id):
                        keep_mapping(work, mapping)
                    bring_rows(work, [_row(each, book.book_id) for each in piece])
    except _FAULTS as fault:
        raise Unavailable(
            f"rows in quarantine of {book.name!r} stand in the lake, where a former version kept them, and cannot be "
            f"read: {one_line(fault)}; bring the lake's folder {book.name}/quarantine back, or remove it to do without"
        ) from fault


def try_to_adopt(engine: sa.Engine, zones: Zones, book: Book) -> None:
    """Try to copy the rows; a failure is only logged, since the caller can continue without them."""
    try:
        with reaching(book.name):
            adopt_rows(engine, zones, book)
    except Unavailable as fault:
        _log.warning("%s", fault)


def open_quarantine(engine: sa.Engine, vault: Vault, book: Book, *, actor: str, zones: Zones | None) -> Quarantine:
    """Open the quarantine of a book for a run that fills it; it has a fault if older rows cannot be copied first."""
    fault = None
    try:
        if zones is not None:
            adopt_rows(engine, zones, book)
    except Unavailable as reason:
        fault = one_line(reason)
    return Quarantine(engine, vault, book, actor=actor, fault=fault)


def _mappings(rows: Sequence[Mapping[str, Any]], book_id: BookId) -> list[QuarantinedMapping]:
    """Return the distinct mappings of rows."""
    texts = {row["mapping_sha256"]: row["declaration"] for row in rows if row["mapping_sha256"] is not None}
    return [
        QuarantinedMapping(book_id=book_id, mapping_sha256=bytes.fromhex(digest), declaration=text)
        for digest, text in sorted(texts.items())
    ]


def _row(row: Mapping[str, Any], book_id: BookId) -> QuarantinedRow:
    """Convert a row of the lake to the ledger's; a settled row has no text, since its key is destroyed."""
    digest = row["mapping_sha256"]
    typed = {
        "book_id": book_id,
        "row_id": SubjectId(UUID(row["row_id"])),
        "file_sha256": bytes.fromhex(row["file_sha256"]),
        "mapping_sha256": None if digest is None else bytes.fromhex(digest),
        "state": RowState(row["state"]),
        "row": row["row"] if row["state"] == RowState.WAITING else None,
    }
    return QuarantinedRow(**{name: row[name] for name in _NAMES} | typed)
