"""The health check: tests the database, and reports the regular operations and the position of the caller's book."""

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
    """Return `{"ok": …, "version": …}`; with a key also `"books"`: the name and position of the key's book.

    Raises `Unauthenticated` if the key is not valid.
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
    """List the regular operations with their last success; `doctor` shows why one failed, as that may name people."""
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
