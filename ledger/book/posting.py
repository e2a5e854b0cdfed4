"""Posting: one batch of transfer orders, judged and written in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import errors

from ledger.book.judge import BookState, Sums, Verdict, judge
from ledger.book.orders import TransferOrder
from ledger.book.results import LASTING, Outcome, Result
from ledger.book.state import locked_state
from ledger.events import journal
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.errors import Unavailable
from ledger.kernel.ids import AccountId, BookId
from ledger.kernel.tuples import encoder
from ledger.kernel.work import Work, begin
from ledger.records.accounts import Side
from ledger.records.transfers import Entry, RefusedTransfer, Transfer

_RACES: Final = 4
"""How often a batch is judged anew when another process wrote one of its ids at the same time."""


def post(
    engine: sa.Engine, book_id: BookId, orders: Sequence[TransferOrder], *, actor: str, clock: Clock = system_clock
) -> list[Outcome]:
    """Post the orders as one batch, durably; one outcome each, in the same order.

    Raises `Unavailable` when the store fails: then nothing of the batch was written, or all of it was, and sending the
    same orders again settles which.
    """
    for _ in range(_RACES):
        try:
            with begin(engine, actor=actor, clock=clock) as work:
                return post_in(work, book_id, orders)
        except errors.UniqueViolation:
            continue
        except (psycopg.OperationalError, sa.exc.OperationalError) as fault:
            raise Unavailable(f"the ledger's store failed, send the same orders again: {_first_line(fault)}") from fault
    raise Unavailable("other processes keep writing the same transfers; send the same orders again")


def post_in(work: Work, book_id: BookId, orders: Sequence[TransferOrder]) -> list[Outcome]:
    """Post the orders inside a unit of work that the caller ends."""
    if not orders:
        return []
    connection = journal.driver(work.connection)
    state = locked_state(connection, book_id, orders)
    verdicts = judge(state, orders, now=work.now)
    written = [verdict for verdict in verdicts if verdict.result is Result.CREATED or verdict.result in LASTING]
    if not written:
        return [Outcome(verdict.result, verdict.seq, verdict.original) for verdict in verdicts]
    batch = journal.open_batch(work, book_id)
    journal.seal(work, batch, [_draft(verdict, batch.recorded_at) for verdict in written])
    positions = {verdict.order.transfer_id: seq for seq, verdict in enumerate(written, batch.first_seq)}
    _write_entries(connection, state, written, batch)
    _write_balances(connection, state, written, batch)
    return [
        Outcome(verdict.result, verdict.seq or positions.get(verdict.order.transfer_id), verdict.original)
        for verdict in verdicts
    ]


def _draft(verdict: Verdict, recorded_at: datetime) -> journal.Draft:
    """The fact of a verdict; values stand in the order of the record's columns, for this runs once per transfer."""
    order = verdict.order
    effective_at = order.effective_at or recorded_at
    asked = (order.debit_account_id, order.credit_account_id, order.amount_minor, order.currency, order.code)
    if verdict.result is Result.CREATED:
        who = (order.transfer_id, order.partner_id)
        return Transfer, (*who, *asked, effective_at, effective_at.date(), order.external_ref, order.group_id)
    refused = (order.transfer_id, order.partner_id, verdict.result)
    return RefusedTransfer, (*refused, *asked, effective_at, order.external_ref, order.group_id)


def _write_entries(
    connection: psycopg.Connection[tuple[object, ...]],
    state: BookState,
    written: Sequence[Verdict],
    batch: journal.OpenBatch,
) -> None:
    encode, rows = encoder(Entry), []
    for seq, verdict in enumerate(written, batch.first_seq):
        if verdict.debit_sums is None or verdict.credit_sums is None:
            continue
        order = verdict.order
        booked_on: date = (order.effective_at or batch.recorded_at).date()
        sides: tuple[tuple[AccountId, Side, Sums], ...] = (
            (order.debit_account_id, Side.DEBIT, verdict.debit_sums),
            (order.credit_account_id, Side.CREDIT, verdict.credit_sums),
        )
        for account_id, side, sums in sides:
            partner_id = state.accounts[account_id].partner_id
            row = (batch.book_id, account_id, seq, partner_id, side, order.amount_minor, *sums, booked_on)
            rows.append(encode(row))
    if rows:
        journal.copy_tuples(connection, Entry, rows)


def _write_balances(
    connection: psycopg.Connection[tuple[object, ...]],
    state: BookState,
    written: Sequence[Verdict],
    batch: journal.OpenBatch,
) -> None:
    """Write each touched account once, however often the batch moved it."""
    newest: dict[AccountId, int] = {}
    for seq, verdict in enumerate(written, batch.first_seq):
        if verdict.result is Result.CREATED:
            newest[verdict.order.debit_account_id] = newest[verdict.order.credit_account_id] = seq
    touched = [state.accounts[account_id] for account_id in newest]
    connection.execute(
        """
        UPDATE balances b
        SET debits_minor = u.debits, credits_minor = u.credits, version = u.version, last_seq = u.last_seq
        FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
             AS u (account_id, debits, credits, version, last_seq)
        WHERE b.book_id = %s AND b.account_id = u.account_id
        """,
        (
            [account.account_id for account in touched],
            [account.debits_minor for account in touched],
            [account.credits_minor for account in touched],
            [account.version for account in touched],
            list(newest.values()),
            batch.book_id,
        ),
    )


def _first_line(fault: Exception) -> str:
    return str(fault).strip().split("\n", 1)[0]
