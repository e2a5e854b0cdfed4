"""The columnar judge: the sums of accounts after each of many plain transfers, or why it does not decide them.

The entries of the batch, two for each transfer, are put in order of account. Then all sums of one account are one run
of cumulative sums that begins with where it stands. What the readable judge asks of one transfer after the other is
asked of all entries at once: before the first that fails, both know the same sums.
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
    """The entries in order of account, then of the batch; even ones of the batch debit, odd ones credit.

    `order` says which entry of the batch stands where; `firsts` and `lasts` are the places of an account's run.
    `debits` and `credits` are the sums of the account after the entry.
    """

    order: IntArray
    account: IntArray
    firsts: IntArray
    lasts: IntArray
    debits: IntArray
    credits: IntArray


class Judged(NamedTuple):
    """Transfers that all are accepted, with the posted sums of both accounts after each, in minor units."""

    transfers: PlainTransfers
    entries: Entries
    debit_account_debits: IntArray
    debit_account_credits: IntArray
    credit_account_debits: IntArray
    credit_account_credits: IntArray


def judge_columns(accounts: AccountColumns, transfers: PlainTransfers) -> Judged | Decline:
    """Accept all transfers, or decline; `accounts` stay as they are."""
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
    """Let the accounts stand where the transfers leave them."""
    entries, moving = judged.entries, accounts.moving
    account, lasts = entries.account[entries.lasts], entries.lasts
    moved = int(judged.transfers.amount_minor.sum())
    more_debits = entries.debits[lasts] - moving[account, DEBITS]
    more_credits = entries.credits[lasts] - moving[account, CREDITS]
    assert min(more_debits.min(), more_credits.min()) >= 0, "a transfer makes no sum smaller"
    assert int(more_debits.sum()) == int(more_credits.sum()) == moved, "debits grow by what credits grow"
    moving[account, DEBITS], moving[account, CREDITS] = entries.debits[lasts], entries.credits[lasts]


def _could_overflow(accounts: AccountColumns, transfers: PlainTransfers) -> bool:
    """Whether any number that is added here could pass the largest: asked in Python's integers, which have no end.

    No sum exceeds the largest standing one and all amounts together; and at most two sums and a credit line are added.
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
    """Whether a debit leaves more debits than the account may have, or a credit more credits."""
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
    """Whether the condition of a monitor becomes true behind any entry that was not true before it."""
    return any(
        _fires(account, _sums_of(accounts, place, np.flatnonzero(entries.account == place), entries))
        for place, account in accounts.watched(entries.account[entries.firsts])
    )


def _sums_of(accounts: AccountColumns, place: int, at: IntArray, entries: Entries) -> list[Sums]:
    """The sums of one account before the batch, and behind each of its entries."""
    debits, credits_, pending_debits, pending_credits = accounts.moving[place, :_SUMS].tolist()
    posted = zip(entries.debits[at].tolist(), entries.credits[at].tolist(), strict=True)
    return [Sums(*each, pending_debits, pending_credits) for each in [(debits, credits_), *posted]]


def _fires(account: AccountState, sums: list[Sums]) -> bool:
    for watch in account.watches:
        truths = [is_true(watch, account.measured(watch.measure, each)) for each in sums]
        if any(behind and not before for before, behind in pairwise(truths)):
            return True
    return False
