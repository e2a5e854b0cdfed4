"""The directory: maps each book's name to its PostgreSQL server."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

import psycopg
import sqlalchemy as sa

from ledger.kernel.engines import create_engine
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.ids import BookId
from ledger.tenancy.books import all_books, book_named
from ledger.tenancy.records import Book

_CONNECT_SECONDS: Final = "10"


@dataclass(frozen=True, slots=True)
class BookLocation:
    """A book, and the engine of its server."""

    engine: sa.Engine
    book: Book

    @property
    def book_id(self) -> BookId:
        """The book's number, which is unique only on its server."""
        return self.book.book_id


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server of an installation, and the rule for which of its books are used there.

    Servers are numbered from 1, the default one, in the order of the directory. `placed` are the books that the
    directory assigns to a server; the default one has every book that is not assigned elsewhere.
    """

    number: int
    engine: sa.Engine
    url: str = field(repr=False)
    placed: frozenset[str]
    elsewhere: frozenset[str]

    @property
    def is_default(self) -> bool:
        """True for the server of `COFFERDAM_DATABASE_URL`, or the embedded one."""
        return self.number == 1

    @property
    def name(self) -> str:
        """The server's name in messages, which never show its address."""
        return "the default server" if self.is_default else f"server {self.number} ({', '.join(sorted(self.placed))})"

    def books(self, connection: sa.Connection) -> list[Book]:
        """Return the live books that are used on this server, by number.

        A sandbox stays in its database: no lake, mart or insight has test money.
        """
        return [book for book in all_books(connection) if book.live_partner_id is None and self._has(book.name)]

    def places(self) -> Sequence[BookLocation]:
        """Return the live books of this server with its engine. Raises `Unavailable` if the server does not answer."""
        with reaching(self.name), self.engine.connect() as connection:
            return [BookLocation(self.engine, book) for book in self.books(connection)]

    def _has(self, name: str) -> bool:
        return name not in self.elsewhere if self.is_default else name in self.placed


Away = Callable[[Server, Unavailable], object]
"""Called with a server that does not answer, and the reason."""


class Directory:
    """Finds the server of a book: the one that the directory file names, or else the default one.

    A book's name is unique over all servers, and it is on one of them. Addresses stay in here: they may hold passwords,
    so no message shows one.
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
        """Return each server's address, the default one first."""
        return list(dict.fromkeys((self._default_url, *self._book_urls.values())))

    @property
    def default_engine(self) -> sa.Engine:
        """The engine of the default server."""
        return self._engines[self._default_url]

    def servers(self) -> list[Server]:
        """Return each server, the default one first."""
        placed = {url: {name for name, at in self._book_urls.items() if at == url} for url in self.urls()}
        elsewhere = frozenset(self._book_urls) - placed[self._default_url]
        return [
            Server(number, self._engines[url], url, frozenset(names), elsewhere if number == 1 else frozenset())
            for number, (url, names) in enumerate(placed.items(), start=1)
        ]

    def places(self, away: Away) -> Iterator[BookLocation]:
        """Yield every live book of every server that answers; `away` is called for each that does not."""
        for server in self.servers():
            try:
                found = server.places()
            except Unavailable as reason:
                away(server, reason)
            else:
                yield from found

    def is_on_default(self, name: str) -> bool:
        """Return whether a book of this name is on the default server."""
        return self._book_urls.get(name, self._default_url) == self._default_url

    def engine_of(self, name: str) -> sa.Engine:
        """Return the engine of the server that a book of this name is on, or would be on."""
        return self._engines[self._book_urls.get(name, self._default_url)]

    def place_of(self, name: str) -> BookLocation:
        """Return the location of a book by name. Raises `NotFound`, and `Unavailable` if its server does not answer."""
        engine = self.engine_of(name)
        with reaching(name), engine.connect() as connection:
            return BookLocation(engine, book_named(connection, name))

    def names(self) -> list[str]:
        """Return the name of every book: those of the file, and those on the default server.

        Raises `InvalidInput` if the default server has a book that the file assigns elsewhere: it would be two books.
        """
        with reaching("the default server"), self.default_engine.connect() as connection:
            here = {book.name for book in all_books(connection)}
        elsewhere = {name for name, url in self._book_urls.items() if url != self._default_url}
        if twice := sorted(here & elsewhere):
            raise InvalidInput(
                f"{', '.join(twice)}: the default server has this book, and the directory puts it on another one; "
                "a name belongs to one book: take the line out of the directory, or rename one of the books"
            )
        return sorted(here | elsewhere)


@contextmanager
def reaching(name: str) -> Iterator[None]:
    """Raise errors of the store in the block as `Unavailable`, with the name of its book or server."""
    try:
        yield
    except (psycopg.OperationalError, sa.exc.OperationalError) as fault:
        # The driver's text names the host, never a password.
        reason = str(fault.__cause__ or fault).strip().split("\n", 1)[0]
        raise Unavailable(f"the store of {name} does not answer, try again: {reason}") from fault


def _patient(url: str) -> str:
    """Set a connection timeout on an address that has none, so that a silent server is given up."""
    asked = sa.make_url(url)
    timeout = {"connect_timeout": asked.query.get("connect_timeout", _CONNECT_SECONDS)}
    return asked.update_query_dict(timeout).render_as_string(hide_password=False)
