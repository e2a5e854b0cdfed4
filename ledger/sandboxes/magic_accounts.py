"""Opens the magic accounts of a sandbox: those that the contexts declare, found by place."""

from dataclasses import replace
from typing import Final

import sqlalchemy as sa

import ledger
from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.accounts.magic_accounts import BANK, MagicAccount
from ledger.book.accounts.terms import TermsChange, change_terms
from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId, Frozen, Side
from ledger.book.records.transfers import Kind, TransferId
from ledger.kernel.discovery import declared
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.work import Work, read
from ledger.tenancy.books import all_books
from ledger.tenancy.partners import partners_of

MAGIC_ACCOUNTS: Final = declared(ledger, MagicAccount, "*/magic_accounts.py", "*/*/magic_accounts.py")
"""Every magic account, by context."""

_CODE: Final = "sandbox"
_FOREIGN: Final = {"EUR": "USD"}
"""The currency of the foreign account by that of the book; of every other book it is the euro."""


def magic_account_id(book_id: BookId, magic: MagicAccount) -> AccountId:
    """Return the id of a magic account in a sandbox."""
    return AccountId(derived_id(book_id, "magic account", magic.name))


def magic_currency(magic: MagicAccount, currency: str) -> str:
    """Return the currency of a magic account in a sandbox with a currency."""
    return _FOREIGN.get(currency, "EUR") if magic.is_foreign else currency


def open_magic_accounts(work: Work, book_id: BookId, partner_id: PartnerId, currency: str) -> None:
    """Open the magic accounts in a new sandbox, and freeze those that are frozen."""
    own = replace(work, partner_id=partner_id)  # the unit of work may be that of the live partner
    open_accounts(own, book_id, [_order(book_id, partner_id, each, currency) for each in MAGIC_ACCOUNTS])
    for each in MAGIC_ACCOUNTS:
        if each.frozen is not Frozen.NONE:
            change = TermsChange(frozen=each.frozen)
            change_terms(own, book_id, magic_account_id(book_id, each), change, reason=each.says)


def close_magic_accounts(engine: sa.Engine, book_id: BookId) -> None:
    """Close the magic accounts that are closed ones, by a hold like any other; a second time changes nothing."""
    with read(engine) as reader:
        currency = next(book.currency for book in all_books(reader.connection) if book.book_id == book_id)
        (owner,) = partners_of(reader.connection, book_id)
    closings = [_closing(book_id, owner.partner_id, each, currency) for each in MAGIC_ACCOUNTS if each.is_closed]
    post(engine, book_id, closings)


def _order(book_id: BookId, partner_id: PartnerId, magic: MagicAccount, currency: str) -> AccountOrder:
    return AccountOrder(
        account_id=magic_account_id(book_id, magic),
        partner_id=partner_id,
        customer_id=None,
        external_ref=magic.external_ref,
        currency=magic_currency(magic, currency),
        kind=magic.kind,
        normal_side=magic.normal_side,
        debits_within_credits=magic.has_limit,
    )


def _closing(book_id: BookId, partner_id: PartnerId, magic: MagicAccount, currency: str) -> TransferOrder:
    return TransferOrder(
        transfer_id=TransferId(derived_id(book_id, "closing of a magic account", magic.name)),
        partner_id=partner_id,
        debit_account_id=magic_account_id(book_id, magic),
        credit_account_id=magic_account_id(book_id, BANK),
        amount_minor=0,
        currency=magic_currency(magic, currency),
        code=_CODE,
        terms=Terms(Kind.HOLD, closes=Side.DEBIT),
    )
