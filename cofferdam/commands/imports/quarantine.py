"""List, show, replay or give up rejected rows."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import sqlalchemy as sa
import typer

from cofferdam.output import AsJson, answer, lines
from cofferdam.session import Session, session
from lake.residency.zones import Zones
from ledger.imports.quarantined_rows import PLAIN, listed_rows
from ledger.imports.records import RowState
from ledger.kernel.errors import NotFound
from ledger.kernel.work import begin, read
from ledger.public_ids import parse_public, public
from ledger.vault.records import SubjectId
from pipelines.imports.adoption import adopt_rows
from pipelines.imports.quarantine import Quarantine
from pipelines.imports.quarantined_rows import give_up, read_row
from pipelines.imports.replay import replay

_Book = Annotated[str, typer.Argument(help="The book, by its name.")]
_SHOWN: Final = 50


def list_rows(
    book: _Book,
    *,
    state: Annotated[RowState | None, typer.Option(help="Only rows in this state.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the rows with their file, line, rule and reason; their values stay sealed."""
    with session() as home:
        rows = [_plain(row) for row in _listed(_quarantine(home, book), state=state)]
    answer(rows, _as_lines(rows), as_json=as_json)


def show(
    row: Annotated[str, typer.Argument(help="The row's id, qua_018f…")],
    *,
    reason: Annotated[str, typer.Option(help="Why you read it; recorded permanently, so name no person.")],
    as_json: AsJson = False,
) -> None:
    """Show one row as it was in its file; the access and its reason become a fact of the journal."""
    with session() as home:
        ((quarantine, (row_id,)),) = _of_books(home, [row])
        with begin(quarantine.engine, actor=quarantine.actor) as work:
            reading = read_row(work, quarantine, row_id, reason=reason)
    said = None if reading.text is None else json.loads(reading.text)
    shown = {**_plain(reading.row), "row": said, "read_at": reading.seq}
    answer(shown, lines(shown), as_json=as_json)


def replay_rows(
    book: _Book,
    *,
    mapping: Annotated[
        Path | None, typer.Option(help="A corrected mapping with the same name as the first one.")
    ] = None,
    row_id: Annotated[list[str] | None, typer.Option("--id", help="Only this row; can be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import the waiting rows again, each at most once; exits with 1 if one of them has to wait on."""
    ids = [_parsed(text) for text in row_id or ()]
    with session() as home:
        report = replay(_quarantine(home, book), mended=mapping, row_ids=ids)
    answer(report.as_json(), lines(report.as_json()), as_json=as_json)
    if not report.is_whole:
        raise typer.Exit(1)


def give_up_rows(
    rows: Annotated[list[str], typer.Argument(help="Ids of rows, qua_018f…")],
    *,
    reason: Annotated[str, typer.Option(help="Why; kept with the row, so name no person.")],
    as_json: AsJson = False,
) -> None:
    """Give rows up: they are never posted, and their values can never be read again."""
    with session() as home:
        given_up = sum(give_up(quarantine, ids, reason=reason) for quarantine, ids in _of_books(home, rows))
    said = f"{given_up} rows are given up; their values cannot be read any more"
    answer({"given_up": given_up}, said, as_json=as_json)


VERBS: Final[Mapping[str, Callable[..., None]]] = {
    "list": list_rows,
    "show": show,
    "replay": replay_rows,
    "give-up": give_up_rows,
}


def _quarantine(home: Session, book: str) -> Quarantine:
    """Return the complete quarantine of a book. Raises `Unavailable` if older rows cannot be copied from the lake."""
    place = home.book(book)
    adopt_rows(place.engine, Zones.of(home.settings), place.book)
    return Quarantine(place.engine, home.vault(place), place.book, actor=home.actor)


def _listed(
    quarantine: Quarantine, *, state: RowState | None = None, row_ids: Collection[SubjectId] | None = None
) -> Sequence[sa.Row[Any]]:
    with read(quarantine.engine) as reader:
        return listed_rows(reader.connection, quarantine.book.book_id, state, row_ids=row_ids)


def _of_books(home: Session, rows: Sequence[str]) -> list[tuple[Quarantine, list[SubjectId]]]:
    """Group the rows by their book's quarantine. Raises `NotFound` if a row is in none."""
    left = {_parsed(text) for text in rows}
    parted = []
    for name in home.directory.names():
        quarantine = _quarantine(home, name)
        if here := [row.row_id for row in _listed(quarantine, row_ids=left)]:
            parted.append((quarantine, here))
            left -= set(here)
    if left:
        raise NotFound(f"no row {public('quarantined_row', min(left))} is in the quarantine of any book")
    return parted


def _parsed(text: str) -> SubjectId:
    return SubjectId(parse_public("quarantined_row", text))


def _plain(row: sa.Row[Any]) -> dict[str, object]:
    """Describe a row in JSON's types, beginning with its public id."""
    shown = {name: _text(getattr(row, name)) for name in PLAIN if name not in ("row_id", "book_id")}
    return {"id": public("quarantined_row", row.row_id), **shown}


def _text(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, datetime) else value


def _as_lines(rows: Sequence[Mapping[str, object]]) -> str:
    if not rows:
        return "the quarantine has no such rows"
    lines = [
        f"{row['id']}  {row['state']:<8}  {row['file']}:{row['line']}  {row['rule']}  {row['reason']}" for row in rows
    ]
    more = [f"and {len(rows) - _SHOWN} more; --json prints all"] if len(rows) > _SHOWN else []
    return "\n".join([*lines[:_SHOWN], *more])
