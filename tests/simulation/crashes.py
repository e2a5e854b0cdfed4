"""Crashes of a real store: triggers that end the backend in the middle of a batch, and answers that get lost."""

from contextlib import contextmanager
from itertools import cycle

import psycopg
import sqlalchemy as sa

from ledger.kernel.engines import create_engine

DIE, CANCELLED, DISK_FULL = "die", "57014", "53100"
ANSWER = "answer"
PLACES = (
    *(("transfers", how) for how in (DIE, CANCELLED, DISK_FULL)),
    ("refused_transfers", DIE),
    ("monitor_events", DIE),
    ("journal_batches", DIE),
    ("open_holds", DIE),
    ("commit", DIE),
    ("commit", DISK_FULL),
    (ANSWER, DIE),
    (ANSWER, DIE),
    ("idle", DIE),
)
"""Where a batch breaks off, and how: the backend dies, or its statement fails with a state of PostgreSQL."""

_TRIGGERS = """
    CREATE TABLE crashes (place text, how text);
    CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE
        wanted text := (SELECT how FROM crashes WHERE place = TG_ARGV[0]);
    BEGIN
        IF wanted = 'die' THEN
            PERFORM pg_terminate_backend(pg_backend_pid());
            PERFORM pg_sleep(60);
        ELSIF wanted IS NOT NULL THEN
            RAISE EXCEPTION 'a crash of the simulation' USING ERRCODE = wanted;
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER crash AFTER UPDATE ON book_heads DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION crash('commit');
"""
_TRIGGER = "CREATE TRIGGER crash AFTER INSERT OR DELETE ON {0} FOR EACH STATEMENT EXECUTE FUNCTION crash('{0}')"
_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"


class Crashes:
    """Breaks the batches of one database, at one place after another; its engine is the one that they are sent by."""

    def __init__(self, url: str) -> None:
        self.places = cycle(PLACES)
        self.loses_answers = False
        self.engine = create_engine(url)
        sa.event.listen(self.engine, "do_connect", self._connect)
        self.store = psycopg.connect(url, autocommit=True)
        self.store.execute(_TRIGGERS)
        for table in ("transfers", "refused_transfers", "monitor_events", "journal_batches", "open_holds"):
            self.store.execute(_TRIGGER.format(table))

    @contextmanager
    def one(self):
        """For the length of the block everything that comes to the next place breaks there; gives its name."""
        place, how = next(self.places)
        if place == "idle":
            self.store.execute(_OTHERS, (self.store.info.backend_pid,))
        self.store.execute("INSERT INTO crashes VALUES (%s, %s)", (place, how))
        self.loses_answers = place == ANSWER
        yield f"{place} ({how})"
        self.loses_answers = False
        self.store.execute("DELETE FROM crashes")

    def close(self) -> None:
        self.store.close()
        self.engine.dispose()

    def _connect(self, _dialect, _record, parts, options):
        connection = _Fragile.connect(*parts, **options)
        connection.crashes = self
        return connection


class _Fragile(psycopg.Connection):
    """A connection that may break after the store has committed, and before it says so."""

    crashes: Crashes

    def commit(self) -> None:
        super().commit()
        if self.crashes.loses_answers:
            self.close()
            raise psycopg.OperationalError("the connection broke before the answer came")
