"""Previews: shows the first rows of a file as its mapping reads them, without writing anything."""

from collections.abc import Iterator
from pathlib import Path

from ledger.kernel.money import Money
from pipelines.imports.chunks import HistoryFile, RejectedRow
from pipelines.imports.history import opened_file
from pipelines.imports.mapping import HistoryMapping, load_mapping
from pipelines.imports.occurrences import Occurrences
from pipelines.imports.rows import HistoryRow, read_rows

Shown = dict[str, str | int]
"""A row by the names of its values; a rejected one has its rule and reason instead."""


def first_rows(mapping: Path, file: Path, rows: int) -> list[Shown]:
    """Return the first rows, including rejected ones, in file order. Raises `InvalidInput` like an import."""
    declared = load_mapping(mapping)
    found: list[Shown] = []
    for row in _read(declared, opened_file(file, declared), rows):
        if len(found) >= rows:
            break
        found.append(_rejected(row) if isinstance(row, RejectedRow) else _shown(row))
    return found


def _read(mapping: HistoryMapping, file: HistoryFile, rows: int) -> Iterator[HistoryRow | RejectedRow]:
    occurrences = Occurrences()
    for chunk in file.chunks(rows):
        read = read_rows(mapping, chunk, occurrences)
        both: list[HistoryRow | RejectedRow] = [*read.rows, *read.rejected, *chunk.torn]
        yield from sorted(both, key=lambda row: row.line)


def _shown(row: HistoryRow) -> Shown:
    currency = row.holder.currency
    shown: Shown = {
        "line": row.line,
        "external_id": row.external_id,
        "effective_at": row.effective_at.isoformat(),
        "side": "credit" if row.credited else "debit",
        "amount": str(Money(row.amount_minor, currency)),
        "code": row.code,
        "account": row.holder.external_ref,
        "counterparty": row.counterparty.external_ref,
        "partner": row.holder.partner.external_ref,
    }
    return shown if row.balance_minor is None else {**shown, "balance": str(Money(row.balance_minor, currency))}


def _rejected(row: RejectedRow) -> Shown:
    return {"line": row.line, "external_id": row.external_id, "rule": str(row.fault.rule), "reason": row.fault.detail}
