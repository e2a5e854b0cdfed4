"""The state that a batch is judged in: read from the store under lock."""

from collections.abc import Sequence

import psycopg

from ledger.book.judge import AccountState, BookState, Failed, Known
from ledger.book.orders import TransferOrder
from ledger.book.results import Result
from ledger.kernel.ids import BookId

_ACCOUNTS = """
    SELECT b.account_id, b.partner_id, a.currency, a.debits_within_credits, a.credits_within_debits,
           b.debits_minor, b.credits_minor, b.version
    FROM balances b JOIN accounts a USING (book_id, account_id)
    WHERE b.book_id = %s AND b.account_id = ANY(%s::uuid[])
    ORDER BY b.account_id
    FOR NO KEY UPDATE OF b
"""
_KNOWN = """
    SELECT transfer_id, partner_id, debit_account_id, credit_account_id, amount_minor, currency, code,
           nullif(effective_at, recorded_at), external_ref, group_id, seq
    FROM transfers WHERE book_id = %s AND transfer_id = ANY(%s::uuid[])
"""
_FAILED = "SELECT transfer_id, result, seq FROM refused_transfers WHERE book_id = %s AND transfer_id = ANY(%s::uuid[])"

Driver = psycopg.Connection[tuple[object, ...]]


def locked_state(connection: Driver, book_id: BookId, orders: Sequence[TransferOrder]) -> BookState:
    """Lock the accounts that the orders touch, in id order, and read all that the judge needs.

    The ids are looked up in statements after the lock: a wait inside a statement does not refresh what it sees.
    """
    touched = {order.debit_account_id for order in orders} | {order.credit_account_id for order in orders}
    accounts = _rows(connection, _ACCOUNTS, book_id, sorted(touched))
    ids = sorted({order.transfer_id for order in orders})
    state = BookState({row[0]: AccountState(*row) for row in accounts})
    state.known = {row[0]: Known(TransferOrder(*row[:10]), row[10]) for row in _rows(connection, _KNOWN, book_id, ids)}
    state.failed = {row[0]: Failed(Result(row[1]), row[2]) for row in _rows(connection, _FAILED, book_id, ids)}
    return state


def _rows(connection: Driver, query: str, book_id: BookId, ids: Sequence[object]) -> Sequence[tuple]:  # type: ignore[type-arg]  # each query's row differs
    return connection.execute(query, (book_id, list(ids)), binary=True).fetchall()
