"""Columnar posting: posts a batch of plain transfers by columns, under the lock of the head, or declines it."""

from collections.abc import Sequence
from functools import partial
from itertools import count, repeat
from typing import Final

import numpy as np

from ledger.book.columnar.accounts import AccountColumns
from ledger.book.columnar.batch import Constant, OrderColumns, given_values, order_columns
from ledger.book.columnar.book import BookColumns
from ledger.book.columnar.decline import Decline
from ledger.book.columnar.encoding import Position, encode
from ledger.book.columnar.judge import judge_columns, store_sums
from ledger.book.columnar.transfers import PlainTransfers, account_places, not_plain, read_transfers
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome, Recording, Result
from ledger.book.posting.account_cache import AccountCache
from ledger.book.posting.queries import Driver, any_seen
from ledger.book.posting.tags import copy_tags
from ledger.book.records.transfers import Transfer
from ledger.journal import journal
from ledger.journal.encoded_facts import EncodedFacts, leaf_hashes
from ledger.journal.partner_runs import Runs
from ledger.kernel.instants import micros
from ledger.kernel.work import Work

_CREATED: Final = Result.CREATED


def post_columns(
    work: Work, batch: journal.OpenBatch, cache: AccountCache, orders: Sequence[TransferOrder]
) -> tuple[list[Outcome], tuple[int, bytes]] | Decline:
    """Post a batch of plain transfers that are all accepted; return their outcomes, and the head after the commit.

    If it declines, nothing was written.
    """
    connection, columns = journal.driver(work.connection), order_columns(orders)
    transfers = _read(connection, batch, cache, columns)
    if isinstance(transfers, Decline):
        return transfers
    if any_seen(connection, batch.book_id, transfers.sorted_ids):
        return Decline.ID_KNOWN
    judged = judge_columns(cache.accounts, transfers)
    if isinstance(judged, Decline):
        return judged
    position = Position(batch.book_id, batch.first_seq, micros(batch.recorded_at))
    rows = encode(cache.accounts, judged, columns, position)
    facts = EncodedFacts({Transfer: rows.tuples}, leaf_hashes(Transfer, rows.tuples, rows.proved))
    runs = _runs(cache.accounts, batch.first_seq, transfers)
    sealed = journal.seal(work, batch, facts, imported_until_at=transfers.dates.imported_until_at, runs=runs)
    _copy_tags(connection, batch, transfers, columns)
    store_sums(cache.accounts, judged)
    recording = Recording(batch.recorded_at, cache.calendar, sealed.heads)
    return _outcomes(transfers, batch.first_seq, recording), (sealed.last_seq, sealed.hash)


def _read(
    connection: Driver, batch: journal.OpenBatch, cache: AccountCache, columns: OrderColumns
) -> PlainTransfers | Decline:
    """Load the partners and accounts that the orders name, and read the orders as transfers between them."""
    size, partners = len(columns.transfer_ids), columns.partner_ids
    ordering = {each.int: each for each in given_values(partners)}.values()
    cache.learn_partners(connection, ordering)
    if (reason := not_plain(columns)) is not None:
        return reason
    own = None if any(given_values(columns.across_partners)) else ordering
    sides = columns.debit_account_ids, columns.credit_account_ids
    debit, credit = (account_places(cache.accounts.places, ids, size) for ids in sides)
    if not (is_cached := min(debit.min(), credit.min()) >= 0):
        keys = {each.int for ids in sides for each in given_values(ids)}
        cache.learn_accounts(connection, keys, own)
        debit, credit = (account_places(cache.accounts.places, ids, size) for ids in sides)
    head, now = batch.head, batch.recorded_at
    marks = head.closed_until_on, head.imported_until_at
    book = BookColumns(cache.accounts, cache.partners, cache.actors, cache.calendar, now, *marks)
    transfers = read_transfers(columns, book, debit, credit)
    if transfers is Decline.ACCOUNT_UNKNOWN and is_cached:  # another partner's: it takes what an unknown one takes
        cache.learn_accounts(connection, {each.int for ids in sides for each in given_values(ids)}, own)
    return transfers


def _runs(accounts: AccountColumns, first_seq: int, transfers: PlainTransfers) -> Runs:
    """Return the runs of transfers of the same partners: who ordered each, and whose accounts it moved."""
    terms, size = accounts.terms, len(transfers.partner_no)
    sides = [terms["partner_no"][side] for side in (transfers.debit, transfers.credit)]
    owners = np.stack([transfers.partner_no, *sides]).astype(np.int64)
    # A number that is a partner's place among all orders: equal neighbours are one fact, and steps of one are a run.
    places = np.unique(owners * size + np.arange(size))
    is_last = np.append(np.diff(places) != 1, True) | (places % size == size - 1)
    lasts = places[is_last]
    sizes = np.diff(np.flatnonzero(is_last), prepend=-1)
    numbers, seqs = lasts // size, lasts % size + first_seq
    return Runs([accounts.partner_ids[number] for number in numbers.tolist()], seqs.tolist(), sizes.tolist())


def _copy_tags(connection: Driver, batch: journal.OpenBatch, transfers: PlainTransfers, columns: OrderColumns) -> None:
    if isinstance(columns.tags, Constant) and columns.tags.value is None:
        return
    rows = zip(transfers.partner_no.tolist(), columns.tags, count(batch.first_seq), strict=False)
    copy_tags(connection, batch.book_id, ((number, tags, seq) for number, tags, seq in rows if tags is not None))


def _outcomes(transfers: PlainTransfers, first_seq: int, recording: Recording) -> list[Outcome]:
    amounts = transfers.amount_minor.tolist()
    values = zip(repeat(_CREATED), count(first_seq), repeat(None), amounts, repeat(recording), strict=False)
    return list(map(partial(tuple.__new__, Outcome), values))
