"""Findings: what a report is made from, and what its making found: rows, control totals, checks, validity."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from ledger.exports.export_queries import ExportOf
from ledger.exports.records import BankBalance
from ledger.kernel.calendar import Calendar
from ledger.personal_data.particulars import Particulars
from ledger.tenancy.records import Book, CustomerId


class ExportCheck(NamedTuple):
    """A condition of a report, whether it holds, and what was compared; a report with one that fails is withheld."""

    name: str
    ok: bool
    detail: str


class Findings(NamedTuple):
    """The findings of a report: rows of each file by its name, control totals, checks, schemas that were met."""

    rows: Mapping[str, int]
    totals: Mapping[str, str]
    checks: Sequence[ExportCheck]
    validity: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Sources:
    """All that a report is made from, as it stood at one position.

    `facts` has the book's bronze rows up to the position, in the schema `lake`. `particulars` opens those of customers,
    after their access was recorded. `schemas` is the folder with official schemas, if one is configured.
    """

    book: Book
    what: ExportOf
    calendar: Calendar
    facts: duckdb.DuckDBPyConnection
    parameters: Mapping[str, str]
    particulars: Callable[[Collection[CustomerId] | None], Mapping[CustomerId, Particulars]]
    bank_balances: Callable[[date], Sequence[BankBalance]]
    schemas: Path | None = None


Maker = Callable[[Sources, Path], Findings]
"""Writes the files of a report into a folder; the same sources give the same bytes."""
