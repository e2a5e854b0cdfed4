"""`cofferdam consumers`: how far each consumer of the journal came in each book; reset to do it again."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Final

import typer

from cofferdam.actor import operator
from cofferdam.directory import directory
from ledger.flows.registry import CONSUMERS, consumer_named
from ledger.journal.consumers import Projection, Standing, reset, standings
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin, read
from ledger.tenancy.directory import Directory


def command(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")] = False,
) -> None:
    """Print how far each consumer came in each book of the default server, and how far the journal goes."""
    if context.invoked_subcommand is not None:
        return
    with directory(Settings.from_process()) as found:
        lines = [_shown(name, each) for name, each in books_and_standings(found)]
    typer.echo(json.dumps(lines, indent=2) if as_json else "\n".join(map(_as_line, lines)))


def reset_consumer(
    name: Annotated[str, typer.Argument(help="The consumer, as `cofferdam consumers` names it.")],
    *,
    book: Annotated[str, typer.Option(help="The book, by its name.")],
    to: Annotated[int, typer.Option(help="Do the journal again from behind this position.")] = 0,
) -> None:
    """Let a consumer do the journal of a book again, which the API's process begins at once.

    The rows of a projection are made anew from position 0. A reaction records no fact that it recorded before.
    """
    consumer = consumer_named(name)
    with directory(Settings.from_process()) as found:
        place = found.place_of(book)
        with begin(place.engine, actor=operator()) as work:
            reset(work, consumer, place.book_id, to=to)
    typer.echo(f"{name} does the journal of {book} again from behind position {to}")


def books_and_standings(found: Directory) -> Iterator[tuple[str, Standing]]:
    """Give how each consumer stands in each book of the default server, with the book's name."""
    (server, *_) = found.servers()
    with read(server.engine) as reader:
        names = {book.book_id: book.name for book in server.books(reader.connection)}
        yield from (
            (names[each.book_id], each) for each in standings(reader.connection, CONSUMERS) if each.book_id in names
        )


VERBS: Final[Mapping[str, Callable[..., None]]] = {"reset": reset_consumer}
"""What it does beside listing."""


def _shown(book: str, standing: Standing) -> dict[str, object]:
    kind = "projection" if isinstance(standing.consumer, Projection) else "reaction"
    said = {"book": book, "consumer": standing.consumer.name, "kind": kind, "position": standing.seq}
    moved_at = standing.moved_at.isoformat() if standing.moved_at else None
    return said | {"journal": standing.last_seq, "lag": standing.lag, "moved_at": moved_at}


def _as_line(said: dict[str, object]) -> str:
    return f"{said['book']}: {said['consumer']} ({said['kind']}) at {said['position']} of {said['journal']}"
