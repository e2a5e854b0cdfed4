"""The book as columns see it: what a batch of plain transfers is judged by."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from ledger.book.columnar.accounts import AccountColumns
from ledger.journal.records import ActorNo
from ledger.kernel.calendar import Calendar
from ledger.kernel.ids import PartnerId
from ledger.tenancy.records import PartnerNo


class BookColumns(NamedTuple):
    """What `BookState` is to the readable judge: accounts, the numbers of names, and the marks of the head at `now`."""

    accounts: AccountColumns
    partners: Mapping[PartnerId, PartnerNo]
    actors: Mapping[str, ActorNo]
    calendar: Calendar
    now: datetime
    closed_until_on: date | None
    imported_until_at: datetime | None
