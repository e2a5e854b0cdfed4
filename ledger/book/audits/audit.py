"""The audit: derives everything the book stores again from its transfers and its chain, and names what differs.

A check that fails to run is reported as a finding, and the other checks still run.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import merge
from struct import error as StructError  # noqa: N812  # an exception in lower case
from typing import Final, NamedTuple

import psycopg
import sqlalchemy as sa

from ledger.book.accounts.calendars import misdated
from ledger.book.accounts.periods import broken_seals
from ledger.book.audits.account_derivations import ACCOUNT_DERIVATIONS
from ledger.book.audits.derivations import DERIVATIONS, Derivation
from ledger.journal.feed import row_tuples
from ledger.journal.merkle import GENESIS, batch_hash, leaf_hash, merkle_root
from ledger.journal.records import BookHead, JournalBatch
from ledger.kernel.ids import BookId
from ledger.kernel.record import Record
from ledger.kernel.sql import table
from ledger.kernel.tuples import proved
from ledger.kernel.work import Reader
from ledger.records import FACTS

_BOOK_HEADS: Final = table(BookHead)
_JOURNAL_BATCHES: Final = table(JournalBatch)

_SHOWN: Final = 5
"""Maximum number of offenders that a finding names."""

_SEALS: Final = "seals_follow_from_transfers"
_DATED: Final = "dates_follow_from_calendars"


_FAULTS: Final = (
    sa.exc.SQLAlchemyError,
    psycopg.Error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    StructError,
    TypeError,
    ValueError,
)
"""Exceptions that a check of tampered rows may raise: a failing statement, or values that our code never stores."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; `detail` names the offenders, or says what was compared."""

    check: str
    ok: bool
    detail: str


class _Leaf(NamedTuple):
    """A fact as the chain covers it: its position, its table, and its hash."""

    seq: int
    table: str
    hash: bytes


def audit(reader: Reader, book_id: BookId) -> list[Finding]:
    """Run every check of one book in one snapshot: the chain with its positions, then what follows from transfers."""
    # Every derivation compares whole tables. Without statistics PostgreSQL assumes small tables, and would choose
    # nested loops.
    reader.connection.execute(sa.text("SET LOCAL enable_nestloop = off"))
    return [
        chained(reader, book_id),
        *derived(reader, book_id, (*DERIVATIONS, *ACCOUNT_DERIVATIONS)),
        attempted(
            reader,
            _DATED,
            lambda: found(_DATED, misdated(reader, book_id), "every accounting date is that of the book"),
        ),
        attempted(reader, _SEALS, lambda: found(_SEALS, broken_seals(reader, book_id), "every seal is recomputed")),
    ]


def chained(reader: Reader, book_id: BookId) -> Finding:
    """Hash every fact and every batch again, from the first to the head."""
    return attempted(reader, "hash_chain", lambda: _chain(reader.connection, book_id))


def derived(reader: Reader, book_id: BookId | None, derivations: Iterable[Derivation]) -> Iterator[Finding]:
    """Run each query of offenders on its own, and report what it finds; if `book_id` is None, in all books."""
    for check, offenders, says in derivations:
        yield attempted(reader, check, partial(_derived, reader, book_id, Derivation(check, offenders, says)))


def attempted(reader: Reader, check: str, make: Callable[[], Finding]) -> Finding:
    """Run a check in the reader's snapshot; a check that raises becomes a finding with the reason.

    Changes of the check to the transaction are rolled back, so that the next check uses the same snapshot.
    """
    try:
        with reader.connection.begin_nested():
            return make()
    except _FAULTS as fault:
        return broken(check, fault)


def broken(check: str, fault: BaseException) -> Finding:
    """Return the finding of a check that could not be run."""
    reason = " ".join(str(fault).split("[SQL:")[0].split())[:300]
    return Finding(check, ok=False, detail=f"the check could not be made: {type(fault).__name__}: {reason}")


def found(check: str, faults: Sequence[str], says: str, *, shown: int = _SHOWN) -> Finding:
    """Make a finding from the faults of a check; `says` describes the result if there are none."""
    if not faults:
        return Finding(check, ok=True, detail=says)
    more = " and more" if len(faults) > shown else ""
    return Finding(check, ok=False, detail="; ".join(faults[:shown]) + more)


def _derived(reader: Reader, book_id: BookId | None, derivation: Derivation) -> Finding:
    limited = sa.text(f"SELECT * FROM ({derivation.offenders}) o LIMIT {_SHOWN + 1}")  # noqa: S608  # our constants
    rows = reader.connection.execute(limited, {} if book_id is None else {"book": book_id})
    named = [", ".join(f"{name} {value}" for name, value in row._asdict().items()) for row in rows]
    return found(derivation.check, named, derivation.says)


def _chain(connection: sa.Connection, book_id: BookId) -> Finding:
    """Hash every fact again, batch by batch, up to the head."""
    leaves = _leaves(connection, book_id)
    previous, expected, faults = GENESIS, 1, []
    pending = next(leaves, None)
    for link in _links(connection, book_id):
        sealed = []
        while pending is not None and pending.seq <= link.seq:
            sealed.append(pending)
            pending = next(leaves, None)
        if link.first_seq != expected:
            faults.append(f"no batch covers positions {_spans(range(expected, link.first_seq))}")
        fault = _batch_fault(link, sealed)
        digest = batch_hash(previous, (book_id, link.first_seq, link.seq), link.recorded_at, link.merkle_root)
        if fault is not None:
            faults.append(fault)
        if (link.previous_hash, link.hash) != (previous, digest):
            faults.append(f"batch {link.first_seq} to {link.seq}: the link does not match the one before it")
        previous, expected = link.hash, link.seq + 1
    if pending is not None:
        faults.append(f"after the last batch: {_spans([pending.seq, *(leaf.seq for leaf in leaves)])} surplus")
    head = connection.execute(sa.select(_BOOK_HEADS).where(_BOOK_HEADS.c.book_id == book_id)).one()
    if (head.last_seq, head.last_hash) != (expected - 1, previous):
        faults.append(f"the head says position {head.last_seq}, the chain ends at {expected - 1}")
    return found("hash_chain", faults, f"{expected - 1} positions re-hashed up to {previous.hex()[:16]}…")


def _batch_fault(link: sa.Row[tuple[object, ...]], leaves: list[_Leaf]) -> str | None:
    """Describe the fault of a batch: positions that are missing or surplus, or a changed fact; None if it has none."""
    positions = Counter(leaf.seq for leaf in leaves)
    sealed = range(link.first_seq, link.seq + 1)
    missing = [seq for seq in sealed if seq not in positions]
    surplus = [seq for seq, count in positions.items() if seq not in sealed or count > 1]
    if missing or surplus:
        said = [f"{_spans(seqs)} {what}" for seqs, what in ((missing, "missing"), (surplus, "surplus")) if seqs]
        return f"batch {link.first_seq} to {link.seq}: {', '.join(said)}"
    if merkle_root([leaf.hash for leaf in leaves]) == link.merkle_root:
        return None
    facts = ", ".join(f"{count} of {table}" for table, count in Counter(leaf.table for leaf in leaves).items())
    return f"batch {link.first_seq} to {link.seq} ({facts}): a fact was changed since it was sealed"


def _spans(positions: Iterable[int]) -> str:
    """Format positions as text, such as `4, 7 to 9`."""
    spans: list[list[int]] = []
    for seq in positions:
        if spans and seq == spans[-1][-1] + 1:
            spans[-1][1:] = [seq]
        else:
            spans.append([seq])
    shown = ", ".join(" to ".join(map(str, span)) for span in spans[:_SHOWN])
    return shown + (" and more" if len(spans) > _SHOWN else "")


def _links(connection: sa.Connection, book_id: BookId) -> Iterator[sa.Row[tuple[object, ...]]]:
    query = sa.select(_JOURNAL_BATCHES).where(_JOURNAL_BATCHES.c.book_id == book_id).order_by(_JOURNAL_BATCHES.c.seq)
    with connection.execute(query, execution_options={"yield_per": 1000}) as links:
        yield from links


def _leaves(connection: sa.Connection, book_id: BookId) -> Iterator[_Leaf]:
    """Read the leaf of every fact of the book, in order of position."""
    return merge(*(_record_leaves(connection, record, book_id) for record in FACTS))


def _record_leaves(connection: sa.Connection, record: type[Record], book_id: BookId) -> Iterator[_Leaf]:
    for seq, row in row_tuples(connection, record, book_id):
        yield _Leaf(seq, record.TABLE, leaf_hash(record, proved(row)))
