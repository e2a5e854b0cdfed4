"""The directory: on which PostgreSQL server each book lives, by the book's name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

import psycopg
import sqlalchemy as sa

from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.ids import BookId
from ledger.kernel.sql import create_engine
from ledger.tenancy.books import all_books, book_named
from ledger.tenancy.records import Book

_CONNECT_SECONDS: Final = "10"


@dataclass(frozen=True, slots=True)
class BookLocation:
    """A book, and the engine of the server that it lives on."""

    engine: sa.Engine
    book: Book

    @property
    def book_id(self) -> BookId:
        """Its number, which is of its server only: another server has another book of that number."""
        return self.book.book_id


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server of an installation, and which of its books are followed there.

    Servers count from 1, the default one, in the order of the directory. `placed` are the books that the directory puts
    on a server; the default one has every book that it does not put elsewhere.
    """

    number: int
    engine: sa.Engine
    url: str = field(repr=False)
    placed: frozenset[str]
    elsewhere: frozenset[str]

    @property
    def is_default(self) -> bool:
        """It is the one of `COFFERDAM_DATABASE_URL`, or the embedded one."""
        return self.number == 1

    @property
    def name(self) -> str:
        """What it is called to a person, who never sees its address."""
        return "the default server" if self.is_default else f"server {self.number} ({', '.join(sorted(self.placed))})"

    def books(self, connection: sa.Connection) -> list[Book]:
        """The books that are followed on it, in the order of their numbers."""
        return [book for book in all_books(connection) if self._has(book.name)]

    def places(self) -> Sequence[BookLocation]:
        """The same, each with its engine. Raises `Unavailable` when the server does not answer."""
        with reaching(self.name), self.engine.connect() as connection:
            return [BookLocation(self.engine, book) for book in self.books(connection)]

    def _has(self, name: str) -> bool:
        return name not in self.elsewhere if self.is_default else name in self.placed


Away = Callable[[Server, Unavailable], object]
"""Told of a server that does not answer, and why."""


class Directory:
    """Finds the server of a book: the one that the file of the directory names, or else the default one.

    A book is named by its name over all servers, and lives on one of them. The addresses stay here: they may hold
    passwords, so no text of ours shows one.
    """

    def __init__(self, default_url: str, book_urls: Mapping[str, str] | None = None) -> None:
        self._default_url = _patient(default_url)
        self._book_urls = {name: _patient(url) for name, url in (book_urls or {}).items()}
        self._engines = {url: create_engine(url) for url in self.urls()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        for engine in self._engines.values():
            engine.dispose()

    def urls(self) -> list[str]:
        """Each server's address, the default one first."""
        return list(dict.fromkeys((self._default_url, *self._book_urls.values())))

    @property
    def default_engine(self) -> sa.Engine:
        """The engine of the default server."""
        return self._engines[self._default_url]

    def servers(self) -> list[Server]:
        """Each server, the default one first."""
        placed = {url: {name for name, at in self._book_urls.items() if at == url} for url in self.urls()}
        elsewhere = frozenset(self._book_urls) - placed[self._default_url]
        return [
            Server(number, self._engines[url], url, frozenset(names), elsewhere if number == 1 else frozenset())
            for number, (url, names) in enumerate(placed.items(), start=1)
        ]

    def places(self, away: Away) -> Iterator[BookLocation]:
        """Every book of every server that answers; one that does not is told to `away`, and passed over."""
        for server in self.servers():
            try:
                found = server.places()
            except Unavailable as reason:
                away(server, reason)
            else:
                yield from found

    def is_on_default(self, name: str) -> bool:
        """A book of this name lives on the default server."""
        return self._book_urls.get(name, self._default_url) == self._default_url

    def engine_of(self, name: str) -> sa.Engine:
        """The engine of the server that a book of this name lives on, or would live on."""
        return self._engines[self._book_urls.get(name, self._default_url)]

    def place_of(self, name: str) -> BookLocation:
        """Where the book of that name lives. Raises `NotFound`, and `Unavailable` where its server does not answer."""
        engine = self.engine_of(name)
        with reaching(name), engine.connect() as connection:
            return BookLocation(engine, book_named(connection, name))

    def names(self) -> list[str]:
        """The name of every book: those of the file, and those on the default server.

        Raises `InvalidInput` where the default server has a book that the file puts elsewhere: it would be two books.
        """
        with reaching("the default server"), self.default_engine.connect() as connection:
            here = {book.name for book in all_books(connection)}
        elsewhere = {name for name, url in self._book_urls.items() if url != self._default_url}
        if twice := sorted(here & elsewhere):
            raise InvalidInput(
                f"{', '.join(twice)}: the default server has this book, and the directory puts it on another one; "
                "a name is of one book: take the line out of the directory, or rename one of the books"
            )
        return sorted(here | elsewhere)


@contextmanager
def reaching(name: str) -> Iterator[None]:
    """Tell a store that fails while the block runs as `Unavailable`, by the name of what was to be reached."""
    try:
        yield
    except (psycopg.OperationalError, sa.exc.OperationalError) as fault:
        # The driver's own words name the host, never a password.
        reason = str(fault.__cause__ or fault).strip().split("\n", 1)[0]
        raise Unavailable(f"the store of {name} does not answer, try again: {reason}") from fault


def _patient(url: str) -> str:
    """The address with an end to the patience, where it says none: a server that does not answer is given up."""
    asked = sa.make_url(url)
    timeout = {"connect_timeout": asked.query.get("connect_timeout", _CONNECT_SECONDS)}
    return asked.update_query_dict(timeout).render_as_string(hide_password=False)
