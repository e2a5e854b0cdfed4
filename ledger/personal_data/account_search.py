"""Finds accounts by clear references, several at once."""

from collections.abc import Sequence

from ledger.book.reading import balances
from ledger.book.reading.balances import AccountView
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
