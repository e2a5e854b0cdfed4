"""History: opens a file by its format, and checks its declared balances before any row is posted."""

from pathlib import Path

from ledger.kernel.errors import InvalidInput
from pipelines.imports.balances import BalanceCheck, Moved, labelled
from pipelines.imports.chunks import HistoryFile
from pipelines.imports.csv_files import open_csv
from pipelines.imports.mapping import HistoryMapping
from pipelines.imports.occurrences import Occurrences
from pipelines.imports.parquet_files import MAGIC, open_parquet
from pipelines.imports.rows import read_rows


def opened_file(path: Path, mapping: HistoryMapping) -> HistoryFile:
    """Open the file by the format of its first bytes, whatever its name. Raises `InvalidInput`."""
    try:
        with path.open("rb") as stream:
            is_parquet = stream.read(len(MAGIC)) == MAGIC
        return open_parquet(path, mapping.columns) if is_parquet else open_csv(path, mapping.columns, mapping.dialect)
    except OSError as fault:
        raise InvalidInput(f"{path} cannot be read: {fault.strerror or fault}") from fault


def checked_balances(mapping: HistoryMapping, file: HistoryFile, batch: int) -> BalanceCheck | None:
    """Compare the declared balances with the rows as they are read; None if the mapping declares none.

    Raises `InvalidInput` for the first mismatch: the journal is append-only, so nothing of a misread file is posted.
    """
    _require_no_row_outside(mapping, file)
    rule = mapping.balance
    if rule is None:
        return None
    name = file.path.name
    outside = list(file.outside()) if rule.opening or rule.closing else []
    opening, closing = (labelled(label, outside, name) for label in (rule.opening, rule.closing))
    check, occurrences = BalanceCheck(rule, name, opening, closing), Occurrences()
    for chunk in file.chunks(batch):
        read = read_rows(mapping, chunk, occurrences)
        rows = [
            Moved(row.line, row.holder.external_ref, row.holder.currency, row.moved_minor, row.balance_minor)
            for row in read.rows
        ]
        check.add(rows, [row.line for row in (*read.rejected, *chunk.torn)])
        check.counted_from(row.effective_at for row in read.rows)
    check.end()
    if check.parted:
        more = f" ({len(check.parted) - 1} more lines part)" if len(check.parted) > 1 else ""
        raise InvalidInput(f"{check.parted[0]}{more}; nothing was imported: mend the mapping or the file")
    return check


def _require_no_row_outside(mapping: HistoryMapping, file: HistoryFile) -> None:
    """Refuse a file that would lose rows because it has fewer lines around its rows than the mapping declares."""
    if file.uncounted is None:
        return
    chunk = file.uncounted()
    if chunk.lines and (rows := read_rows(mapping, chunk, Occurrences()).rows):
        raise InvalidInput(
            f"{file.path.name} line {rows[0].line} is no row by its place, and reads as one; mend skip_lines or "
            "footer_lines, or name such lines by skip_beginning"
        )
