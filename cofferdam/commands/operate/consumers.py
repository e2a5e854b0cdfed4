"""Show the positions of journal consumers, or reset one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Final

import typer

from cofferdam.output import AsJson, answer
from cofferdam.session import session
from ledger.flows.registry import CONSUMERS, consumer_named
from ledger.journal.consumers import Projection, Standing, reset, standings
from ledger.kernel.work import read
from ledger.tenancy.directory import Directory


def command(
    context: typer.Context,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the position of each consumer in each book of the default server, beside the end of the journal."""
    if context.invoked_subcommand is not None:
        return
    with session() as home:
        shown = [_shown(name, each) for name, each in _books_and_standings(home.directory)]
    answer(shown, "\n".join(map(_as_line, shown)), as_json=as_json)


def reset_consumer(
    name: Annotated[str, typer.Argument(help="The consumer, as `cofferdam consumers` names it.")],
    *,
    book: Annotated[str, typer.Option(help="The book, by its name.")],
    to: Annotated[int, typer.Option(help="Start again after this position.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Let a consumer read the journal of a book again, which the API's process starts at once.

    A projection rebuilds its rows from position 0. A reaction does not record facts that it recorded before.
    """
    consumer = consumer_named(name)
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            reset(work, consumer, place.book_id, to=to)
    shown = {"consumer": name, "book": book, "position": to}
    answer(shown, f"{name} reads the journal of {book} again after position {to}", as_json=as_json)


VERBS: Final[Mapping[str, Callable[..., None]]] = {"reset": reset_consumer}


def _books_and_standings(found: Directory) -> Iterator[tuple[str, Standing]]:
    """Yield each consumer's position in each book of the default server, with the book's name."""
    (server, *_) = found.servers()
    with read(server.engine) as reader:
        names = {book.book_id: book.name for book in server.books(reader.connection)}
        yield from (
            (names[each.book_id], each) for each in standings(reader.connection, CONSUMERS) if each.book_id in names
        )


def _shown(book: str, standing: Standing) -> dict[str, object]:
    kind = "projection" if isinstance(standing.consumer, Projection) else "reaction"
    said = {"book": book, "consumer": standing.consumer.name, "kind": kind, "position": standing.seq}
    moved_at = standing.moved_at.isoformat() if standing.moved_at else None
    return said | {"journal": standing.last_seq, "lag": standing.lag, "moved_at": moved_at}


def _as_line(said: dict[str, object]) -> str:
    return f"{said['book']}: {said['consumer']} ({said['kind']}) at {said['position']} of {said['journal']}"
