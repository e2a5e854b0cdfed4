"""Opens accounts together with the customers who own them, and a partner's own accounts on first use."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from ledger.book.accounts import accounts
from ledger.book.accounts.accounts import AccountOrder, OpenedAccount
from ledger.book.reading import balances
from ledger.book.records.accounts import AccountId, AccountKind, Side
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.work import Reader, Work, begin, read
from ledger.personal_data.account_references import with_stored_references
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.public_ids import public
from ledger.tenancy.partners import partner
from ledger.vault.vault import Vault


class OwnAccount(NamedTuple):
    """An account of the partner itself, one per currency: for liquidity, or for control.

    A liquidity account holds the partner's money in a currency that it exchanges; it may go below zero, until its terms
    say otherwise. A control account is empty between groups: it pays out no more in a group than it gets in it.
    """

    book_id: BookId
    partner_id: PartnerId
    kind: AccountKind
    currency: str

    @property
    def account_id(self) -> AccountId:
        """The id, derived from book, partner, kind and currency."""
        return AccountId(derived_id(self.book_id, self.partner_id, "own", self.kind, self.currency))


def open_accounts(work: Work, vault: Vault, book_id: BookId, orders: Sequence[AccountOrder]) -> list[OpenedAccount]:
    """Open the accounts that the book does not have, customers' ones under sealed references; return one answer each.

    Raises `IdempotencyConflict`, naming the fields that differ, if an id or reference is known with other content.
    """
    return accounts.open_accounts(work, book_id, with_stored_references(work, vault, book_id, orders))


def open_account(
    work: Work, vault: Vault, book_id: BookId, order: AccountOrder, *, owner: CustomerOrder | None = None
) -> OpenedAccount:
    """Open an account together with the customer who owns it; a new customer is registered.

    Both are recorded, or neither. Raises `IdempotencyConflict` if either exists with other content.
    """
    if owner is not None:
        assert owner.partner_id == order.partner_id
        (customer_id,) = register_customers(work, vault, book_id, [owner]).values()
        order = order._replace(customer_id=customer_id)
    (opened,) = open_accounts(work, vault, book_id, [order])
    return opened


def open_on_first_use(engine: sa.Engine, wanted: Collection[OwnAccount], *, actor: str) -> None:
    """Open the accounts that do not exist yet, in a unit of work of its own, so that transfers can follow.

    Raises `NotFound` if there is no such partner, and `UnknownCurrency`.
    """
    with read(engine) as reader:
        missing = [each for each in wanted if balances.account(reader, each.book_id, each.account_id) is None]
    if missing:
        with begin(engine, actor=actor) as work:
            for each in missing:
                accounts.open_accounts(work, each.book_id, [_order(work, each)])


def _order(work: Work, own: OwnAccount) -> AccountOrder:
    owner = partner(Reader(work.connection), own.book_id, own.partner_id)
    if owner is None:
        raise NotFound(f"there is no partner {public('partner', own.partner_id)}")
    controls = own.kind is AccountKind.CONTROL
    return AccountOrder(
        own.account_id,
        own.partner_id,
        customer_id=None,
        external_ref=f"{owner.external_ref}:{own.kind}:{own.currency}",
        currency=own.currency,
        kind=own.kind,
        normal_side=Side.DEBIT if controls else Side.CREDIT,
        credits_within_debits=controls,
    )
