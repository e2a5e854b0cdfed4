"""Health: whether the database answers, and where every book stands."""

from typing import Any

import sqlalchemy as sa

from ledger.events import journal
from ledger.kernel.version import VERSION
from ledger.kernel.work import read
from ledger.partners.books import all_books


def health(engine: sa.Engine) -> dict[str, Any]:
    """`{"ok": …, "version": …, "books": [{"name": …, "position": …}]}`, all books in one snapshot."""
    try:
        with read(engine) as reader:
            books = [
                {"name": book.name, "position": journal.head(reader.connection, book.book_id).last_seq}
                for book in all_books(reader.connection)
            ]
    except sa.exc.OperationalError:
        return {"ok": False, "version": VERSION, "says": "the database does not answer"}
    return {"ok": True, "version": VERSION, "books": books}
