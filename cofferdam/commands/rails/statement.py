"""Check a bank's statements: camt.053, MT940, BAI2, CSV."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cofferdam.output import AsJson, answer
from ledger.bank_statements.files import StatementFile, StatementFormat, identified, statement_parts
from ledger.bank_statements.lines import BalanceKind, decimals_of
from ledger.bank_statements.statements import StatementSummary, summaries
from ledger.kernel.texts import last_four
from pipelines.imports.mapping import HistoryMapping, load_mapping
from pipelines.imports.statements import mapped_parts


def command(
    files: Annotated[list[Path], typer.Argument(help="Files as the bank sent them.", exists=True, dir_okay=False)],
    *,
    mapping: Annotated[
        Path | None,
        typer.Option(help="For CSV or Parquet: a mapping file, or the name of a shipped one, such as chase."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read statements and hold each against its own balances and totals. Nothing is stored.

    Exits with 1 if a statement is not whole: its lines do not explain its closing balance, a control total does not
    hold, or something that its format requires is missing.
    """
    declared = None if mapping is None else load_mapping(mapping)
    checked = [_checked(file, declared) for file in files]
    shown = [_shown(path, file, found) for path, file, found in checked]
    text = "\n".join(line for path, file, found in checked for line in _lines(path, file, found))
    answer(shown, text, as_json=as_json)
    if not all(each.is_whole for _, _, found in checked for each in found):
        raise typer.Exit(1)


_Checked = tuple[Path, StatementFile, Sequence[StatementSummary]]


def _checked(path: Path, mapping: HistoryMapping | None) -> _Checked:
    with path.open("rb") as source:
        if mapping is not None:
            return path, identified(source, StatementFormat.MAPPED), list(summaries(mapped_parts(mapping, path)))
        file = identified(source)
        return path, file, list(summaries(statement_parts(source, file.format)))


def _shown(path: Path, file: StatementFile, found: Sequence[StatementSummary]) -> dict[str, object]:
    return {
        "file": path.name,
        "format": file.format.value,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "whole": all(each.is_whole for each in found),
        "statements": [_statement(each) for each in found],
    }


def _statement(found: StatementSummary) -> dict[str, object]:
    currency = found.start.currency
    opening, closing = found.balance(BalanceKind.OPENING_BOOKED), found.balance(BalanceKind.CLOSING_BOOKED)
    return {
        "account": last_four(found.start.account),
        "number": found.start.number,
        "currency": currency,
        "opening": None if opening is None else _decimal(opening.amount_minor, currency),
        "closing": None if closing is None else _decimal(closing.amount_minor, currency),
        "credits": {"lines": found.credits, "sum": _decimal(found.credits_minor, currency)},
        "debits": {"lines": found.debits, "sum": _decimal(found.debits_minor, currency)},
        "pending": found.pending,
        "difference": None if found.difference_minor is None else _decimal(found.difference_minor, currency),
        "whole": found.is_whole,
        "discrepancies": [each._asdict() for each in found.discrepancies],
    }


def _lines(path: Path, file: StatementFile, found: Sequence[StatementSummary]) -> Sequence[str]:
    lines = [f"{path.name}: {file.format.value}, {len(found)} statements, sha256 {file.sha256}"]
    for each in found:
        shown = _statement(each)
        lines.append(
            f"  {shown['account'] or 'no account'} {shown['currency'] or ''} {shown['number']}: "
            f"{shown['opening'] or '?'} and {each.credits + each.debits} lines to {shown['closing'] or '?'}, "
            f"{'whole' if each.is_whole else 'not whole'}"
        )
        lines += [f"    {where}: {text}" for where, text in each.discrepancies]
    return lines


def _decimal(minor: int, currency: str | None) -> str:
    decimals = decimals_of(currency)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    sign = "-" if minor < 0 else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)
