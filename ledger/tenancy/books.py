"""Opening and listing books."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

import sqlalchemy as sa

from ledger.journal import journal
from ledger.journal.merkle import EMPTY_SINCE, GENESIS
from ledger.journal.records import BookHead
from ledger.kernel.calendar import UTC_DAYS, DayRule, cut_off_text, time_zone
from ledger.kernel.currencies import exponent
from ledger.kernel.errors import IdempotencyConflict, InvalidInput, NotFound
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import columns
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.tenancy.calendars import book_calendar, record_rule
from ledger.tenancy.records import Book, BookOpening

_BOOK_HEADS: Final = table(BookHead)
_BOOKS: Final = table(Book)

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_ONE_AT_A_TIME: Final = 0xC0FF_B00C
"""Key of the advisory lock under which books are opened; locking the table would need the right to change it."""


def open_book(  # noqa: PLR0913  # what a book is, by name
    work: Work,
    *,
    name: str,
    jurisdiction: str,
    currency: str,
    days: DayRule = UTC_DAYS,
    reason: str = "a programme begins",
    live_partner_id: PartnerId | None = None,
) -> BookId:
    """Open a book with its first fact, or return the book of that name.

    The same name with other terms is an `IdempotencyConflict`. `days` is the first rule of its accounting dates; an
    existing book keeps its own, and the default of UTC days is not compared with it. With `live_partner_id` it is the
    sandbox of that partner.
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidInput(f"{name!r} is not a name for a book; use up to 40 lower-case letters, digits and dashes")
    exponent(currency)
    work.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    known = next((book for book in all_books(work.connection) if book.name == name), None)
    if known is None:
        terms = {"name": name, "jurisdiction": jurisdiction, "currency": currency, "live_partner_id": live_partner_id}
        book_id = _insert(work, terms, reason=reason)
        if days != UTC_DAYS:
            time_zone(days.time_zone)
            record_rule(work, journal.open_batch(work, book_id), days, reason="the book was opened with it")
        return book_id
    if known.live_partner_id != live_partner_id:
        raise IdempotencyConflict(f"book {name!r} is on the other side already: one is live, and one a sandbox")
    if (known.jurisdiction, known.currency) != (jurisdiction, currency):
        raise IdempotencyConflict(f"book {name!r} is under {known.jurisdiction} in {known.currency} already")
    if days not in (UTC_DAYS, begun := book_calendar(work.connection, known.book_id).rule_on(date.min)):
        raise IdempotencyConflict(
            f"book {name!r} counts its dates in {begun.time_zone} up to {cut_off_text(begun.cut_off_minutes)}"
        )
    return known.book_id


def book_named(connection: sa.Connection, name: str) -> Book:
    """Return the book of that name. Raises `NotFound`, which lists the existing books."""
    books = {book.name: book for book in all_books(connection)}
    if name not in books:
        raise NotFound(f"there is no book {name!r}; there are: {', '.join(sorted(books)) or 'none yet'}")
    return books[name]


def all_books(connection: sa.Connection) -> list[Book]:
    """Return every book, by number."""
    return [Book(**row._asdict()) for row in connection.execute(_ALL)]


def sandbox_of(connection: sa.Connection, live_partner_id: PartnerId) -> Book | None:
    """Return the sandbox of a partner of a live book, or None if it has none yet."""
    return next((book for book in all_books(connection) if book.live_partner_id == live_partner_id), None)


def _insert(work: Work, terms: Mapping[str, object], *, reason: str) -> BookId:
    newest: int | None = work.connection.execute(sa.select(sa.func.max(_BOOKS.c.book_id))).scalar_one()
    book_id = BookId((newest or 0) + 1)
    work.connection.execute(_BOOKS.insert().values(book_id=book_id, created_at=work.now, **terms))
    clock_ahead_us = None if terms["live_partner_id"] is None else 0
    head = {"last_seq": 0, "last_hash": GENESIS, "last_recorded_at": EMPTY_SINCE, "clock_ahead_us": clock_ahead_us}
    work.connection.execute(_BOOK_HEADS.insert().values(book_id=book_id, **head))
    said = {"actor": work.actor, "reason": reason, "imported_until_at": None}
    fact = journal.draft(BookOpening, **terms, **said, opened_at=work.now)
    journal.seal(work, journal.open_batch(work, book_id), [fact])
    return book_id


_ALL: Final = sa.text(f"""
    SELECT {", ".join(column.name for column in columns(Book) if column.name != "created_at")},
           least(greatest(created_at, '0001-01-02Z'), '9999-12-30Z') AS created_at
    FROM books ORDER BY book_id
""")  # noqa: S608  # columns of the record
"""Replaces an instant that Python cannot represent, so that it does not hide the books: `verify` reports it."""
