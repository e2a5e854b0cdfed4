"""The state of a book as columns, which the columnar judge reads."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from ledger.book.columnar.accounts import AccountColumns
from ledger.journal.records import ActorNo
from ledger.kernel.calendar import Calendar
from ledger.kernel.ids import PartnerId
from ledger.tenancy.records import PartnerNo


class BookColumns(NamedTuple):
    """The columnar counterpart of `BookState`: accounts, numbers of partners and actors, the head at `now`."""

    accounts: AccountColumns
    partners: Mapping[PartnerId, PartnerNo]
    actors: Mapping[str, ActorNo]
    calendar: Calendar
    now: datetime
    closed_until_on: date | None
    imported_until_at: datetime | None
