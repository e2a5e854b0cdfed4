"""The audit: re-derives everything the book stores from its transfers and its chain, and names what differs."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from typing import Final

import sqlalchemy as sa

from ledger.events.feed import FACTS, row_tuples
from ledger.events.merkle import GENESIS, batch_hash, leaf_hash, merkle_root
from ledger.events.tables import BOOK_HEADS, JOURNAL_BATCHES
from ledger.kernel.ids import BookId
from ledger.kernel.record import Record
from ledger.kernel.work import Reader

_SHOWN: Final = 5
"""How many offenders a finding names."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `detail` names the offenders, or says what was compared."""

    check: str
    ok: bool
    detail: str


def audit(reader: Reader, book_id: BookId) -> list[Finding]:
    """Every check of one book, in one snapshot: chain, positions, entries, limits, balances, trial balance."""
    return [
        _chain(reader.connection, book_id),
        *(_finding(check, _offenders(reader.connection, book_id, query), say) for check, query, say in _CHECKS),
    ]


def _chain(connection: sa.Connection, book_id: BookId) -> Finding:
    """Hash every fact again, batch by batch, up to the head."""
    leaves = _leaves(connection, book_id)
    previous, expected, faults = GENESIS, 1, []
    pending = next(leaves, None)
    for link in _links(connection, book_id):
        hashes, positions = [], []
        while pending is not None and pending[0] <= link.seq:
            positions.append(pending[0])
            hashes.append(pending[1])
            pending = next(leaves, None)
        span = f"positions {link.first_seq} to {link.seq}"
        if positions != list(range(expected, link.seq + 1)) or link.first_seq != expected:
            faults.append(f"{span}: facts are missing, surplus or out of order")
        elif merkle_root(hashes) != link.merkle_root:
            faults.append(f"{span}: a fact was changed since it was sealed")
        digest = batch_hash(previous, (book_id, link.first_seq, link.seq), link.recorded_at, link.merkle_root)
        if (link.previous_hash, link.hash) != (previous, digest):
            faults.append(f"{span}: the link does not follow from the one before")
        previous, expected = link.hash, link.seq + 1
    head = connection.execute(sa.select(BOOK_HEADS).where(BOOK_HEADS.c.book_id == book_id)).one()
    if pending is not None or (head.last_seq, head.last_hash) != (expected - 1, previous):
        faults.append(f"the head says position {head.last_seq}, the chain ends at {expected - 1}")
    return _finding("hash_chain", faults, f"{expected - 1} positions re-hashed up to {previous.hex()[:16]}…")


def _links(connection: sa.Connection, book_id: BookId) -> Iterator[sa.Row[tuple[object, ...]]]:
    query = sa.select(JOURNAL_BATCHES).where(JOURNAL_BATCHES.c.book_id == book_id).order_by(JOURNAL_BATCHES.c.seq)
    with connection.execute(query, execution_options={"yield_per": 1000}) as links:
        yield from links


def _leaves(connection: sa.Connection, book_id: BookId) -> Iterator[tuple[int, bytes]]:
    """Position and leaf hash of every fact of the book, in order of position."""
    return merge(*(_record_leaves(connection, record, book_id) for record in FACTS))


def _record_leaves(connection: sa.Connection, record: type[Record], book_id: BookId) -> Iterator[tuple[int, bytes]]:
    return ((seq, leaf_hash(record, row)) for seq, row in row_tuples(connection, record, book_id))


def _offenders(connection: sa.Connection, book_id: BookId, query: str) -> list[str]:
    found = connection.execute(sa.text(f"SELECT * FROM ({query}) o LIMIT {_SHOWN + 1}"), {"book": book_id})  # noqa: S608  # the constants below
    return [", ".join(f"{name} {value}" for name, value in row._asdict().items()) for row in found]


def _finding(check: str, faults: list[str], say: str) -> Finding:
    if not faults:
        return Finding(check, ok=True, detail=say)
    more = " and more" if len(faults) > _SHOWN else ""
    return Finding(check, ok=False, detail="; ".join(faults[:_SHOWN]) + more)


_ENTRIES_OF_TRANSFERS: Final = """
    WITH derived AS (
        SELECT t.seq, s.account_id, s.side, t.amount_minor, t.booked_on, t.transfer_id
        FROM transfers t,
             LATERAL (VALUES (t.debit_account_id, 'debit'), (t.credit_account_id, 'credit')) s (account_id, side)
        WHERE t.book_id = :book
    ), stored AS (
        SELECT seq, account_id, side, amount_minor, booked_on FROM entries WHERE book_id = :book
    )
    SELECT coalesce(d.seq, s.seq) AS position, coalesce(d.account_id, s.account_id) AS account,
           d.transfer_id AS transfer, d.amount_minor AS transfer_says, s.amount_minor AS entry_says
    FROM derived d FULL JOIN stored s USING (seq, account_id)
    WHERE d.seq IS NULL OR s.seq IS NULL
       OR (d.side, d.amount_minor, d.booked_on) IS DISTINCT FROM (s.side, s.amount_minor, s.booked_on)
"""
_RUNNING_SUMS: Final = """
    SELECT seq AS position, account_id AS account, debits_after_minor AS stored_debits, debits AS summed_debits,
           credits_after_minor AS stored_credits, credits AS summed_credits
    FROM (
        SELECT *, sum(amount_minor) FILTER (WHERE side = 'debit') OVER before AS debits,
               sum(amount_minor) FILTER (WHERE side = 'credit') OVER before AS credits
        FROM entries WHERE book_id = :book
        WINDOW before AS (PARTITION BY account_id ORDER BY seq ROWS UNBOUNDED PRECEDING)
    ) summed
    WHERE debits_after_minor <> coalesce(debits, 0) OR credits_after_minor <> coalesce(credits, 0)
"""
_BALANCES: Final = """
    WITH summed AS (
        SELECT a.account_id, count(e.seq) AS version, coalesce(max(e.seq), a.seq) AS last_seq,
               coalesce(sum(e.amount_minor) FILTER (WHERE e.side = 'debit'), 0) AS debits,
               coalesce(sum(e.amount_minor) FILTER (WHERE e.side = 'credit'), 0) AS credits
        FROM accounts a LEFT JOIN entries e USING (book_id, account_id)
        WHERE a.book_id = :book GROUP BY a.account_id, a.seq
    ), stored AS (
        SELECT * FROM balances WHERE book_id = :book
    )
    SELECT coalesce(s.account_id, b.account_id) AS account, b.debits_minor AS stored_debits, s.debits AS summed_debits,
           b.credits_minor AS stored_credits, s.credits AS summed_credits
    FROM summed s FULL JOIN stored b USING (account_id)
    WHERE (s.debits, s.credits, s.version, s.last_seq)
          IS DISTINCT FROM (b.debits_minor, b.credits_minor, b.version, b.last_seq)
"""
_TRIAL_BALANCE: Final = """
    SELECT a.currency, sum(b.debits_minor) AS debits, sum(b.credits_minor) AS credits
    FROM balances b JOIN accounts a USING (book_id, account_id)
    WHERE b.book_id = :book GROUP BY a.currency HAVING sum(b.debits_minor) <> sum(b.credits_minor)
"""
_LIMITS: Final = """
    SELECT e.seq AS position, a.external_ref AS account,
           e.debits_after_minor AS debits, e.credits_after_minor AS credits
    FROM entries e JOIN accounts a USING (book_id, account_id)
    WHERE e.book_id = :book
      AND ((a.debits_within_credits AND e.side = 'debit' AND e.debits_after_minor > e.credits_after_minor)
        OR (a.credits_within_debits AND e.side = 'credit' AND e.credits_after_minor > e.debits_after_minor))
"""
_CHECKS: Final = (
    (
        "entries_follow_from_transfers",
        _ENTRIES_OF_TRANSFERS,
        "every transfer has its two entries, no entry is alone",
    ),
    ("running_sums_follow_from_entries", _RUNNING_SUMS, "every entry's sums are those of the entries up to it"),
    ("balances_follow_from_entries", _BALANCES, "every balance row is the fold of its account's entries"),
    ("trial_balance_is_zero", _TRIAL_BALANCE, "debits equal credits in every currency"),
    ("limits_hold", _LIMITS, "no entry left its account beyond its limit"),
)
"""Name, query of the offenders, and what it means that there are none."""
