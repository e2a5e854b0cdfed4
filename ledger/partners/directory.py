"""The directory: on which PostgreSQL server each book lives, by the book's name."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import psycopg
import sqlalchemy as sa

from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.ids import BookId
from ledger.kernel.sql import create_engine
from ledger.partners.books import all_books, book_named
from ledger.records.books import Book

_CONNECT_SECONDS: Final = "10"


@dataclass(frozen=True, slots=True)
class Place:
    """A book, and the engine of the server that it lives on."""

    engine: sa.Engine
    book: Book

    @property
    def book_id(self) -> BookId:
        """Its number, which is of its server only: another server has another book of that number."""
        return self.book.book_id


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

    def engine_of(self, name: str) -> sa.Engine:
        """The engine of the server that a book of this name lives on, or would live on."""
        return self._engines[self._book_urls.get(name, self._default_url)]

    def place_of(self, name: str) -> Place:
        """Where the book of that name lives. Raises `NotFound`, and `Unavailable` where its server does not answer."""
        engine = self.engine_of(name)
        with reaching(name), engine.connect() as connection:
            return Place(engine, book_named(connection, name))

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
