"""Finds accounts by clear references, several at once."""

from collections.abc import Iterator, Sequence

from ledger.book.reading import balances
from ledger.book.reading.account_views import AccountView
from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader
from ledger.personal_data.account_references import reference_value
from ledger.vault.vault import Vault


def account_views(reader: Reader, vault: Vault, book_id: BookId, references: Sequence[str]) -> dict[str, AccountView]:
    """Return the accounts of these clear references in scope with their current balances, in one statement.

    A reference is stored sealed, or in clear; both are looked up, whether or not the vault knows the text.
    """
    sealed = vault.find_each(book_id, [reference_value(each) for each in references])
    found = balances.accounts_named(reader, book_id, [*references, *(each for each in sealed if each is not None)])
    named = (
        (clear, found.get(text or clear) or found.get(clear)) for clear, text in zip(references, sealed, strict=True)
    )
    return {clear: view for clear, view in named if view is not None}


def account_view(reader: Reader, vault: Vault, book_id: BookId, reference: str) -> AccountView | None:
    """Return the account of a clear reference with its current balance, or None if there is none in scope."""
    views = (balances.account_named(reader, book_id, each) for each in stored_forms(vault, book_id, reference))
    return next((view for view in views if view is not None), None)


def stored_forms(vault: Vault, book_id: BookId, reference: str) -> Iterator[str]:
    """Yield the forms that the book may store a clear reference in, the likeliest first.

    No two accounts have the same reference, whatever its form. Asks the vault's store only if the clear form, or the
    sealed one that this process remembers, was not enough.
    """
    value = reference_value(reference)
    remembered = vault.find_remembered(book_id, value)
    if remembered is not None:
        yield remembered
    yield reference
    if remembered is None and (sealed := vault.find(book_id, value)) is not None:
        yield sealed
