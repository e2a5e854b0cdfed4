"""The account cache of a book writer: sums, numbers of partners and actors, true while the head stands still."""

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
"""How many accounts are remembered: some 100 MB."""

BEHIND_MAX: Final = 20_000
"""How far another writer may have gone before it is cheaper to forget everything."""


class AccountCache:
    """What one process knows of a book: a copy, which is thrown away whenever anything goes wrong.

    `stands_at` is the position and hash of the head that it is true for; `deadline` is when the next open hold is due.
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
        """Whether nobody else wrote since this was true."""
        return self.stands_at == (head.last_seq, head.last_hash)

    def follows(self, connection: Driver, head: Head) -> bool:
        """Whether it can be brought up to the head: it is not far behind, and the history is the one that it knows."""
        seq, digest = self.stands_at or (0, b"")
        return 0 < head.last_seq - seq <= BEHIND_MAX and ends_with(connection, self._book_id, seq, digest)

    def catch_up(self, connection: Driver) -> None:
        """Forget the accounts that other writers changed, learn the calendar, and when the next hold is due."""
        if self.stands_at is not None:
            numbers, ids = touched_since(connection, self._book_id, self.stands_at[0])
            self.accounts.drop_numbers(numbers)
            for account_id in ids:
                self.accounts.drop(account_id.int)
        if (rules := day_rules(connection, self._book_id)) != self.calendar.rules:
            self.calendar = Calendar(rules)
        self.learn_deadline(connection)

    def learn_deadline(self, connection: Driver) -> None:
        """Ask when the next open hold is due."""
        self.deadline = next_deadline(connection, self._book_id)

    def learn_accounts(self, connection: Driver, keys: Collection[int]) -> None:
        """Read the accounts, by the integers of their ids, that are not remembered, and exist."""
        places = self.accounts.places
        missing = [AccountId(UUID(int=key)) for key in set(keys) if key not in places]
        if missing:
            self.accounts.drop_oldest(len(places) + len(missing) - ACCOUNTS_MAX, keep=set(keys))
            self.accounts.add(read_accounts(connection, self._book_id, missing))

    def learn_partners(self, connection: Driver, ids: Collection[PartnerId]) -> None:
        """Read the numbers of the partners that are not remembered, and exist."""
        if missing := set(ids) - self.partners.keys():
            self.partners.update(read_partner_nos(connection, self._book_id, missing))

    def learn_actors(self, connection: Driver, names: Collection[str]) -> list[Draft]:
        """Learn the number of each name; the facts that register those that are new to the book."""
        missing = set(names) - self.actors.keys()
        if not missing:
            return []
        numbers, drafts = registered_actors(connection, self._book_id, missing)
        self.actors.update(numbers)
        return drafts
