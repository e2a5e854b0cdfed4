"""Health: whether the database answers, where every book stands, and when what runs regularly last succeeded."""

from typing import Any

import sqlalchemy as sa

from ledger.events import journal
from ledger.kernel.clock import system_clock
from ledger.kernel.operations import standings
from ledger.kernel.settings import Settings
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


def operations(settings: Settings) -> list[dict[str, Any]]:
    """Each operation with its last success, null before the first; why one failed is for `doctor`, for it may name."""
    now = system_clock()
    return [
        {
            "name": each.name,
            "succeededAt": each.succeeded_at,
            "failed": each.has_failed,
            "lateSeconds": int(each.late(now).total_seconds()),
        }
        for each in standings(settings)
    ]
