"""The import: posts files of history, chunk by chunk, through the same judge and posting path as live traffic."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import psycopg
import sqlalchemy as sa

from lake.residency.zones import Zones
from ledger.book.bulks.bulk import IMPORTED
from ledger.book.columnar.batch import Constant, OrderBatch, OrderColumns
from ledger.book.judging.orders import PLAIN
from ledger.book.judging.results import Outcome
from ledger.book.posting.writer import BookWriter
from ledger.book.reading.account_history import account_effective
from ledger.imports.imports import importing, note_file
from ledger.journal import journal
from ledger.kernel.clock import system_clock
from ledger.kernel.collector import rare_collections
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.ids import BookId, derived_ids
from ledger.kernel.work import Reader, begin, read
from ledger.personal_data.account_search import account_view
from ledger.tenancy.books import book_named, open_book
from ledger.tenancy.calendars import book_calendar
from ledger.tenancy.operating_periods import declare_period, is_declared
from ledger.tenancy.records import Book
from ledger.vault.vault import Vault
from pipelines.imports.adoption import open_quarantine
from pipelines.imports.balances import BalanceCheck
from pipelines.imports.chunks import Chunk, HistoryFile, RejectedRow
from pipelines.imports.enrolment import Enrolled, Enrolment
from pipelines.imports.history import checked_balances, opened_file
from pipelines.imports.mapping import HistoryMapping, load_mapping
from pipelines.imports.occurrences import Occurrences
from pipelines.imports.quarantine import BadRow, FileQuarantine, Origin, Quarantine
from pipelines.imports.rejects import RejectedRows
from pipelines.imports.report import ImportReport, Tally, written_report
from pipelines.imports.rows import HistoryRow, read_rows
from pipelines.imports.rules import rule_code
from pipelines.imports.sources import Fault

_log: Final = logging.getLogger("cofferdam.imports")

Progress = Callable[[int, int], None]
"""Receives the number of imported bytes of the files, and of all."""


def import_files(  # noqa: PLR0913  # five that every import has, two that few change
    engine: sa.Engine,
    mapping: Path,
    files: Sequence[Path],
    *,
    vault: Vault,
    home: Path,
    zones: Zones | None = None,
    progress: Progress | None = None,
    batch: int = 10_000,
) -> ImportReport:
    """Import the files in their order; `mapping` is a TOML file or the name of a shipped mapping.

    Rows that cannot be imported are listed under `<home>/imports`, go to the book's quarantine, and stop nothing. With
    `zones`, rows that an earlier version left in the lake are moved to the quarantine before them. An import that was
    interrupted, or is repeated, ends in the same book: every row has an id derived from its external id. Raises
    `InvalidInput` for a mapping or file that cannot be used, `Unavailable` if the store or a disk fails: accepted rows
    stay, and the same import may be run again.
    """
    declared = load_mapping(mapping)
    opened = [opened_file(file, declared) for file in files]
    checked = [(file, checked_balances(declared, file, batch)) for file in opened]
    tally = Tally()
    with _saying_what_stays(tally), rare_collections():
        book = _book(engine, declared)
        run = open_run(engine, book.book_id, declared, vault=vault, tally=tally)
        quarantine = open_quarantine(engine, vault, book, actor=run.enrolment.actor, zones=zones)
        names = ", ".join(sorted(file.name for file in files))
        with importing(engine, book.book_id, mapping=declared.name, files=names):
            _import_all(_Way(run, vault, home, quarantine), checked, progress=progress, batch=batch)
        with read(engine) as reader:
            position = journal.head(reader.connection, book.book_id).last_seq
    return written_report(tally, run.enrolment, mapping=declared, files=files, position=position)


@dataclass(frozen=True, slots=True)
class Run:
    """The state that all chunks of an import share: one writer, which caches the accounts from chunk to chunk."""

    engine: sa.Engine
    book_id: BookId
    writer: BookWriter
    mapping: HistoryMapping
    enrolment: Enrolment
    tally: Tally


@dataclass(frozen=True, slots=True)
class _Way:
    """A running import with the destinations of its rejected rows."""

    run: Run
    vault: Vault
    home: Path
    quarantine: Quarantine


class Taken(NamedTuple):
    """The result of a chunk: the posted rows with their outcomes, and all rows that were not posted.

    `occurrences` are the numbers of rows with equal ids, by line, if the mapping counts them.
    """

    posted: Sequence[HistoryRow]
    outcomes: Sequence[Outcome]
    rejected: list[RejectedRow]
    occurrences: Mapping[int, str]


def open_run(engine: sa.Engine, book_id: BookId, mapping: HistoryMapping, *, vault: Vault, tally: Tally) -> Run:
    """Begin an import into a book."""
    enrolment = Enrolment(engine, book_id, vault=vault, actor=f"import:{mapping.name}")
    return Run(engine, book_id, BookWriter(engine, book_id), mapping, enrolment, tally)


def import_chunk(run: Run, chunk: Chunk, occurrences: Occurrences) -> Taken:
    """Enrol the chunk's holders, post its rows as one batch, and return rejected rows in the order of lines."""
    rows, rejected, skipped, numbers = read_rows(run.mapping, chunk, occurrences)
    run.tally.skipped += skipped
    run.enrolment.enrol(holder for row in rows for holder in (row.holder, row.counterparty))
    posted: list[HistoryRow] = []
    sides: list[tuple[Enrolled, Enrolled]] = []
    for row in rows:
        between = _sides(row, run.enrolment)
        if isinstance(between, Fault):
            rejected.append(RejectedRow(row.line, row.external_id, between))
        else:
            posted.append(row)
            sides.append(between)
    outcomes = run.writer.post(_orders(run, posted, sides))
    refused = run.tally.settle(posted, outcomes)
    return Taken(posted, outcomes, sorted([*chunk.torn, *rejected, *refused]), numbers)


_Checked = tuple[HistoryFile, BalanceCheck | None]
"""A file, and its declared balances, which agree with its rows."""


def _import_all(way: _Way, files: Sequence[_Checked], *, progress: Progress | None, batch: int) -> None:
    total, before = sum(file.size_bytes for file, _ in files), 0
    for file, balances in files:
        shown = partial(_show, progress, before, total)
        _import_file(way, file, batch, shown)
        if balances is not None:
            _hold_closing(way, balances)
        before += file.size_bytes
    way.run.tally.quarantined, way.run.tally.quarantine = way.quarantine.rows, way.quarantine.told()


def _show(progress: Progress | None, before: int, total: int, done: int) -> None:
    if progress is not None:
        progress(before + done, total)


def _import_file(way: _Way, file: HistoryFile, batch: int, progress: Callable[[int], None]) -> None:
    run, mapping = way.run, way.run.mapping
    listed = RejectedRows(way.home, mapping=mapping.name, file=file.path, at=system_clock())
    origin = Origin(file.path, mapping.name, mapping.declaration)
    kept = FileQuarantine(way.quarantine, origin)
    _note(run, file)
    occurrences = Occurrences()
    run.tally.begin(file.path.name)
    for chunk in file.chunks(batch):
        taken = import_chunk(run, chunk, occurrences)
        run.tally.reject(taken.rejected)
        listed.add(taken.rejected)
        if taken.rejected:
            kept.add(_bad_rows(chunk, taken, mapping.counted_by))
        progress(chunk.bytes_done)
    if listed.path is not None:
        run.tally.rejected_files.append(listed.path)
    kept.end()


def _note(run: Run, file: HistoryFile) -> None:
    """Record the file's content, and warn if another mapping imported it before: its ids may differ."""
    mapping = run.mapping
    with file.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").digest()
    for before in note_file(run.engine, run.book_id, digest, mapping=mapping.name, declaration=mapping.declaration):
        other = f"another text of {mapping.name!r}" if before.mapping == mapping.name else f"{before.mapping!r}"
        run.tally.warnings.append(
            f"{file.path.name} was imported into {mapping.book_name!r} by {other} on {before.began_at:%Y-%m-%d}; "
            "rows whose id differs are posted a second time"
        )
        _log.warning("%s", run.tally.warnings[-1])


def _hold_closing(way: _Way, balances: BalanceCheck) -> None:
    """Compare a declared closing balance with the book, if no other balance in the file confirms it."""
    run = way.run
    run.tally.balances_held += balances.held
    if not balances.is_open or balances.last is None:
        return
    wanted = balances.closing_minor()
    with read(run.engine) as reader:
        last_on = balances.last_on(book_calendar(reader.connection, run.book_id))
        view = account_view(reader, way.vault, run.book_id, balances.last.account)
        known = None if view is None else account_effective(reader, view, last_on)
    stands = 0 if known is None else known.sums.credits - known.sums.debits
    if stands == wanted:
        run.tally.balances_held += 1
    else:
        run.tally.balances_parted.append(balances.parting(wanted, stands))


def _bad_rows(chunk: Chunk, taken: Taken, counted_by: str) -> list[BadRow]:
    wholes = chunk.whole([row.line for row in taken.rejected])
    bad = []
    for row, whole in zip(taken.rejected, wholes, strict=True):
        number = taken.occurrences.get(row.line)
        kept = whole if number is None else replace(whole, occurrence=int(number), counted_by=counted_by)
        bad.append(BadRow(row.line, rule_code(row.fault.rule), row.fault.says, kept.as_text()))
    return bad


def _sides(row: HistoryRow, enrolment: Enrolment) -> tuple[Enrolled, Enrolled] | Fault:
    """Return the enrolled holder and counterparty of a row, or the fault."""
    holder, counterparty = enrolment.enrolled(row.holder), enrolment.enrolled(row.counterparty)
    if isinstance(holder, Fault):
        return holder
    return counterparty if isinstance(counterparty, Fault) else (holder, counterparty)


def _orders(run: Run, rows: Sequence[HistoryRow], sides: Sequence[tuple[Enrolled, Enrolled]]) -> OrderBatch:
    """Return the orders of rows, column by column; a row's id is derived from its partner and external id."""
    accounts = [(holder.account_id, other.account_id) for holder, other in sides]
    columns = OrderColumns(
        transfer_ids=derived_ids(
            (), [f"{holder.transfers}\x1f{row.external_id}" for row, (holder, _) in zip(rows, sides, strict=True)]
        ),
        partner_ids=[holder.partner_id for holder, _ in sides],
        debit_account_ids=[pair[row.credited] for row, pair in zip(rows, accounts, strict=True)],
        credit_account_ids=[pair[not row.credited] for row, pair in zip(rows, accounts, strict=True)],
        amounts_minor=[row.amount_minor for row in rows],
        currencies=[row.holder.currency for row in rows],
        codes=[row.code for row in rows],
        effective_at=[row.effective_at if isinstance(row.effective_at, datetime) else None for row in rows],
        effective_on=[None if isinstance(row.effective_at, datetime) else row.effective_at for row in rows],
        external_refs=[row.external_id for row in rows],
        across_partners=Constant(True),
        actors=Constant(run.enrolment.actor),
        terms=Constant(IMPORTED if run.mapping.transfer.rising else PLAIN),
    )
    return OrderBatch(columns)


def _book(engine: sa.Engine, mapping: HistoryMapping) -> Book:
    with begin(engine, actor=f"import:{mapping.name}") as work:
        jurisdiction, currency = mapping.jurisdiction, mapping.currency
        book_id = open_book(
            work, name=mapping.book_name, jurisdiction=jurisdiction, currency=currency, days=mapping.days
        )
        if mapping.period is not None and not is_declared(Reader(work.connection), book_id):
            declare_period(work, book_id, mapping.period, reason=f"the mapping {mapping.name} declares it")
        return book_named(work.connection, mapping.book_name)


@contextmanager
def _saying_what_stays(tally: Tally) -> Iterator[None]:
    """Turn any error that ends the import early into one refusal, which also says what was accepted."""
    try:
        yield
    except InvalidInput as fault:
        raise InvalidInput(f"{fault}{_what_stays(tally)}") from fault
    except Unavailable as fault:
        raise Unavailable(f"{fault}{_what_stays(tally)}") from fault
    except (psycopg.OperationalError, sa.exc.OperationalError) as fault:
        raise Unavailable(f"the ledger's store failed: {str(fault).splitlines()[0]}{_what_stays(tally)}") from fault
    except OSError as fault:
        text = f"{fault.filename or 'the disk'}: {fault.strerror or fault}"
        raise Unavailable(f"{text}{_what_stays(tally)}") from fault


def _what_stays(tally: Tally) -> str:
    stays = tally.accepted + tally.already_there
    return f"; the {stays} rows accepted so far stay, run the same import again for the rest"
