"""The account cache of a book writer: sums, numbers of partners and actors, true while the head stands still."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.state import AccountState
from ledger.book.posting.queries import Driver, ends_with, next_deadline, read_accounts, read_partner_nos, touched_since
from ledger.book.records.accounts import AccountNo
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
        self.accounts: dict[int, AccountState] = {}
        self.partners: dict[PartnerId, PartnerNo] = {}
        self.actors: dict[str, ActorNo] = {}
        self._keys: dict[AccountNo, int] = {}

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
            keys = [account_id.int for account_id in ids]
            for key in [*keys, *(self._keys[number] for number in numbers & self._keys.keys())]:
                self._drop(key)
        if (rules := day_rules(connection, self._book_id)) != self.calendar.rules:
            self.calendar = Calendar(rules)
        self.learn_deadline(connection)

    def learn_deadline(self, connection: Driver) -> None:
        """Ask when the next open hold is due."""
        self.deadline = next_deadline(connection, self._book_id)

    def learn_accounts(self, connection: Driver, orders: Sequence[TransferOrder]) -> None:
        """Read the accounts of the orders that are not remembered, and exist."""
        accounts = self.accounts
        missing = {order.debit_account_id for order in orders if order.debit_account_id.int not in accounts}
        missing |= {order.credit_account_id for order in orders if order.credit_account_id.int not in accounts}
        if missing:
            self._make_room(len(missing), keep=orders)
            for account in read_accounts(connection, self._book_id, missing):
                self.accounts[account.account_id.int] = account
                self._keys[account.account_no] = account.account_id.int

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

    def _make_room(self, count: int, *, keep: Sequence[TransferOrder]) -> None:
        surplus = len(self.accounts) + count - ACCOUNTS_MAX
        if surplus > 0:
            kept = {
                account_id.int for order in keep for account_id in (order.debit_account_id, order.credit_account_id)
            }
            for key in list(islice((key for key in self.accounts if key not in kept), surplus)):
                self._drop(key)

    def _drop(self, key: int) -> None:
        if (account := self.accounts.pop(key, None)) is not None:
            del self._keys[account.account_no]
