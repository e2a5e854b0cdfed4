"""The check that the lake equals the ledger: totals per currency, and a digest of every column of every row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from ledger.book.audits.control_totals import CONTROL_TOTALS
from ledger.journal.journal import driver
from ledger.kernel.ids import BookId
from ledger.records import STREAMED
from ledger.tenancy.directory import BookLocation
from pipelines.marts.digests import lake_digest, ledger_digest
from pipelines.marts.sources import SCHEMA, PinnedBook

_UNBOUNDED: Final = 2**63 - 1
"""Without an upper bound on the lake's side: rows beyond the watermark count as surplus."""

_BOTH: Final[Mapping[str, tuple[str, str]]] = {
    **{what: (statement, statement) for what, statement in CONTROL_TOTALS.items()},
    **{f"every column of {record.TABLE}": (ledger_digest(record), lake_digest(record)) for record in STREAMED},
}
"""The compared figures, with the query of each side."""

Totals = dict[str, tuple[int, int]]
"""Per currency: the number of rows, and the sum of their amounts in minor units."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A compared figure of a book, with the results of both sides."""

    what: str
    book_name: str
    ledger: Totals
    lake: Totals

    @property
    def ok(self) -> bool:
        """True if both sides are equal."""
        return self.ledger == self.lake

    def __str__(self) -> str:
        where = f"{self.what} of {self.book_name}"
        return f"{where}: {_said(self.ledger)}" if self.ok else f"{where}: {self._difference()}"

    def _difference(self) -> str:
        return f"ledger {_said(self.ledger)}, lake {_said(self.lake)}"


def compare_totals(place: BookLocation, warehouse: duckdb.DuckDBPyConnection, cut: PinnedBook) -> list[Comparison]:
    """Compare a book's totals and digests in the ledger, up to its watermark, with those of the pinned files.

    Each side uses its own number of the book. Raises `DamagedLake` if a file cannot be read.
    """
    warehouse.execute(f"SET schema = '{SCHEMA}'")
    upto = cut.watermark.seq
    with place.engine.connect() as connection:
        return [
            Comparison(
                what,
                cut.book_name,
                _totals(driver(connection).execute(_filled(ours, place.book_id, upto).encode()).fetchall()),
                _totals(warehouse.execute(_filled(theirs, cut.book_id, _UNBOUNDED)).fetchall()),
            )
            for what, (ours, theirs) in _BOTH.items()
        ]


def _filled(statement: str, book_id: BookId, upto: int) -> str:
    return statement.format(book_id=int(book_id), upto=int(upto))


def _totals(rows: Iterable[Sequence[Any]]) -> Totals:
    return {currency: (int(count), int(total)) for currency, count, total in rows}


def _said(totals: Totals) -> str:
    parts = [f"{count} rows, {total} {currency}" for currency, (count, total) in sorted(totals.items())]
    return "; ".join(parts) or "none"
