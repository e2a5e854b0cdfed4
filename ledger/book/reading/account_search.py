"""Finds accounts by a filter, ordered by id, page by page, with bounded work per page.

A page scans the accounts of the partner, or those of one customer, and at most `LOOKED_MAX` of them. So a page may hold
few accounts, or none, and still not be the last one: its `searched_to` is where the next page begins.
"""

from dataclasses import asdict, dataclass
from functools import cache
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from ledger.book.reading.account_views import AccountView
from ledger.book.reading.balances import accounts
from ledger.book.records.accounts import Account, AccountId, AccountKind, Frozen
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice
from ledger.kernel.sql import table
from ledger.kernel.work import Reader
from ledger.tenancy.records import CustomerId

_ACCOUNTS: Final = table(Account)
_LOWEST: Final = UUID(int=0)
_HIGHEST: Final = UUID(int=(1 << 128) - 1)

LOOKED_MAX: Final = 10_000
"""Maximum number of accounts that one page scans."""


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """The conditions of a search; those that are None do not apply."""

    kind: AccountKind | None = None
    currency: str | None = None
    customer_id: CustomerId | None = None
    frozen: Frozen | None = None
    is_closed: bool | None = None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The accounts found, in the order of the list; `searched_to` is where the search ended early, if it did."""

    views: list[AccountView]
    searched_to: AccountId | None = None


def found_accounts(reader: Reader, book_id: BookId, sought: AccountFilter, wanted: Slice[AccountId]) -> AccountPage:
    """Return a slice of the matching accounts of the reader's partner, by id, in at most three statements."""
    assert 0 < wanted.limit <= LOOKED_MAX, f"a page of {wanted.limit}"
    span = wanted.bounds(is_descending=False)
    given = {name: value for name, value in asdict(sought).items() if value is not None}
    matching, extent = _statements(frozenset(given), span.is_descending)
    asked = {"book": book_id, "partner": reader.partner_id, "limit": span.limit, "looked": LOOKED_MAX, **given}
    asked |= {"above": span.above or _LOWEST, "below": span.below or _HIGHEST}
    ids: list[AccountId] = list(reader.connection.execute(matching, asked).scalars())
    views = accounts(reader, book_id, ids) if ids else {}
    found = wanted.in_order([views[each] for each in ids])
    if len(ids) == wanted.limit:
        return AccountPage(found)
    seen = reader.connection.execute(extent, asked).one()
    return AccountPage(found, seen.furthest if seen.size == LOOKED_MAX else None)


_CONDITIONS: Final = {
    "kind": "a.kind = :kind",
    "currency": "a.currency = :currency",
    "frozen": """coalesce((
        SELECT t.frozen FROM account_terms t WHERE t.book_id = a.book_id AND t.account_id = a.account_id
        ORDER BY t.seq DESC LIMIT 1
    ), 'none') = :frozen""",
    "is_closed": """:is_closed = EXISTS (
        SELECT FROM open_holds o WHERE o.book_id = a.book_id AND o.closed_account_no = a.account_no
    )""",
}
_OF_PARTNER: Final = "SELECT * FROM accounts WHERE book_id = :book AND partner_id = :partner"
# The offset keeps the planner from walking the accounts of the partner instead of the customer's.
_OF_CUSTOMER: Final = """
    SELECT * FROM (SELECT * FROM accounts WHERE book_id = :book AND customer_id = :customer_id OFFSET 0) c
    WHERE partner_id = :partner
"""


@cache
def _statements(given: frozenset[str], is_descending: bool) -> tuple[sa.TextualSelect, sa.TextualSelect]:  # noqa: FBT001  # a key of the cache
    """Return the statements for the matching accounts of a page and for its extent; built once per set of filters."""
    direction = "DESC" if is_descending else "ASC"
    source = _OF_CUSTOMER if "customer_id" in given else _OF_PARTNER
    looked = f"{source} AND account_id > :above AND account_id < :below ORDER BY account_id {direction} LIMIT :looked"
    conditions = " AND ".join(["true", *(_CONDITIONS[name] for name in sorted(given - {"customer_id"}))])
    furthest = f"(array_agg(account_id ORDER BY account_id {'ASC' if is_descending else 'DESC'}))[1]"
    id_type = _ACCOUNTS.c.account_id.type
    ids = [sa.bindparam(name, type_=id_type) for name in ("partner", "above", "below")]
    ids += [sa.bindparam(name, type_=id_type) for name in given & {"customer_id"}]
    order = f"ORDER BY account_id {direction} LIMIT :limit"
    matching = sa.text(f"SELECT account_id FROM ({looked}) a WHERE {conditions} {order}")  # noqa: S608  # texts of ours
    extent = sa.text(f"SELECT count(*) AS size, {furthest} AS furthest FROM ({looked}) a")  # noqa: S608  # as above
    return matching.bindparams(*ids).columns(account_id=id_type), extent.bindparams(*ids).columns(furthest=id_type)
