"""The health check: tests the database, and reports the regular operations and the position of the caller's book."""

from typing import Any, Final

import sqlalchemy as sa

from api.context import Snapshot
from ledger.journal import journal
from ledger.kernel.clock import system_clock
from ledger.kernel.operations import standings
from ledger.kernel.settings import Settings
from ledger.kernel.version import VERSION
from ledger.kernel.work import read
from ledger.tenancy.api_keys import Principal
from ledger.tenancy.books import all_books

DOWN: Final = {"ok": False, "version": VERSION, "says": "the database does not answer"}
"""The answer while the store is down."""


def health(engine: sa.Engine, principal: Principal | None) -> dict[str, Any]:
    """Return `{"ok": …, "version": …}`; for a caller also `"books"`: the name and position of the caller's book."""
    try:
        if principal is None:
            with read(engine) as reader:
                reader.connection.execute(_ANYTHING)
                return {"ok": True, "version": VERSION}
        with Snapshot(engine, principal) as snapshot:
            (name,) = (each.name for each in all_books(snapshot.connection) if each.book_id == principal.book_id)
            position = journal.head(snapshot.connection, principal.book_id).last_seq
    except sa.exc.OperationalError:
        return dict(DOWN)
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
