"""Opens accounts, and finds an account within the caller's scope."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.book.records.accounts import Account, AccountId, AccountKind, Side
from ledger.journal import journal
from ledger.kernel.currencies import exponent
from ledger.kernel.errors import IdempotencyConflict, InvalidInput, NotFound
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.money import BOUND_MINOR_MAX
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.public_ids import public
from ledger.tenancy.records import CustomerId

_ACCOUNTS: Final = table(Account)

REFERENCE_MAX: Final = 200
"""Maximum length of an account's reference, in characters."""


class AccountOrder(NamedTuple):
    """An order to open an account; its id identifies a resend."""

    account_id: AccountId
    partner_id: PartnerId
    customer_id: CustomerId | None
    external_ref: str
    currency: str
    kind: AccountKind
    normal_side: Side = Side.CREDIT
    debits_within_credits: bool = False
    credits_within_debits: bool = False
    credit_line_minor: int = 0


class OpenedAccount(NamedTuple):
    """An open account, its position, and whether this call opened it."""

    account_id: AccountId
    seq: int
    created: bool


def open_accounts(work: Work, book_id: BookId, orders: Sequence[AccountOrder]) -> list[OpenedAccount]:
    """Open the accounts that the book does not have yet, and return one answer per order.

    Raises `IdempotencyConflict`, naming the fields that differ, if an id or reference is known with other content.
    """
    for order in orders:
        exponent(order.currency)
        require_credit_line(order.credit_line_minor)
        if order.customer_id is None:  # a customer's reference is sealed text, whose length was checked before sealing
            require_reference(order.external_ref)
    # The lock on the head serialises openings in one book, so what is read here still holds when the accounts are
    # written.
    batch = journal.open_batch(work, book_id)
    known = _known(work.connection, book_id, orders)
    fresh: dict[AccountId, AccountOrder] = {}
    for order in orders:
        twin = fresh.get(order.account_id) or known.get(order.account_id) or known.get(order.external_ref)
        if twin is not None:
            _require_same(order, twin)
        else:
            fresh[order.account_id] = order
    if len({order.external_ref for order in fresh.values()}) < len(fresh):
        raise IdempotencyConflict("two accounts of one request have the same reference")
    if fresh:
        newest = _newest_no(work.connection, book_id)
        drafts = [
            journal.draft(Account, account_no=number, actor=work.actor, **order._asdict())
            for number, order in enumerate(fresh.values(), newest + 1)
        ]
        journal.seal(work, batch, drafts)
    positions = {account_id: seq for seq, account_id in enumerate(fresh, batch.first_seq)}
    positions |= {account.account_id: account.seq for account in known.values()}
    return [OpenedAccount(order.account_id, positions[order.account_id], order.account_id in fresh) for order in orders]


def opened(scope: Reader | Work, book_id: BookId, account_id: AccountId) -> Account:
    """Return the account as it was opened. Raises `NotFound`, also for an account of another partner."""
    row = scope.connection.execute(_BY_ID, {"book": book_id, "account": account_id}).one_or_none()
    if row is None or scope.partner_id not in (None, row.partner_id):
        raise NotFound(f"there is no account {public('account', account_id)}")
    return Account(**row._asdict())


def accounts_named(reader: Reader, book_id: BookId, refs: Collection[str]) -> dict[str, AccountId]:
    """Return the accounts with these references by reference, within the reader's scope, in one query."""
    asked = {"book": book_id, "refs": list(refs), "partner": reader.partner_id}
    found = reader.connection.execute(_NAMED, asked)
    return {row.external_ref: AccountId(row.account_id) for row in found}


def require_reference(text: str) -> None:
    """Raise `InvalidInput` unless the text is valid as an account's reference in clear text."""
    if not 1 <= len(text) <= REFERENCE_MAX:
        raise InvalidInput(f"an account's reference has 1 to {REFERENCE_MAX} characters")


def require_credit_line(minor: int) -> None:
    """Raise `InvalidInput` unless the credit line is within the bounds that keep sums from overflowing."""
    if not 0 <= minor <= BOUND_MINOR_MAX:
        raise InvalidInput(f"a credit line of {minor} minor units is out of bounds; it is 0 to {BOUND_MINOR_MAX:,}")


def _known(
    connection: sa.Connection, book_id: BookId, orders: Sequence[AccountOrder]
) -> dict[AccountId | str, Account]:
    asked = {
        "book": book_id,
        "ids": [order.account_id for order in orders],
        "refs": [order.external_ref for order in orders],
    }
    accounts = [Account(**row._asdict()) for row in connection.execute(_KNOWN, asked)]
    return {account.account_id: account for account in accounts} | {a.external_ref: a for a in accounts}


def _require_same(order: AccountOrder, twin: Account | AccountOrder) -> None:
    differing = [name for name in order._fields if getattr(order, name) != getattr(twin, name)]
    if differing:
        raise IdempotencyConflict(
            f"an account with this key or reference exists with other content: {', '.join(differing)} differ"
        )


def _newest_no(connection: sa.Connection, book_id: BookId) -> int:
    newest: int | None = connection.execute(_NEWEST_NO, {"book": book_id}).scalar_one()
    return newest or 0


_BOOK: Final = _ACCOUNTS.c.book_id == sa.bindparam("book", type_=sa.Integer())
_IDS: Final = _ACCOUNTS.c.account_id.type
_REFS: Final = sa.bindparam("refs", type_=sa.ARRAY(sa.Text()))
_PARTNER: Final = sa.bindparam("partner", type_=_ACCOUNTS.c.partner_id.type)
_BY_ID: Final = sa.select(_ACCOUNTS).where(_BOOK, _ACCOUNTS.c.account_id == sa.bindparam("account", type_=_IDS))
_NAMED: Final = sa.select(_ACCOUNTS.c.external_ref, _ACCOUNTS.c.account_id).where(
    _BOOK, _ACCOUNTS.c.external_ref == sa.any_(_REFS), (_ACCOUNTS.c.partner_id == _PARTNER).is_not(sa.false())
)
_KNOWN: Final = sa.select(_ACCOUNTS).where(
    _BOOK,
    sa.or_(
        _ACCOUNTS.c.account_id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(_IDS))),
        _ACCOUNTS.c.external_ref == sa.any_(_REFS),
    ),
)
_NEWEST_NO: Final = sa.select(sa.func.max(_ACCOUNTS.c.account_no)).where(_BOOK)
