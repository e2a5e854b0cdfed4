"""Actors: callers that order transfers, numbered in their book and registered by the first batch that names them."""

from collections.abc import Collection
from typing import Final

import psycopg

from ledger.journal.journal import Draft, draft
from ledger.journal.records import Actor, ActorNo
from ledger.kernel.ids import BookId

_KNOWN: Final = "SELECT name, actor_no FROM actors WHERE book_id = %s AND name = ANY(%s)"
_NEWEST: Final = "SELECT coalesce(max(actor_no), 0) FROM actors WHERE book_id = %s"


def registered_actors(
    connection: psycopg.Connection[tuple[object, ...]], book_id: BookId, names: Collection[str]
) -> tuple[dict[str, ActorNo], list[Draft]]:
    """Return the number of each name, under the head's lock, and the facts that register new actors in this batch."""
    rows = connection.execute(_KNOWN, (book_id, list(names))).fetchall()
    numbers: dict[str, ActorNo] = dict(rows)  # type: ignore[arg-type]  # the driver types a row's values as objects
    fresh = sorted(set(names) - set(numbers))
    if not fresh:
        return numbers, []
    ((newest,),) = connection.execute(_NEWEST, (book_id,)).fetchall()
    assert isinstance(newest, int)
    numbers |= {name: ActorNo(number) for number, name in enumerate(fresh, newest + 1)}
    return numbers, [draft(Actor, actor_no=numbers[name], name=name) for name in fresh]
