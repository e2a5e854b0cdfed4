"""`cofferdam import`: loads history from files by a declared mapping, and reports what was rejected."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cofferdam.actor import operator
from cofferdam.runtime.embedded import database
from cofferdam.vault import vault
from lake.residency.zones import Zones
from ledger.imports.imports import abandon_imports
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine
from ledger.tenancy.books import all_books
from pipelines.imports.drafts import draft_mapping
from pipelines.imports.load import import_files
from pipelines.imports.previews import Shown, first_rows
from pipelines.imports.report import ImportReport


def command(  # noqa: PLR0913  # what every import says, and three other things to ask of a file
    mapping: Annotated[
        Path | None, typer.Argument(help="A mapping file, or the name of a shipped one, such as pkdd99.")
    ] = None,
    files: Annotated[list[Path] | None, typer.Argument(help="CSV or Parquet files of that mapping.")] = None,
    *,
    abandon: Annotated[
        bool, typer.Option("--abandon", help="Give up an import that broke off: what it brought stays, no more comes.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why it is given up; the journal keeps it.")] = "no more of it will come",
    show: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Print so many first rows as they are read, and write nothing.")
    ] = None,
    draft: Annotated[
        Path | None, typer.Option(help="Print a mapping to start from for this file, each guess marked.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")] = False,
) -> None:
    """Load history through the same judge as live traffic; a second run changes nothing.

    Exits with 1 where a row was rejected, repeats the id of another, or a declared balance is not that of the book.
    """
    if draft is not None:
        typer.echo(draft_mapping(draft), nl=False)
        return
    if mapping is None:
        raise InvalidInput("name a mapping: a TOML file or a shipped one; --draft FILE prints one to start from")
    settings = Settings.from_process()
    if abandon:
        _abandon(settings, mapping, reason)
        return
    if not files:
        raise InvalidInput("name at least one file to import")
    if show is not None:
        _show([row for file in files for row in first_rows(mapping, file, show)], as_json=as_json)
        return
    report = _import(settings, mapping, files)
    shown = report.as_json()
    typer.echo(json.dumps(shown, indent=2) if as_json else _as_text(shown))
    if not report.is_whole:
        raise typer.Exit(1)


def _import(settings: Settings, mapping: Path, files: Sequence[Path]) -> ImportReport:
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        database(settings) as url,
        vault(settings, url) as found,
        Progress(*bar, console=Console(stderr=True)) as bars,
    ):
        task = bars.add_task(f"importing {mapping.stem}", total=None)

        def show(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total or None)

        engine, zones = create_engine(url), Zones.of(settings)
        try:
            return import_files(engine, mapping, files, vault=found, home=settings.home, zones=zones, progress=show)
        finally:
            engine.dispose()


def _show(rows: Sequence[Shown], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        typer.echo("  ".join(f"{name}={value}" for name, value in row.items()))
    typer.echo(f"{len(rows)} rows as they are read; nothing was written")


def _abandon(settings: Settings, mapping: Path, reason: str) -> None:
    with database(settings) as url:
        engine = create_engine(url)
        try:
            with engine.connect() as connection:
                books = all_books(connection)
            given_up = [
                half
                for book in books
                for half in abandon_imports(engine, book, mapping.stem, actor=operator(), reason=reason)
            ]
        finally:
            engine.dispose()
    for half in given_up:
        typer.echo(f"the import of {half.files} by {half.mapping!r} is given up; what it brought stays")
    if not given_up:
        raise NotFound(f"no import by {mapping.stem!r} is unfinished: there is nothing to give up")


def _as_text(report: dict[str, object]) -> str:
    return "\n".join(f"{name.replace('_', ' '):<16} {_inline(value)}" for name, value in report.items())


def _inline(value: object) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_inline(part)}" for name, part in value.items()) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)
