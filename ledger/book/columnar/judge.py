"""The columnar judge: computes the sums of accounts after each of many plain transfers, or declines the batch.

The entries of the batch, two for each transfer, are sorted by account. Then all sums of one account are one run of
cumulative sums that begins with the account's current sums. The checks that the readable judge makes transfer by
transfer are made for all entries at once: up to the first failure, both compute the same sums.
"""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from ledger.book.columnar.accounts import CREDITS, DEBITS, PENDING_CREDITS, PENDING_DEBITS, AccountColumns
from ledger.book.columnar.arrays import BoolArray, IntArray
from ledger.book.columnar.decline import Decline
from ledger.book.columnar.transfers import PlainTransfers
from ledger.book.judging.effects import is_true
from ledger.book.judging.state import AccountState
from ledger.book.judging.sums import Sums
from ledger.kernel.money import MINOR_MAX

_SUMS: Final = 4


class Entries(NamedTuple):
    """The entries ordered by account, then by transfer; in the batch, even entries debit and odd ones credit.

    `order` holds the index in the batch of each entry; `firsts` and `lasts` are the bounds of each account's run.
    `debits` and `credits` are the sums of the account after the entry.
    """

    order: IntArray
    account: IntArray
    firsts: IntArray
    lasts: IntArray
    debits: IntArray
    credits: IntArray


class Judged(NamedTuple):
    """A batch of accepted transfers, with the posted sums of both accounts after each, in minor units."""

    transfers: PlainTransfers
    entries: Entries
    debit_account_debits: IntArray
    debit_account_credits: IntArray
    credit_account_debits: IntArray
    credit_account_credits: IntArray


def judge_columns(accounts: AccountColumns, transfers: PlainTransfers) -> Judged | Decline:
    """Accept all transfers, or decline the batch; `accounts` are not changed."""
    if _could_overflow(accounts, transfers):
        return Decline.SUM_COULD_OVERFLOW
    entries = _entries(accounts, transfers)
    if _passes_limit(accounts, entries):
        return Decline.LIMIT_PASSED
    if _fires_monitor(accounts, entries):
        return Decline.MONITOR_FIRES
    after = np.empty((2, len(entries.order)), np.int64)
    after[0, entries.order], after[1, entries.order] = entries.debits, entries.credits
    return Judged(transfers, entries, after[0, 0::2], after[1, 0::2], after[0, 1::2], after[1, 1::2])


def store_sums(accounts: AccountColumns, judged: Judged) -> None:
    """Set the sums of the accounts to those after the transfers."""
    entries, moving = judged.entries, accounts.moving
    account, lasts = entries.account[entries.lasts], entries.lasts
    moved = int(judged.transfers.amount_minor.sum())
    more_debits = entries.debits[lasts] - moving[account, DEBITS]
    more_credits = entries.credits[lasts] - moving[account, CREDITS]
    assert min(more_debits.min(), more_credits.min()) >= 0, "a transfer makes no sum smaller"
    assert int(more_debits.sum()) == int(more_credits.sum()) == moved, "debits grow by what credits grow"
    moving[account, DEBITS], moving[account, CREDITS] = entries.debits[lasts], entries.credits[lasts]


def _could_overflow(accounts: AccountColumns, transfers: PlainTransfers) -> bool:
    """Return whether any sum could exceed the largest integer of the store; computed in Python's unbounded integers.

    No sum exceeds the largest current one plus all amounts, and at most two sums and a credit line are added up.
    """
    amount, sides = transfers.amount_minor, (transfers.debit, transfers.credit)
    assert int(amount.min()) >= 0, "amounts are looked at before"
    largest = max(int(accounts.moving[side, :_SUMS].max()) for side in sides)
    line = max(int(accounts.terms["credit_line_minor"][side].max()) for side in sides)
    return 2 * (largest + len(amount) * int(amount.max())) + line > MINOR_MAX


def _entries(accounts: AccountColumns, transfers: PlainTransfers) -> Entries:
    size = 2 * len(transfers.amount_minor)
    unordered, amounts = np.empty(size, np.int64), np.zeros((2, size), np.int64)
    unordered[0::2], unordered[1::2] = transfers.debit, transfers.credit
    amounts[0, 0::2] = amounts[1, 1::2] = transfers.amount_minor
    order = np.argsort(unordered, kind="stable")
    account = unordered[order]
    begins = np.empty(size, np.bool_)
    begins[0], begins[1:] = True, account[1:] != account[:-1]
    firsts = np.flatnonzero(begins)
    lasts = np.append(firsts[1:], size) - 1
    sums = []
    for own, column in zip(amounts[:, order], (DEBITS, CREDITS), strict=True):
        running = np.cumsum(own)
        before = accounts.moving[account[firsts], column] - (running[firsts] - own[firsts])
        sums.append(running + np.repeat(before, lasts - firsts + 1))
    return Entries(order, account, firsts, lasts, *sums)


def _passes_limit(accounts: AccountColumns, entries: Entries) -> bool:
    """Return whether a debit exceeds an account's debit limit, or a credit its credit limit."""
    account, is_debit = entries.account, entries.order % 2 == 0
    within: BoolArray = is_debit & accounts.terms["debits_within_credits"][account]
    mirrored: BoolArray = ~is_debit & accounts.terms["credits_within_debits"][account]
    at = account[within]
    debits = entries.debits[within] + accounts.moving[at, PENDING_DEBITS]
    if (debits > entries.credits[within] + accounts.terms["credit_line_minor"][at]).any():
        return True
    credits_ = entries.credits[mirrored] + accounts.moving[account[mirrored], PENDING_CREDITS]
    return bool((credits_ > entries.debits[mirrored]).any())


def _fires_monitor(accounts: AccountColumns, entries: Entries) -> bool:
    """Return whether an entry changes the condition of any monitor from false to true."""
    return any(
        _fires(account, _sums_of(accounts, place, np.flatnonzero(entries.account == place), entries))
        for place, account in accounts.watched(entries.account[entries.firsts])
    )


def _sums_of(accounts: AccountColumns, place: int, at: IntArray, entries: Entries) -> list[Sums]:
    """Return the sums of one account before the batch, and after each of its entries."""
    debits, credits_, pending_debits, pending_credits = accounts.moving[place, :_SUMS].tolist()
    posted = zip(entries.debits[at].tolist(), entries.credits[at].tolist(), strict=True)
    return [Sums(*each, pending_debits, pending_credits) for each in [(debits, credits_), *posted]]


def _fires(account: AccountState, sums: list[Sums]) -> bool:
    for watch in account.watches:
        truths = [is_true(watch, account.measured(watch.measure, each)) for each in sums]
        if any(behind and not before for before, behind in pairwise(truths)):
            return True
    return False
