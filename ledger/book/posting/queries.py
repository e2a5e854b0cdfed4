"""Queries of the writer: read what a batch needs from the store under the lock of the book's head."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from sys import intern
from typing import Any, Final
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray

from ledger.book.judging.orders import AS_HELD, PLAIN, WHOLE_HOLD, Terms, TransferOrder
from ledger.book.judging.results import Result
from ledger.book.judging.state import AccountState, ActiveMonitor, BookState, Failed, HoldState, Known
from ledger.book.judging.sums import Sums
from ledger.book.records.accounts import AccountId, AccountNo, Frozen, Side
from ledger.book.records.monitors import Comparison, Measure
from ledger.book.records.transfers import Balancing, Kind, TransferId
from ledger.kernel.arrays import packed_array, uuid_array
from ledger.kernel.ids import BookId, PartnerId, new_id
from ledger.tenancy.records import PartnerNo

Driver = psycopg.Connection[tuple[object, ...]]


def read_accounts(
    connection: Driver, book_id: BookId, ids: Collection[AccountId], partners: Collection[PartnerId] | None = None
) -> Iterator[AccountState]:
    """Read the accounts with these ids that the partners have, or anybody in the book, with their current sums."""
    own = None if partners is None else uuid_array(partners)
    found = _rows(connection, _ACCOUNTS, book_id, uuid_array(ids), own)
    watched = [row[0] for row in found if row[15]]
    watches = _watches(connection, book_id, watched) if watched else {}
    # Values shared by many accounts are one object each, which keeps them in the processor's cache.
    shared: dict[int, PartnerId] = {}
    for row in found:
        account_id, account_no, partner_id, partner_no, currency, side, debits_within, credits_within = row[:8]
        sums = Sums(*(value or 0 for value in row[10:14]))
        yield AccountState(
            account_id=account_id,
            account_no=AccountNo(account_no),
            partner_id=shared.setdefault(partner_no, partner_id),
            partner_no=PartnerNo(partner_no),
            currency=intern(currency),
            normal_side=Side(side),
            debits_within_credits=debits_within,
            credits_within_debits=credits_within,
            credit_line_minor=row[8],
            frozen=Frozen(row[9]),
            sums=sums,
            closings=row[14],
            watches=tuple(watches.get(account_id, ())),
        )


def read_seen(connection: Driver, book_id: BookId, state: BookState, orders: Sequence[TransferOrder]) -> None:
    """Note in `state` which ids of the orders, and of the transfers that they name, the book already knows.

    Another partner's transfer is not read, so that naming it takes no longer than naming one that never was.
    """
    ids = uuid_array(order.transfer_id for order in orders)
    asked: list[Any] = [_SEEN, book_id, ids, book_id, ids, book_id, ids]
    if named := [each for order in orders if (each := _named(order)) is not None]:
        asked = [_SEEN + _OWN_NAMED, *asked[1:], *map(list, zip(*named, strict=True)), book_id]
    stored = []
    for transfer_id, seq, result, digest in _rows(connection, *asked):
        if result is None:
            stored.append(transfer_id)
        else:
            state.failed[transfer_id.int] = Failed(Result.of(result), seq, digest)
    if stored:
        for row in _rows(connection, _STORED, book_id, uuid_array(stored)):
            _note(state, row)
    to_reverse = [order.terms.reverses for order in orders if order.terms.reverses is not None]
    if to_reverse:
        state.reversed_ids.update(row[0].int for row in _rows(connection, _REVERSED, book_id, uuid_array(to_reverse)))


def any_seen(connection: Driver, book_id: BookId, sorted_ids: NDArray[np.bytes_]) -> bool:
    """Return whether the book knows any of these ids; they are given as sorted bytes."""
    asked = {"book": book_id, "ids": packed_array(sorted_ids)}
    row = connection.execute(_ANY_SEEN, asked, binary=True).fetchone()
    assert row is not None, "a question is answered"
    return bool(row[0])


def read_due(connection: Driver, book_id: BookId, *, until: datetime, limit: int) -> list[TransferOrder]:
    """Return expiries for up to `limit` open holds that are due, ordered by deadline and position."""
    return [
        TransferOrder(
            transfer_id=TransferId(new_id()),
            partner_id=partner_id,
            debit_account_id=AS_HELD,
            credit_account_id=AS_HELD,
            amount_minor=WHOLE_HOLD,
            currency="",
            code="",
            terms=Terms(kind=Kind.EXPIRY, hold_id=hold_id),
        )
        for hold_id, partner_id in _rows(connection, _DUE, book_id, until, limit)
    ]


def next_deadline(connection: Driver, book_id: BookId) -> datetime | None:
    """Return the deadline of the open hold that expires next, or None."""
    row = connection.execute(_NEXT, (book_id,), binary=True).fetchone()
    return row[0] if row else None  # type: ignore[return-value]  # the driver types a row's values as objects


def read_partner_nos(connection: Driver, book_id: BookId, ids: Collection[PartnerId]) -> dict[PartnerId, PartnerNo]:
    """Return the numbers of these partners."""
    return dict(_rows(connection, _PARTNERS, book_id, uuid_array(ids)))


def ends_with(connection: Driver, book_id: BookId, seq: int, digest: bytes) -> bool:
    """Return whether a batch with this hash ended at this position; a restored store may have another history."""
    return bool(_rows(connection, _LINK, book_id, seq, digest))


def touched_since(connection: Driver, book_id: BookId, seq: int) -> tuple[set[AccountNo], set[AccountId]]:
    """Return the accounts that changed after a position: numbers if by transfers, ids if by terms or monitors."""
    numbers = {row[0] for row in _rows(connection, _MOVED_SINCE, book_id, seq, book_id, seq)}
    ids = {row[0] for row in _rows(connection, _CHANGED_SINCE, book_id, seq, book_id, seq)}
    return numbers, ids


def _watches(connection: Driver, book_id: BookId, ids: Collection[AccountId]) -> dict[AccountId, list[ActiveMonitor]]:
    found: dict[AccountId, list[ActiveMonitor]] = {}
    for account_id, monitor_id, measure, comparison, threshold in _rows(connection, _WATCHES, book_id, uuid_array(ids)):
        watch = ActiveMonitor(monitor_id, Measure(measure), Comparison(comparison), threshold)
        found.setdefault(account_id, []).append(watch)
    return found


def _note(state: BookState, row: tuple) -> None:  # type: ignore[type-arg]  # the columns of _STORED
    """Note a stored transfer as it was ordered, and its hold if it is one."""
    order_values, (kind, hold_id, timeout_s, balancing, closes) = row[:10], row[10:15]
    (rate, template, reverses, is_forced, counterparty, tags) = row[15:21]
    seq, held, expires_at, ended_by, recorded_at, digest = row[21:]
    terms = Terms(
        kind=Kind(kind),
        hold_id=hold_id,
        timeout_s=int(timeout_s or 0),
        balancing=Balancing(balancing) if balancing else None,
        closes=Side(closes) if closes else None,
        rate=rate,
        template=template,
        reverses=reverses,
        is_forced=bool(is_forced),
    )
    wanted = PLAIN if terms == PLAIN else terms
    order = TransferOrder(*order_values)._replace(counterparty=counterparty, tags=tags, terms=wanted)
    amount, is_whole = order.amount_minor, held == order.amount_minor
    known = order._replace(amount_minor=WHOLE_HOLD) if terms.kind is Kind.POST and is_whole else order
    state.known[order.transfer_id.int] = Known(known, amount, recorded_at, seq, is_whole, digest)
    if terms.kind is Kind.HOLD:
        state.holds[order.transfer_id.int] = HoldState(
            order, amount, expires_at, seq, Kind(ended_by) if ended_by else None
        )


def _named(order: TransferOrder) -> tuple[UUID, UUID] | None:
    """Return the transfer that an order ends or reverses, and whose it must be: its partner's, or anybody's."""
    if order.terms is PLAIN or (named := order.terms.hold_id or order.terms.reverses) is None:
        return None
    return named, _ANYBODY if order.across_partners else order.partner_id


def _rows(connection: Driver, query: str, *values: object) -> Sequence[tuple]:  # type: ignore[type-arg]  # each query's row differs
    return connection.execute(query, values, binary=True).fetchall()


_ACCOUNTS: Final = """
    SELECT a.account_id, a.account_no, a.partner_id, p.partner_no, a.currency, a.normal_side,
           coalesce(t.debits_within_credits, a.debits_within_credits),
           coalesce(t.credits_within_debits, a.credits_within_debits),
           coalesce(t.credit_line_minor, a.credit_line_minor), coalesce(t.frozen, 'none'),
           e.debits_minor, e.credits_minor, e.pending_debits_minor, e.pending_credits_minor,
           (SELECT count(*) FROM open_holds h WHERE h.book_id = a.book_id AND h.closed_account_no = a.account_no),
           EXISTS (SELECT 1 FROM monitors m WHERE m.book_id = a.book_id AND m.account_id = a.account_id)
    FROM accounts a
    JOIN partners p ON p.book_id = a.book_id AND p.partner_id = a.partner_id
    LEFT JOIN LATERAL (
        SELECT * FROM account_terms t WHERE t.book_id = a.book_id AND t.account_id = a.account_id
        ORDER BY t.seq DESC LIMIT 1
    ) t ON true
    LEFT JOIN LATERAL (
        SELECT * FROM entries e WHERE e.book_id = a.book_id AND e.account_no = a.account_no
        ORDER BY e.seq DESC LIMIT 1
    ) e ON true
    WHERE (a.book_id = %s) IS NOT FALSE AND a.account_id = ANY(%s) AND (a.partner_id = ANY(%s::uuid[])) IS NOT FALSE
"""
_WATCHES: Final = """
    SELECT account_id, monitor_id, measure, comparison, threshold_minor
    FROM (
        SELECT DISTINCT ON (monitor_id) * FROM monitors WHERE book_id = %s AND account_id = ANY(%s)
        ORDER BY monitor_id, seq DESC
    ) newest
    WHERE is_watching ORDER BY seq
"""
_SEEN: Final = """
    SELECT transfer_id, seq, NULL, NULL FROM transfers WHERE (book_id = %s) IS NOT FALSE AND transfer_id = ANY(%s)
    UNION ALL
    SELECT transfer_id, seq, result, content_hash FROM refused_transfers
    WHERE (book_id = %s) IS NOT FALSE AND transfer_id = ANY(%s)
    UNION ALL
    SELECT request_id, CASE WHEN refusal_code IS NULL THEN answered_seq END, 'exists_with_different_content',
           content_hash
    FROM answered_requests
    WHERE (book_id = %s) IS NOT FALSE AND request_id = ANY(%s)
"""
_ANYBODY: Final = UUID(int=0)
_OWN_NAMED: Final = """
    UNION ALL
    SELECT t.transfer_id, t.seq, NULL, NULL FROM unnest(%s::uuid[], %s::uuid[]) AS n (transfer_id, partner_id)
    CROSS JOIN LATERAL (
        SELECT transfer_id, seq, partner_no FROM transfers t
        WHERE (t.book_id = %s) IS NOT FALSE AND t.transfer_id = n.transfer_id OFFSET 0
    ) t
    WHERE n.partner_id = '00000000-0000-0000-0000-000000000000' OR EXISTS (
        SELECT FROM partners p WHERE p.partner_id = n.partner_id AND p.partner_no = t.partner_no
    )
"""
_ANY_SEEN: Final = """
    SELECT EXISTS (SELECT FROM transfers WHERE (book_id = %(book)s) IS NOT FALSE AND transfer_id = ANY(%(ids)s))
        OR EXISTS (SELECT FROM refused_transfers WHERE (book_id = %(book)s) IS NOT FALSE AND transfer_id = ANY(%(ids)s))
        OR EXISTS (SELECT FROM answered_requests WHERE (book_id = %(book)s) IS NOT FALSE AND request_id = ANY(%(ids)s))
"""
# Each is looked up by both columns of its key in a query of its own: in a join without statistics, PostgreSQL takes "of
# this book" to be selective, and reads all accounts of the book for each transfer.
_STORED: Final = """
    SELECT t.transfer_id,
           (SELECT partner_id FROM partners p WHERE p.book_id = t.book_id AND p.partner_no = t.partner_no),
           (SELECT account_id FROM accounts a WHERE a.book_id = t.book_id AND a.account_no = t.debit_account_no),
           (SELECT account_id FROM accounts a WHERE a.book_id = t.book_id AND a.account_no = t.credit_account_no),
           t.amount_minor, t.currency, t.code, nullif(t.effective_at, t.recorded_at), t.external_ref, t.group_id,
           t.kind, h.transfer_id, extract(epoch FROM t.expires_at - t.recorded_at)::bigint, t.balancing, t.closes,
           t.rate, t.template,
           (SELECT transfer_id FROM transfers r WHERE r.book_id = t.book_id AND r.seq = t.reverses_seq),
           t.is_forced, t.counterparty, t.tags, t.seq, h.amount_minor, t.expires_at,
           (SELECT kind FROM transfers e WHERE e.book_id = t.book_id AND e.hold_seq = t.seq), t.recorded_at,
           t.content_hash
    FROM transfers t
    LEFT JOIN LATERAL (
        SELECT transfer_id, amount_minor FROM transfers h WHERE h.book_id = t.book_id AND h.seq = t.hold_seq LIMIT 1
    ) h ON true
    WHERE (t.book_id = %s) IS NOT FALSE AND t.transfer_id = ANY(%s)
"""
_REVERSED: Final = """
    SELECT t.transfer_id FROM transfers t JOIN transfers r ON r.book_id = t.book_id AND r.reverses_seq = t.seq
    WHERE (t.book_id = %s) IS NOT FALSE AND t.transfer_id = ANY(%s)
"""
_DUE: Final = """
    SELECT t.transfer_id, p.partner_id
    FROM open_holds o
    JOIN transfers t ON t.book_id = o.book_id AND t.seq = o.seq
    JOIN partners p ON p.book_id = t.book_id AND p.partner_no = t.partner_no
    WHERE o.book_id = %s AND o.expires_at <= %s
    ORDER BY o.expires_at, o.seq LIMIT %s
"""
_NEXT: Final = "SELECT min(expires_at) FROM open_holds WHERE book_id = %s AND expires_at IS NOT NULL"
_PARTNERS: Final = "SELECT partner_id, partner_no FROM partners WHERE book_id = %s AND partner_id = ANY(%s)"
_LINK: Final = "SELECT 1 FROM journal_batches WHERE book_id = %s AND seq = %s AND hash = %s"
_MOVED_SINCE: Final = """
    SELECT debit_account_no FROM transfers WHERE book_id = %s AND seq > %s
    UNION
    SELECT credit_account_no FROM transfers WHERE book_id = %s AND seq > %s
"""
_CHANGED_SINCE: Final = """
    SELECT account_id FROM account_terms WHERE book_id = %s AND seq > %s
    UNION
    SELECT account_id FROM monitors WHERE book_id = %s AND seq > %s
"""
