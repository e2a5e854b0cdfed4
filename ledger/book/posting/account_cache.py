"""The account cache of a book writer: sums, numbers of partners and actors; valid for one position of the head."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from ledger.book.columnar.accounts import AccountColumns
from ledger.book.posting.queries import Driver, ends_with, next_deadline, read_accounts, read_partner_nos, touched_since
from ledger.book.records.accounts import AccountId
from ledger.journal.actors import registered_actors
from ledger.journal.journal import Draft, Head
from ledger.journal.records import ActorNo
from ledger.kernel.calendar import Calendar
from ledger.kernel.ids import BookId, PartnerId
from ledger.tenancy.calendars import day_rules
from ledger.tenancy.records import PartnerNo

ACCOUNTS_MAX: Final = 200_000
"""Maximum number of cached accounts: some 100 MB."""

BEHIND_MAX: Final = 20_000
"""Maximum number of positions to catch up with; beyond that, starting with an empty cache is cheaper."""


class AccountCache:
    """A copy of the book's state in one process, discarded on any error.

    `stands_at` is the position and hash of the head for which it is valid; `deadline` is when the next open hold
    expires.
    """

    def __init__(self, book_id: BookId) -> None:
        self._book_id = book_id
        self.stands_at: tuple[int, bytes] | None = None
        self.deadline: datetime | None = None
        self.calendar = Calendar()
        self.accounts = AccountColumns()
        self.partners: dict[PartnerId, PartnerNo] = {}
        self.actors: dict[str, ActorNo] = {}

    def is_at(self, head: Head) -> bool:
        """Return whether nobody else has written since the cache was valid."""
        return self.stands_at == (head.last_seq, head.last_hash)

    def follows(self, connection: Driver, head: Head) -> bool:
        """Return whether the cache can catch up with the head: it is not far behind, and the history is the same."""
        seq, digest = self.stands_at or (0, b"")
        return 0 < head.last_seq - seq <= BEHIND_MAX and ends_with(connection, self._book_id, seq, digest)

    def catch_up(self, connection: Driver) -> None:
        """Drop the accounts that other writers changed, and read the calendar and the next deadline."""
        if self.stands_at is not None:
            numbers, ids = touched_since(connection, self._book_id, self.stands_at[0])
            self.accounts.drop_numbers(numbers)
            for account_id in ids:
                self.accounts.drop(account_id.int)
        if (rules := day_rules(connection, self._book_id)) != self.calendar.rules:
            self.calendar = Calendar(rules)
        self.learn_deadline(connection)

    def learn_deadline(self, connection: Driver) -> None:
        """Read the deadline of the next open hold."""
        self.deadline = next_deadline(connection, self._book_id)

    def learn_accounts(
        self,
        connection: Driver,
        keys: Collection[int],
        partners: Collection[PartnerId] | None = None,
        *,
        beside: Collection[int] = (),
    ) -> None:
        """Read the accounts with these integer ids that the partners have, or anybody, and that are not cached.

        Those that are needed `beside` them stay.

        An account that is cached, and that none of the partners has, is asked for in vain, as one that never was: so
        that naming it takes the same.
        """
        places, own = self.accounts.places, None if partners is None else {each.int for each in partners}
        missing = [key for key in keys if key not in places]
        others = [] if own is None else self.accounts.of_others(keys, own)
        if missing or others:
            self.accounts.drop_oldest(len(places) + len(missing) - ACCOUNTS_MAX, keep={*keys, *beside})
            ids = [AccountId(UUID(int=key)) for key in (*missing, *others)]
            self.accounts.add(read_accounts(connection, self._book_id, ids, partners))

    def learn_partners(self, connection: Driver, ids: Collection[PartnerId]) -> None:
        """Read the numbers of the partners that exist and are not cached."""
        if missing := set(ids) - self.partners.keys():
            self.partners.update(found := read_partner_nos(connection, self._book_id, missing))
            self.accounts.partner_ids.update((number, partner_id) for partner_id, number in found.items())

    def learn_actors(self, connection: Driver, names: Collection[str]) -> list[Draft]:
        """Read the number of each actor, and return the facts that register actors new to the book."""
        missing = set(names) - self.actors.keys()
        if not missing:
            return []
        numbers, drafts = registered_actors(connection, self._book_id, missing)
        self.actors.update(numbers)
        return drafts
