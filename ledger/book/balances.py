"""Reading accounts with their balances: now in O(1), at any position in O(log n)."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from ledger.book.tables import ACCOUNTS, BALANCES, ENTRIES
from ledger.events import journal
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
    query = _views(reader, book_id).where(ACCOUNTS.c.account_id == account_id)
    return _first(reader, query, book_id)


def account_named(reader: Reader, book_id: BookId, external_ref: str) -> AccountView | None:
    """The same by its reference."""
    query = _views(reader, book_id).where(ACCOUNTS.c.external_ref == external_ref)
    return _first(reader, query, book_id)


def accounts_page(
    reader: Reader, book_id: BookId, *, after: AccountId | None = None, limit: int = 20
) -> list[AccountView]:
    """Up to `limit` accounts in the order of their ids, behind `after`."""
    query = _views(reader, book_id).order_by(ACCOUNTS.c.account_id).limit(limit)
    if after is not None:
        query = query.where(ACCOUNTS.c.account_id > after)
    as_of_seq = journal.head(reader.connection, book_id).last_seq
    return [_view(row, as_of_seq) for row in reader.connection.execute(query)]


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


def _views(reader: Reader, book_id: BookId) -> sa.Select[tuple[object, ...]]:
    query = (
        sa.select(*ACCOUNTS.c, BALANCES.c.debits_minor, BALANCES.c.credits_minor)
        .join(
            BALANCES,
            sa.and_(BALANCES.c.book_id == ACCOUNTS.c.book_id, BALANCES.c.account_id == ACCOUNTS.c.account_id),
        )
        .where(ACCOUNTS.c.book_id == book_id)
    )
    return query if reader.partner_id is None else query.where(ACCOUNTS.c.partner_id == reader.partner_id)


def _first(reader: Reader, query: sa.Select[tuple[object, ...]], book_id: BookId) -> AccountView | None:
    row = reader.connection.execute(query).one_or_none()
    return None if row is None else _view(row, journal.head(reader.connection, book_id).last_seq)


def _view(row: sa.Row[tuple[object, ...]], as_of_seq: int) -> AccountView:
    values = row._asdict()
    stored = Account(**{name: values[name] for name in _ACCOUNT_COLUMNS})
    return AccountView(stored, values["debits_minor"], values["credits_minor"], as_of_seq)
