"""The cached accounts of a writer, as columns: the only copy of their sums between batches.

The columnar judge reads and writes the columns. The readable judge borrows accounts: it gets each one as an
`AccountState` with its sums, and the results are written back into the columns. So the two can never disagree.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Final

import numpy as np

from ledger.book.columnar.arrays import BoolArray, IntArray
from ledger.book.judging.state import STOPS_CREDITS, STOPS_DEBITS, AccountState
from ledger.book.judging.sums import Sums
from ledger.book.records.accounts import AccountNo
from ledger.kernel.ids import PartnerId

DEBITS, CREDITS, PENDING_DEBITS, PENDING_CREDITS, CLOSINGS = range(5)
"""The columns of an account's changing values: its sums in minor units, and the number of open holds that close it."""

_TERMS: Final = np.dtype(
    [
        ("account_no", np.int32),
        ("partner_no", np.int32),
        ("currency", np.int32),
        ("credit_line_minor", np.int64),
        ("debits_within_credits", np.bool_),
        ("credits_within_debits", np.bool_),
        ("stops_debits", np.bool_),
        ("stops_credits", np.bool_),
        ("is_watched", np.bool_),
    ]
)
"""The terms of an account. A currency is a number that `AccountColumns` assigned."""
_FIRST_PLACES: Final = 1024


class AccountColumns:
    """Cached accounts in rows of arrays; an account keeps its row while it is cached, and is found by its integer."""

    def __init__(self) -> None:
        self.places: dict[int, int] = {}
        self.currencies: dict[str, int] = {}
        self.partner_ids: dict[int, PartnerId] = {}
        """The partners by number: of all accounts that were added, and of those that the cache has learnt."""
        self.moving = np.zeros((_FIRST_PLACES, 5), np.int64)
        self.terms = np.zeros(_FIRST_PLACES, _TERMS)
        self._states: list[AccountState] = []
        self._free: list[int] = []
        self._keys: dict[AccountNo, int] = {}

    def __len__(self) -> int:
        return len(self.places)

    def add(self, states: Iterable[AccountState]) -> None:
        """Add accounts that are not cached yet."""
        added = list(states)
        places = [self._new_place(state) for state in added]
        if added:
            self.terms[places] = np.array([self._terms_of(state) for state in added], _TERMS)
            self.moving[places] = [_moving(state) for state in added]
            self.partner_ids.update((state.partner_no, state.partner_id) for state in added)

    def of_others(self, keys: Iterable[int], partners: Collection[int]) -> list[int]:
        """Return the cached accounts of these keys that none of the partners has."""
        known = ((key, self.places.get(key)) for key in keys)
        return [key for key, at in known if at is not None and self._states[at].partner_id.int not in partners]

    def drop(self, key: int) -> None:
        """Remove an account, if it is cached."""
        if (place := self.places.pop(key, None)) is not None:
            del self._keys[self._states[place].account_no]
            self._free.append(place)

    def drop_numbers(self, numbers: Iterable[AccountNo]) -> None:
        """Remove the accounts with these numbers."""
        for number in numbers:
            if (key := self._keys.get(number)) is not None:
                self.drop(key)

    def drop_oldest(self, count: int, *, keep: Collection[int]) -> None:
        """Remove up to `count` accounts, oldest first, except those in `keep`."""
        for key in list(islice((key for key in self.places if key not in keep), max(count, 0))):
            self.drop(key)

    def lend(self, keys: Iterable[int]) -> dict[int, AccountState]:
        """Return the cached accounts of these keys with their current sums; valid until columns are judged again."""
        lent = {key: place for key in keys if (place := self.places.get(key)) is not None}
        states = {key: self._states[place] for key, place in lent.items()}
        for state, (*sums, closings) in zip(states.values(), self.moving[list(lent.values())].tolist(), strict=True):
            state.sums, state.closings = Sums(*sums), closings
        return states

    def take_back(self, lent: dict[int, AccountState]) -> None:
        """Write the sums of lent accounts back into the columns."""
        if lent:
            self.moving[[self.places[key] for key in lent]] = list(map(_moving, lent.values()))

    def currency_no(self, currency: str) -> int:
        """Return the number of a currency, or -1 if no account has it."""
        return self.currencies.get(currency, -1)

    def watched(self, places: IntArray) -> Iterator[tuple[int, AccountState]]:
        """Yield the accounts with monitors in these rows, with their terms only; their sums are in the columns."""
        for place in places[self.terms["is_watched"][places]].tolist():
            yield place, self._states[place]

    def stopped(self, places: IntArray, name: str) -> BoolArray:
        """Return which of these accounts are closed, or frozen on a side: `stops_debits` or `stops_credits`."""
        is_stopped: BoolArray = self.terms[name][places] | (self.moving[places, CLOSINGS] > 0)
        return is_stopped

    def _new_place(self, state: AccountState) -> int:
        key = state.account_id.int
        assert key not in self.places, "an account is remembered once"
        if self._free:
            place = self._free.pop()
            self._states[place] = state
        else:
            place = len(self._states)
            self._states.append(state)
            if place == len(self.terms):
                self.moving = np.concatenate((self.moving, np.zeros_like(self.moving)))
                self.terms = np.concatenate((self.terms, np.zeros_like(self.terms)))
        self.places[key], self._keys[state.account_no] = place, key
        return place

    def _terms_of(self, state: AccountState) -> tuple[object, ...]:
        return (
            state.account_no,
            state.partner_no,
            self.currencies.setdefault(state.currency, len(self.currencies)),
            state.credit_line_minor,
            state.debits_within_credits,
            state.credits_within_debits,
            state.frozen in STOPS_DEBITS,
            state.frozen in STOPS_CREDITS,
            bool(state.watches),
        )


def _moving(state: AccountState) -> tuple[int, ...]:
    return (*state.sums, state.closings)
