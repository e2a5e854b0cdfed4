"""Balances: measures the server's CPU for a balance, now or as of a position, with the SQL that the book sends."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import psycopg
import sqlalchemy as sa

from bench.meters import Meter, Sample
from bench.programmes import Programme
from bench.servers import TPC_B_SCALE
from ledger.book.reading.account_history import account_at
from ledger.book.reading.balances import account
from ledger.kernel.work import Reader, read

_READS: Final = 5_000
"""The number of random accounts that are read, each at another position."""
_TIMES: Final = 4
"""Repetitions of the reads per measurement, since the system counts CPU in hundredths of a second."""
_ROWS: Final = TPC_B_SCALE * 100_000


class Statement(NamedTuple):
    """An SQL statement of a read."""

    text: str
    parameters: Mapping[str, Any]


def balances_now(engine: sa.Engine, programme: Programme) -> list[Statement]:
    """Return the book's statements for the balances of random accounts now."""
    chance = random.Random(1)
    with _reading(engine, programme) as reader, _recorded(engine) as statements:
        for account_id in chance.choices(programme.accounts, k=_READS):
            assert account(reader, programme.book_id, account_id) is not None
    return statements


def balances_as_of(engine: sa.Engine, programme: Programme) -> list[Statement]:
    """Return the book's statements for the balances of random accounts at random positions."""
    chance = random.Random(2)
    with _reading(engine, programme) as reader:
        found = (account(reader, programme.book_id, one) for one in chance.choices(programme.accounts, k=_READS))
        views = [view for view in found if view is not None]
        with _recorded(engine) as statements:
            for view in views:
                account_at(reader, view, chance.randint(1, view.as_of_seq))
    return statements


def rows_by_key() -> list[Statement]:
    """Return the statements of the reference: one row of pgbench's accounts by its primary key."""
    chance = random.Random(3)
    text = "SELECT abalance FROM pgbench_accounts WHERE aid = %(aid)s"
    return [Statement(text, {"aid": chance.randint(1, _ROWS)}) for _ in range(_READS)]


def send(meter: Meter, url: str, statements: Sequence[Statement]) -> Sample:
    """Send the prepared statements, each in its own transaction, and count the reads."""
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        once = _sender(cursor, statements)
        once()
        return meter.measure(lambda: sum(once() for _ in range(_TIMES)))


@contextmanager
def _reading(engine: sa.Engine, programme: Programme) -> Iterator[Reader]:
    """Open a reader of the programme's partner."""
    with read(engine) as reader:
        yield Reader(reader.connection, programme.partner_id)


def _sender(cursor: psycopg.Cursor[tuple[Any, ...]], statements: Sequence[Statement]) -> Callable[[], int]:
    encoded = [(text.encode(), parameters) for text, parameters in statements]

    def once() -> int:
        for text, parameters in encoded:
            cursor.execute(text, parameters, prepare=True).fetchall()
        return _READS

    return once


@contextmanager
def _recorded(engine: sa.Engine) -> Iterator[list[Statement]]:
    """Record all statements that the engine sends within the block."""
    statements: list[Statement] = []

    def note(*sent: Any) -> None:
        _connection, _cursor, text, parameters, _context, _is_many = sent
        statements.append(Statement(text, dict(parameters)))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
