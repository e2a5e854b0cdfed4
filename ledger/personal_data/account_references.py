"""References of accounts: a customer's account stores its reference as sealed text, and is found by the clear text.

A reference is a subject of its own, which is forgotten together with the customer. A book that an earlier version wrote
has some in clear text: facts cannot be sealed afterwards, so each lookup tries the sealed text first, then the clear.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from ledger.book.accounts.accounts import AccountOrder, accounts_named, require_reference
from ledger.book.reading.subjects import references_of_customers
from ledger.book.records.accounts import AccountId
from ledger.journal import journal
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.work import Reader, Work
from ledger.tenancy.records import CustomerId
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue, subject_of
from ledger.vault.vault import Vault

_COLUMN: Final = "accounts.external_ref"
"""The column, which sealed text is bound to."""

_ANY_PARTNER: Final = PartnerId(derived_id(_COLUMN))
"""Stands for the partner: a reference is unique in its book, and operators find it without knowing the partner."""


class OwnedReference(NamedTuple):
    """The sealed reference of an account, and the customer who owns the account."""

    owner: SubjectId
    value: PersonalValue


def reference_value(text: str) -> PersonalValue:
    """Return the vault's value for a reference of an account, in clear or as sealed text."""
    return PersonalValue(_ANY_PARTNER, _COLUMN, text)


def with_stored_references(
    work: Work, vault: Vault, book_id: BookId, orders: Sequence[AccountOrder]
) -> list[AccountOrder]:
    """Return the orders with references as the book stores them: sealed for customers' accounts.

    The book's lock is held from here on, so that no other opening takes the same reference.
    """
    for order in orders:
        require_reference(order.external_ref)
    clear = [order.external_ref for order in orders]
    sealed = _found_texts(vault, book_id, clear)
    owned = [order.external_ref for order in orders if order.customer_id is not None]
    fresh = dict(zip(owned, vault.seal(book_id, [reference_value(each) for each in owned]), strict=True))

    journal.open_batch(work, book_id)
    standing = accounts_named(Reader(work.connection), book_id, {*clear, *sealed.values(), *fresh.values()})

    def stored(reference: str) -> str:
        candidates = (fresh.get(reference), sealed.get(reference), reference)
        stands = next((each for each in candidates if each in standing), None)
        return stands or fresh.get(reference, reference)

    return [order._replace(external_ref=stored(order.external_ref)) for order in orders]


def account_ids(reader: Reader, vault: Vault, book_id: BookId, references: Collection[str]) -> dict[str, AccountId]:
    """Return the accounts of these clear references by reference, within the reader's scope."""
    sealed = _found_texts(vault, book_id, references)
    found = accounts_named(reader, book_id, {*references, *sealed.values()})
    named = ((each, found.get(sealed.get(each, each)) or found.get(each)) for each in references)
    return {reference: account_id for reference, account_id in named if account_id is not None}


def opened_references(vault: Vault, book_id: BookId, texts: Sequence[str]) -> list[str | None]:
    """Open stored references, in order; None for a customer who was forgotten."""
    sealed = [reference_value(text) for text in texts if subject_of(text) is not None]
    says = iter(vault.open_sealed(book_id, sealed))
    return [text if subject_of(text) is None else next(says) for text in texts]


def owned_references(reader: Reader, book_id: BookId) -> Iterator[Sequence[OwnedReference]]:
    """Yield every sealed reference with its owner, in batches."""
    for some in references_of_customers(reader, book_id):
        yield [OwnedReference(SubjectId(owner), reference_value(text)) for owner, text in some if subject_of(text)]


def reference_owners(reader: Reader, book_id: BookId, owners: Collection[SubjectId]) -> dict[SubjectId, SubjectId]:
    """Return the subjects of the references of these customers' accounts, each with its customer."""
    customers = [CustomerId(each) for each in owners]
    found = (each for some in references_of_customers(reader, book_id, customers) for each in some)
    return {subject_id: SubjectId(owner) for owner, text in found if (subject_id := subject_of(text)) is not None}


def _found_texts(vault: Vault, book_id: BookId, references: Collection[str]) -> dict[str, str]:
    """Return the sealed text of each reference that an account may have had."""
    texts = vault.find_each(book_id, [reference_value(each) for each in references])
    return {reference: text for reference, text in zip(references, texts, strict=True) if text is not None}
