"""Post transfers from Parquet or Arrow files."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.graphql.results import SAYS
from cofferdam.output import AsJson, answer
from cofferdam.session import session
from lake.columns.arrow_columns import ColumnSource, open_columns, written_columns
from lake.residency.zones import Zones
from ledger.book.bulks.bulk import Sender
from ledger.book.bulks.columns import COLUMNS
from ledger.book.judging.results import Result
from ledger.book.posting.writer import BookWriter
from ledger.flows.bulk import ACCEPTED, OUTCOMES, BulkPosting
from ledger.imports.imports import importing
from ledger.journal import journal
from ledger.kernel.collector import rare_collections
from ledger.kernel.errors import InvalidInput
from ledger.kernel.work import read
from ledger.tenancy.directory import BookLocation
from ledger.tenancy.partners import partner_named
from ledger.vault.vault import Vault
from pipelines.imports.adoption import open_quarantine
from pipelines.imports.bulks import POST, bad_rows
from pipelines.imports.quarantine import FileQuarantine, Origin

_ROWS: Final = 10_000
"""The number of rows of a batch, which are committed together."""

_SHOWN: Final = 10


@dataclass(slots=True)
class PostReport:
    """The result of a bulk; `refused` counts rows by code, `first_refused` describes the first of them.

    `quarantined` of the refused rows could not become orders; they are in the book's quarantine, described by
    `quarantine`.
    """

    book: str
    partner: str
    files: list[str]
    rows: int = 0
    accepted: int = 0
    already_there: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    quarantined: int = 0
    quarantine: str = ""
    first_refused: list[str] = field(default_factory=list)
    position: int = 0
    seconds: float = 0
    rows_per_s: int = 0

    def count(self, outcomes: Mapping[str, Sequence[Any]]) -> None:
        """Count the outcomes of a batch."""
        counted = Counter(outcomes["result"])
        self.rows += len(outcomes["result"])
        self.accepted += counted.pop(Result.CREATED, 0)
        self.already_there += counted.pop(Result.EXISTS, 0)
        self.refused += counted
        if counted and len(self.first_refused) < _SHOWN:
            rows = zip(outcomes["row"], outcomes["key"], outcomes["result"], outcomes["message"], strict=True)
            told = (f"row {row} ({key}): {code}: {says}" for row, key, code, says in rows if code not in ACCEPTED)
            self.first_refused = [*self.first_refused, *told][:_SHOWN]


def command(  # noqa: PLR0913  # the options of every bulk, and rare ones
    files: Annotated[
        list[Path], typer.Argument(help="Parquet or Arrow IPC files of transfers; rows are numbered across all files.")
    ],
    *,
    book: Annotated[str, typer.Option(help="The book, by its name.")],
    partner: Annotated[str, typer.Option(help="The reference of the partner that orders the transfers.")],
    imported: Annotated[
        bool, typer.Option("--imported", help="Strict history: rising times in the past, across partners.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write each row's outcome: .arrow, or else Parquet.")] = None,
    as_json: AsJson = False,
) -> None:
    """Post the rows in their order; exits with 1 if one was refused. A second run changes nothing."""
    sources = [_opened(file) for file in files]
    report = PostReport(book, partner, [file.name for file in files])
    with session() as home, _outcomes(out) as write, rare_collections():
        place = home.book(book)
        vault, zones = home.vault(place), Zones.of(home.settings)
        quarantine = open_quarantine(place.engine, vault, place.book, actor=home.actor, zones=zones)
        kept = [FileQuarantine(quarantine, Origin(file, POST, None, partner, imported)) for file in files]
        _post(_Target(place, vault, kept, home.actor), sources, report, imported=imported, write=write)
        report.quarantined, report.quarantine = quarantine.rows, quarantine.told()
    shown = {**asdict(report), "refused": dict(report.refused)}
    answer(shown, _as_text(shown), as_json=as_json)
    if report.refused:
        raise typer.Exit(1)


_Write = Callable[[Mapping[str, Sequence[object]]], None]


class _Target(NamedTuple):
    """The target of a bulk: the book, its vault, a quarantine for each file, and the actor."""

    place: BookLocation
    vault: Vault
    kept: Sequence[FileQuarantine]
    actor: str


def _post(
    target: _Target, sources: Sequence[ColumnSource], report: PostReport, *, imported: bool, write: _Write
) -> None:
    begun, place = time.perf_counter(), target.place
    with ExitStack() as stack:
        if imported:
            names = ", ".join(sorted(report.files))
            stack.enter_context(importing(place.engine, place.book_id, mapping="post", files=names))
        posting = BulkPosting(
            place.engine,
            BookWriter(place.engine, place.book_id).post,
            _sender(target, report.partner, imported=imported),
            vault=target.vault,
            says=SAYS,
        )
        with _progress(sources) as advance:
            for source, kept in zip(sources, target.kept, strict=True):
                before = 0
                for columns in source.batches(_ROWS, whole="group"):
                    outcomes = posting.post(columns)
                    write(outcomes)
                    report.count(outcomes)
                    kept.refuse(before + at for at, code in enumerate(outcomes["result"], 1) if code not in ACCEPTED)
                    if posting.left_out:
                        kept.add(bad_rows(columns, posting.left_out, before=before))
                    before += len(outcomes["row"])
                    advance(len(outcomes["row"]))
                kept.end()
    with read(place.engine) as reader:
        report.position = journal.head(reader.connection, place.book_id).last_seq
    report.seconds = round(time.perf_counter() - begun, 3)
    report.rows_per_s = int(report.rows / max(report.seconds, 0.001))


def _sender(target: _Target, partner: str, *, imported: bool) -> Sender:
    place = target.place
    with place.engine.connect() as connection:
        partner_id = partner_named(connection, place.book_id, partner).partner_id
    return Sender(place.book_id, partner_id, target.actor, across_partners=imported, is_imported=imported)


def _opened(path: Path) -> ColumnSource:
    try:
        with path.open("rb"):
            return open_columns(path, COLUMNS)
    except OSError as fault:
        raise InvalidInput(f"{path} cannot be read: {fault.strerror or fault}") from fault


@contextmanager
def _outcomes(out: Path | None) -> Iterator[_Write]:
    if out is None:
        yield lambda _columns: None
    else:
        with written_columns(out, OUTCOMES) as write:
            yield write


@contextmanager
def _progress(sources: Sequence[ColumnSource]) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on standard error, without a total if a file does not state its number of rows."""
    counts = [source.rows for source in sources]
    total = None if None in counts else sum(count or 0 for count in counts)
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*bar, console=Console(stderr=True)) as bars:
        task = bars.add_task("posting", total=total)
        yield lambda rows: bars.update(task, advance=rows)


def _as_text(report: Mapping[str, Any]) -> str:
    refused = ", ".join(f"{code} {count:,}" for code, count in report["refused"].items()) or "none"
    shown = {**report, "files": ", ".join(report["files"]), "refused": refused}
    lines = [f"{name.replace('_', ' '):<16} {shown[name]}" for name in shown if name != "first_refused"]
    return "\n".join([*lines, *report["first_refused"]])
