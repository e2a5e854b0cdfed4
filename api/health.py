"""Health: whether the database answers, when what runs regularly last succeeded, and where the book of a key stands."""

from typing import Any, Final

import sqlalchemy as sa

from api.auth import authenticated
from api.context import Snapshot
from ledger.journal import journal
from ledger.kernel.clock import system_clock
from ledger.kernel.operations import standings
from ledger.kernel.settings import Settings
from ledger.kernel.version import VERSION
from ledger.tenancy.books import all_books


def health(engine: sa.Engine, key: str | None, *, pepper: bytes) -> dict[str, Any]:
    """`{"ok": …, "version": …}`, and for a key `"books"`: the one book that it reaches, with its name and position.

    Raises `Unauthenticated` for a key that does not work.
    """
    try:
        with Snapshot(engine) as snapshot:
            if key is None:
                snapshot.connection.execute(_ANYTHING)
                return {"ok": True, "version": VERSION}
            principal = authenticated(snapshot, key, pepper=pepper)
            (name,) = (each.name for each in all_books(snapshot.connection) if each.book_id == principal.book_id)
            position = journal.head(snapshot.connection, principal.book_id).last_seq
    except sa.exc.OperationalError:
        return {"ok": False, "version": VERSION, "says": "the database does not answer"}
    return {"ok": True, "version": VERSION, "books": [{"name": name, "position": position}]}


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


_ANYTHING: Final = sa.text("SELECT 1")
