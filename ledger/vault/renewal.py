"""Renewal: wraps all keys under a new generation, and destroys the older ones, after a subject was forgotten.

It has five durable steps, and a kill may follow any of them: the key of the next generation is on the ring; the next
generation is the newest in the tables; every row is wrapped under it; the older generations are marked as destroyed;
their keys are removed from the ring. A later call continues with the next step. Meanwhile, readers find each row under
one generation or the other, and both keys on the ring.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ledger.kernel.clock import Clock
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.work import Work, begin, read
from ledger.vault.generations import ACTOR, NewestGeneration, begin_next, hold, keyring_of
from ledger.vault.keyring import Keyring, Keyrings, Ring
from ledger.vault.keys import DIRECT, Generation

_BATCH: Final = 5_000
_ROUNDS_MAX: Final = 100
_REST_SECONDS: Final = 1


def renew(engine: sa.Engine, keyrings: Keyrings, clock: Clock, *, at_least_once: bool = False) -> bool:
    """Renew if a subject was forgotten since the last time, or a renewal is unfinished; return whether it was needed.

    Raises `Unavailable` if other processes lock rows for so long that no round completes.
    """
    keyring, is_asked = keyring_of(engine, keyrings, clock), at_least_once
    with keyring.renewing():
        for turn in range(_ROUNDS_MAX):
            state = _state(engine)
            if not (state.is_unfinished or state.is_due or is_asked):
                return _take_off(keyring, state.destroyed) or turn > 0
            if not state.is_unfinished:
                begin_next(engine, keyring, state.newest, clock)
                is_asked = False
            elif turn:
                time.sleep(_REST_SECONDS)  # another process held the lock on a row that the last round skipped
            _finish(engine, keyring, clock)
    raise Unavailable("other processes lock keys of the vault for too long; renewed keys stay renewed: run it again")


class _State(NamedTuple):
    newest: NewestGeneration
    is_unfinished: bool
    is_due: bool
    destroyed: Sequence[int]


class _Place(NamedTuple):
    """The key of a row: its book, and the id or the token in it."""

    book: int
    name: UUID | bytes


class _Table(NamedTuple):
    """A table of wrapped values: the key before its first row, its next rows, and the update of a row."""

    start: _Place
    next_rows: sa.TextClause
    write: sa.TextClause
    rewrapped: Callable[[sa.Row[Any], Generation, Generation], bytes | None]


def _state(engine: sa.Engine) -> _State:
    with read(engine) as reader:
        row = reader.connection.execute(_STATE, {"direct": DIRECT}).one()
    return _State(NewestGeneration(*row[:3]), row.is_unfinished, row.is_due, row.destroyed)


def _finish(engine: sa.Engine, keyring: Keyring, clock: Clock) -> None:
    """Wrap every row under the newest generation, then mark the older ones without rows as destroyed."""
    contents = keyring.open()
    target = _state(engine).newest.required_on(contents)
    for table in _TABLES:
        after: _Place | None = table.start
        while after is not None:
            with begin(engine, actor=ACTOR, clock=clock) as work:
                hold(work, target)
                after = _rewrap_some(work, table, contents=contents, target=target, after=after)
    with begin(engine, actor=ACTOR, clock=clock) as work:
        work.connection.execute(_DESTROY, {"newest": target.number, "now": work.now})


def _rewrap_some(work: Work, table: _Table, *, contents: Ring, target: Generation, after: _Place) -> _Place | None:
    """Wrap the next rows anew, except locked ones, and return the key of the last one, or None if there was none."""
    asked = {**after._asdict(), "newest": target.number, "count": _BATCH}
    rows = work.connection.execute(table.next_rows, asked).all()
    if not rows:
        return None
    fresh = []
    for row in rows:
        older = contents.generations.get(row.generation)
        wrapped = None if older is None else table.rewrapped(row, older, target)
        if wrapped is None:
            raise InvalidInput(
                f"a row of book {row.book_id} is wrapped under generation {row.generation} of the vault's key, and "
                "the keyring does not open it: restore vault and keyring as they were backed up together"
            )
        fresh.append(wrapped)
    books, names = [row.book_id for row in rows], [row.name for row in rows]
    written = {"books": books, "names": names, "fresh": fresh, "newest": target.number}
    work.connection.execute(table.write, written)
    return _Place(books[-1], names[-1])


def _rewrapped_key(row: sa.Row[Any], older: Generation, target: Generation) -> bytes | None:
    key = older.unwrapped(row.book_id, row.name, row.wrapped_key)
    return None if key is None else target.wrapped(row.book_id, row.name, key)


def _rewrapped_token(row: sa.Row[Any], older: Generation, target: Generation) -> bytes | None:
    token = older.unwrapped_token(row.name)
    return None if token is None else target.wrapped_token(token)


def _take_off(keyring: Keyring, destroyed: Sequence[int]) -> bool:
    """Remove destroyed generations from the ring, and return whether there were any."""
    with keyring.changed() as contents:
        left = contents.generations.keys() & set(destroyed)
        for number in left:
            del contents.generations[number]
    return bool(left)


_STATE: Final = sa.text("""
    SELECT n.generation, n.keyring_id, n.key_hash,
           EXISTS (SELECT FROM key_generations WHERE retired_at IS NOT NULL AND destroyed_at IS NULL) AS is_unfinished,
           n.generation = :direct OR EXISTS (
               SELECT FROM subject_keys k WHERE k.wrapped_key IS NULL AND k.generation = n.generation
           ) AS is_due,
           ARRAY(SELECT generation FROM key_generations WHERE destroyed_at IS NOT NULL) AS destroyed
    FROM key_generations n WHERE n.retired_at IS NULL
""")
_DESTROY: Final = sa.text("""
    UPDATE key_generations g SET destroyed_at = :now
    WHERE g.generation < :newest AND g.destroyed_at IS NULL
      AND NOT EXISTS (SELECT FROM subject_keys k WHERE k.generation = g.generation AND k.wrapped_key IS NOT NULL)
      AND NOT EXISTS (SELECT FROM subject_names n WHERE n.generation = g.generation)
""")
_FRESH: Final = (
    sa.bindparam("books", type_=sa.ARRAY(sa.Integer())),
    sa.bindparam("fresh", type_=sa.ARRAY(sa.LargeBinary())),
)
_KEYS: Final = _Table(
    _Place(-1, UUID(int=0)),
    sa.text("""
        SELECT book_id, subject_id AS name, wrapped_key, generation FROM subject_keys
        WHERE (book_id, subject_id) > (:book, :name) AND generation < :newest AND wrapped_key IS NOT NULL
        ORDER BY book_id, subject_id LIMIT :count FOR UPDATE SKIP LOCKED
    """),
    sa.text("""
        UPDATE subject_keys k SET wrapped_key = f.fresh, generation = :newest
        FROM unnest(:books, :names, :fresh) AS f (book_id, subject_id, fresh)
        WHERE k.book_id = f.book_id AND k.subject_id = f.subject_id
    """).bindparams(*_FRESH, sa.bindparam("names", type_=sa.ARRAY(sa.Uuid()))),
    _rewrapped_key,
)
_NAMES: Final = _Table(
    _Place(-1, b""),
    sa.text("""
        SELECT book_id, token AS name, generation FROM subject_names
        WHERE (book_id, token) > (:book, :name) AND generation < :newest
        ORDER BY book_id, token LIMIT :count FOR UPDATE SKIP LOCKED
    """),
    sa.text("""
        UPDATE subject_names n SET token = f.fresh, generation = :newest
        FROM unnest(:books, :names, :fresh) AS f (book_id, token, fresh)
        WHERE n.book_id = f.book_id AND n.token = f.token
    """).bindparams(*_FRESH, sa.bindparam("names", type_=sa.ARRAY(sa.LargeBinary()))),
    _rewrapped_token,
)
_TABLES: Final = (_KEYS, _NAMES)
