"""A generated programme for benchmarks: one book with one partner and its accounts, orders, and ways to post them."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.columnar.batch import OrderBatch, order_columns
from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.judging.results import Outcome
from ledger.book.posting.committer import Committer
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.kernel.ids import BookId, PartnerId, derived_id, new_id
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical

_OPENED_AT_ONCE: Final = 10_000

Poster = Callable[[Sequence[TransferOrder]], list[Outcome]]
"""Posts one batch, durably."""


class Programme(NamedTuple):
    """A book with a partner and its accounts; the first account is the hot one."""

    book_id: BookId
    partner_id: PartnerId
    accounts: list[AccountId]


def open_programme(engine: sa.Engine, *, accounts: int) -> Programme:
    """Open a book "bench" with one partner and `accounts` accounts without limits."""
    with begin(engine, actor="bench") as work:
        book_id = open_book(work, name="bench", jurisdiction="US", currency="USD")
    return another_partner(engine, book_id, "bench", accounts=accounts)


def another_partner(engine: sa.Engine, book_id: BookId, name: str, *, accounts: int) -> Programme:
    """Register a partner in the book, with its own accounts."""
    with begin(engine, actor="bench") as work:
        partner_id = register_partners(work, book_id, [PartnerOrder(name, name, Vertical.RETAIL)])[name]
    ids = [AccountId(new_id()) for _ in range(accounts)]
    for start in range(0, accounts, _OPENED_AT_ONCE):
        orders = [
            AccountOrder(account_id, partner_id, None, f"{name}:{account_id}", "USD", AccountKind.EXTERNAL)
            for account_id in ids[start : start + _OPENED_AT_ONCE]
        ]
        with begin(engine, actor="bench") as work:
            open_accounts(work, book_id, orders)
    return Programme(book_id, partner_id, ids)


def poster(committer: Committer) -> Poster:
    """Return the book's own way to post batches: each is one request through the one writer of the process."""
    return lambda orders: committer.submit(orders).result()


def uniform_orders(programme: Programme, count: int, chance: random.Random) -> list[TransferOrder]:
    """Return orders between random pairs of accounts."""
    return [_order(programme, *chance.sample(programme.accounts, 2)) for _ in range(count)]


def hot_orders(programme: Programme, count: int, chance: random.Random) -> list[TransferOrder]:
    """Return orders that all credit the hot account."""
    hot, *others = programme.accounts
    return [_order(programme, chance.choice(others), hot) for _ in range(count)]


def _order(programme: Programme, debit: AccountId, credit: AccountId) -> TransferOrder:
    """Return an order with an id like callers' ids, which are derived from keys and not ascending."""
    transfer_id = TransferId(derived_id(programme.book_id, programme.partner_id, "transfer", new_id().hex, 0))
    return TransferOrder(transfer_id, programme.partner_id, debit, credit, 100, "USD", "bench", actor="bench")


def _beside_a_forced_one(orders: Sequence[TransferOrder]) -> Sequence[TransferOrder]:
    first, *others = orders
    return [first._replace(terms=Terms(is_forced=True)), *others]


SHAPES: Final[Mapping[str, Callable[[Programme, int, random.Random], list[TransferOrder]]]] = {
    "uniform": uniform_orders,
    "hot": hot_orders,
}
"""The distribution of a batch's orders over the accounts."""

WAYS: Final[Mapping[str, Callable[[Sequence[TransferOrder]], Sequence[TransferOrder]]]] = {
    "": lambda orders: orders,
    " as columns": lambda orders: OrderBatch(order_columns(orders)),
    " beside a forced one": _beside_a_forced_one,
}
"""The ways to post a batch: as objects, as columns of a bulk, or with one order that requires the readable judge."""
