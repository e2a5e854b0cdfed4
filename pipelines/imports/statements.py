"""Bank statements from CSV or Parquet files of banks and processors, read by the mappings that import them."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from ledger.bank_statements.line_kinds import LineKind
from ledger.bank_statements.lines import (
    BalanceKind,
    Discrepancy,
    StatementBalance,
    StatementEnd,
    StatementLine,
    StatementPart,
    StatementStart,
)
from ledger.kernel.calendar import Calendar
from ledger.kernel.errors import InvalidFormat
from pipelines.imports.chunks import RejectedRow
from pipelines.imports.history import opened_file
from pipelines.imports.mapping import HistoryMapping
from pipelines.imports.occurrences import Occurrences
from pipelines.imports.rows import HistoryRow, read_rows

_ROWS: Final = 10_000
_Account = tuple[str, str]


def mapped_parts(mapping: HistoryMapping, path: Path) -> Iterator[StatementPart]:
    """Yield a statement for each account and currency of a file, in the order of time. Raises `InvalidFormat`.

    Where the mapping declares balances after each row, each is held against the one before, the first gives the opening
    balance and the last the closing one; a row without a balance is pending. Nothing of a file with a rejected row is
    taken.
    """
    by_account: dict[_Account, list[HistoryRow]] = {}
    for row in _rows(mapping, path):
        by_account.setdefault((row.holder.external_ref, row.holder.currency), []).append(row)
    for account, rows in by_account.items():
        is_newest_first = mapping.balance is not None and mapping.balance.newest_first
        yield from _statement(mapping, account, rows[::-1] if is_newest_first else rows)


def _rows(mapping: HistoryMapping, path: Path) -> Iterator[HistoryRow]:
    occurrences = Occurrences()
    for chunk in opened_file(path, mapping).chunks(_ROWS):
        read = read_rows(mapping, chunk, occurrences)
        if rejected := sorted((*read.rejected, *chunk.torn), key=lambda each: each.line):
            raise _refused(rejected[0])
        yield from read.rows


def _refused(row: RejectedRow) -> InvalidFormat:
    return InvalidFormat(f"line {row.line}", row.fault.rule.value, row.fault.found, row.fault.says)


def _statement(mapping: HistoryMapping, account: _Account, rows: list[HistoryRow]) -> Iterator[StatementPart]:
    calendar = Calendar([mapping.days])
    has_balances = mapping.balance is not None and mapping.balance.source is not None
    lines = [_line(row, calendar, is_booked=not has_balances or row.balance_minor is not None) for row in rows]
    days = [line.booked_on for line in lines if line.booked_on is not None]
    place, (reference, currency) = lines[0].place, account
    yield StatementStart(place, "", reference, currency, min(days), max(days), _opening(rows))
    yield from lines
    yield StatementEnd(_closing(rows), tuple(_steps(rows)))


def _line(row: HistoryRow, calendar: Calendar, *, is_booked: bool) -> StatementLine:
    at = row.effective_at
    booked_on = calendar.booked_on(at) if isinstance(at, datetime) else at
    return StatementLine(
        place=f"line {row.line}",
        amount_minor=row.moved_minor,
        booked_on=booked_on,
        value_on=booked_on,
        bank_code=row.code,
        kind=LineKind.OTHER,
        bank_reference=row.external_id,
        is_booked=is_booked,
    )


def _opening(rows: list[HistoryRow]) -> tuple[StatementBalance, ...]:
    first = next((row for row in rows if row.balance_minor is not None), None)
    if first is None or first.balance_minor is None:
        return ()
    return (StatementBalance(BalanceKind.OPENING_BOOKED, first.balance_minor - first.moved_minor, None, "derived"),)


def _closing(rows: list[HistoryRow]) -> tuple[StatementBalance, ...]:
    last = next((row for row in reversed(rows) if row.balance_minor is not None), None)
    if last is None or last.balance_minor is None:
        return ()
    return (StatementBalance(BalanceKind.CLOSING_BOOKED, last.balance_minor, None, "last row"),)


def _steps(rows: list[HistoryRow]) -> Iterator[Discrepancy]:
    """Yield each row whose balance is not the one before it plus the row."""
    before: int | None = None
    for row in rows:
        if row.balance_minor is None:
            continue
        if before is not None and (off := row.balance_minor - before - row.moved_minor):
            text = f"the balance after this row differs by {off} minor units from the one before it and the row"
            yield Discrepancy(f"line {row.line}", text)
        before = row.balance_minor
