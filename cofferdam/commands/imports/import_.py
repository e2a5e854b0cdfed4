"""Load history from CSV or Parquet files by a declared mapping."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cofferdam.output import AsJson, answer, lines
from cofferdam.search import in_every_book
from cofferdam.session import session
from lake.residency.zones import Zones
from ledger.imports.imports import HalfImport, abandon_imports, unfinished_imports
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.work import Reader
from ledger.tenancy.directory import BookLocation
from pipelines.imports.drafts import draft_mapping
from pipelines.imports.load import import_files
from pipelines.imports.mapping import load_mapping
from pipelines.imports.previews import Shown, first_rows
from pipelines.imports.report import ImportReport


def command(  # noqa: PLR0913  # an import, a preview, a draft of a mapping, and giving an import up
    mapping: Annotated[
        Path | None, typer.Argument(help="A mapping file, or the name of a shipped one, such as pkdd99.")
    ] = None,
    files: Annotated[list[Path] | None, typer.Argument(help="CSV or Parquet files of that mapping.")] = None,
    *,
    abandon: Annotated[
        bool, typer.Option("--abandon", help="Give up an interrupted import; its imported rows stay.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Reason to give it up, kept in the journal.")] = "no more rows will come",
    show: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Print the first rows as they are read, and import nothing.")
    ] = None,
    draft: Annotated[
        Path | None, typer.Option(help="Print a draft of a mapping for this file, with each guess marked.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Load history through the same judge as live traffic; a second run changes nothing.

    The rows go into the book of the mapping, on that book's server. Exits with 1 if a row was rejected or repeats the
    id of another, or if a declared balance differs from the book's.
    """
    if draft is not None:
        typer.echo(draft_mapping(draft), nl=False)
        return
    if mapping is None:
        raise InvalidInput("name a mapping: a TOML file or a shipped one; --draft FILE prints one to start from")
    if abandon:
        given_up = _abandoned(mapping.stem, reason)
        answer([half._asdict() for half in given_up], "\n".join(map(_given_up, given_up)), as_json=as_json)
        return
    if not files:
        raise InvalidInput("name at least one file to import")
    if show is not None:
        rows = [row for file in files for row in first_rows(mapping, file, show)]
        answer(rows, "\n".join(_first_lines(rows)), as_json=as_json)
        return
    report = _imported(mapping, files)
    answer(report.as_json(), lines(report.as_json()), as_json=as_json)
    if not report.is_whole:
        raise typer.Exit(1)


def _imported(mapping: Path, files: Sequence[Path]) -> ImportReport:
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    book = load_mapping(mapping).book_name
    with session() as home, Progress(*bar, console=Console(stderr=True)) as bars:
        task = bars.add_task(f"importing {mapping.stem}", total=None)
        return import_files(
            home.directory.engine_of(book),
            mapping,
            files,
            vault=home.directory.vault_for(book),
            home=home.settings.home,
            zones=Zones.of(home.settings),
            progress=lambda done, total: bars.update(task, completed=done, total=total or None),
        )


def _first_lines(rows: Sequence[Shown]) -> list[str]:
    read = ["  ".join(f"{name}={value}" for name, value in row.items()) for row in rows]
    return [*read, f"{len(rows)} rows as they are read; nothing was written"]


def _abandoned(mapping: str, reason: str) -> list[HalfImport]:
    """Give up the unfinished imports of a mapping in every book. Raises `NotFound`."""

    def unfinished(reader: Reader, place: BookLocation) -> list[HalfImport]:
        return [half for half in unfinished_imports(reader.connection, place.book_id) if half.mapping == mapping]

    with session() as home:
        places = {place.book.name: place for place, _ in in_every_book(home, unfinished)}
        given_up = [
            half
            for place in places.values()
            for half in abandon_imports(place.engine, place.book, mapping, actor=home.actor, reason=reason)
        ]
    if not given_up:
        raise NotFound(f"no import by {mapping!r} is unfinished: there is nothing to give up")
    return given_up


def _given_up(half: HalfImport) -> str:
    return f"the import of {half.files} by {half.mapping!r} is given up; its imported rows stay"
