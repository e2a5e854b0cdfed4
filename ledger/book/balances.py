"""Reading accounts with their balances: now in O(1), at any position in O(log n)."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from ledger.book.tables import ACCOUNTS, BALANCES, ENTRIES
from ledger.events.tables import BOOK_HEADS
from ledger.kernel.ids import AccountId, BookId
from ledger.kernel.money import Money
from ledger.kernel.work import Reader
from ledger.records.accounts import Account, Side

_ACCOUNT_COLUMNS: Final = [column.name for column in ACCOUNTS.c]


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account with the sums of its entries, true at position `as_of_seq` of its book."""

    account: Account
    debits_minor: int
    credits_minor: int
    as_of_seq: int

    @property
    def balance(self) -> Money:
        """What stands on it, counted positive on its normal side."""
        credit_balance = self.credits_minor - self.debits_minor
        sign = 1 if self.account.normal_side == Side.CREDIT else -1
        return Money(sign * credit_balance, self.account.currency)


def account(reader: Reader, book_id: BookId, account_id: AccountId) -> AccountView | None:
    """One account with its balance now; None where there is none in the reader's scope."""
    return _one(reader, _BY_ID, book_id, account_id)


def account_named(reader: Reader, book_id: BookId, external_ref: str) -> AccountView | None:
    """The same by its reference."""
    return _one(reader, _BY_REF, book_id, external_ref)


def accounts_page(
    reader: Reader, book_id: BookId, *, after: AccountId | None = None, limit: int = 20
) -> list[AccountView]:
    """Up to `limit` accounts in the order of their ids, behind `after`."""
    query = _VIEWS.order_by(ACCOUNTS.c.account_id).limit(limit)
    if reader.partner_id is not None:
        query = query.where(ACCOUNTS.c.partner_id == reader.partner_id)
    if after is not None:
        query = query.where(ACCOUNTS.c.account_id > after)
    return [_view(row) for row in reader.connection.execute(query, {"book": book_id})]


def account_at(reader: Reader, view: AccountView, position: int) -> AccountView:
    """The account as it stood at an earlier position of its book: the sums of its newest entry up to there."""
    entry = reader.connection.execute(
        sa.select(ENTRIES.c.debits_after_minor, ENTRIES.c.credits_after_minor)
        .where(
            ENTRIES.c.book_id == view.account.book_id,
            ENTRIES.c.account_id == view.account.account_id,
            ENTRIES.c.seq <= position,
        )
        .order_by(ENTRIES.c.seq.desc())
        .limit(1)
    ).one_or_none()
    debits, credits_ = (0, 0) if entry is None else (entry.debits_after_minor, entry.credits_after_minor)
    return AccountView(view.account, debits, credits_, min(position, view.as_of_seq))


def _one(
    reader: Reader, query: sa.Select[tuple[object, ...]], book_id: BookId, key: AccountId | str
) -> AccountView | None:
    asked = {"book": book_id, "partner": reader.partner_id, "key": key}
    row = reader.connection.execute(query, asked).one_or_none()
    return None if row is None else _view(row)


def _view(row: sa.Row[tuple[object, ...]]) -> AccountView:
    values = row._asdict()
    stored = Account(**{name: values[name] for name in _ACCOUNT_COLUMNS})
    return AccountView(stored, values["debits_minor"], values["credits_minor"], values["last_seq"])


_VIEWS: Final = (
    # One statement for account, balance and position: they are true together, in one round trip.
    sa.select(*ACCOUNTS.c, BALANCES.c.debits_minor, BALANCES.c.credits_minor, BOOK_HEADS.c.last_seq)
    .join(BALANCES, sa.and_(BALANCES.c.book_id == ACCOUNTS.c.book_id, BALANCES.c.account_id == ACCOUNTS.c.account_id))
    .join(BOOK_HEADS, BOOK_HEADS.c.book_id == ACCOUNTS.c.book_id)
    .where(ACCOUNTS.c.book_id == sa.bindparam("book"))
)
# «Is not false» also holds for a partner of null, which sees everything, and no index can serve it: before its first
# statistics PostgreSQL takes the index of a partner's accounts for as good as that of the key, and walks through all.
_IN_SCOPE: Final = _VIEWS.where(
    (ACCOUNTS.c.partner_id == sa.bindparam("partner", type_=ACCOUNTS.c.partner_id.type)).is_not(sa.false())
)
_BY_ID: Final = _IN_SCOPE.where(ACCOUNTS.c.account_id == sa.bindparam("key"))
_BY_REF: Final = _IN_SCOPE.where(ACCOUNTS.c.external_ref == sa.bindparam("key"))
