"""Finds accounts by clear references, which the book stores sealed, or in clear.

No two accounts have the same reference, whatever its form. What this process remembers of a reference may come from
another partner's use of it. So it only decides how fast an account is found, never what it takes to find none.
"""

from collections.abc import Sequence

from ledger.book.reading import balances
from ledger.book.reading.account_views import AccountView
from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader
from ledger.personal_data.account_references import reference_value
from ledger.vault.vault import Vault


def account_views(reader: Reader, vault: Vault, book_id: BookId, references: Sequence[str]) -> dict[str, AccountView]:
    """Return the accounts of these clear references in scope with their current balances.

    Takes one statement if all are found by what is remembered; otherwise three, whatever the others are.
    """
    forms = {each: remembered_form(vault, book_id, each) for each in references}
    found = _named(reader, book_id, forms)
    if missing := [each for each in forms if each not in found]:
        found |= _named(reader, book_id, stored_forms(vault, book_id, missing))
    return found


def account_view(reader: Reader, vault: Vault, book_id: BookId, reference: str) -> AccountView | None:
    """Return the account of a clear reference with its current balance, or None if there is none in scope."""
    return account_views(reader, vault, book_id, [reference]).get(reference)


def remembered_form(vault: Vault, book_id: BookId, reference: str) -> str:
    """Return the form of a clear reference in the book, as far as this process remembers it."""
    return vault.find_remembered(book_id, reference_value(reference)) or reference


def stored_forms(vault: Vault, book_id: BookId, references: Sequence[str]) -> dict[str, str]:
    """Return the form of each clear reference in the book, by one statement, whatever this process remembers."""
    sealed = vault.find_anew(book_id, [reference_value(each) for each in references])
    return {clear: text or clear for clear, text in zip(references, sealed, strict=True)}


def _named(reader: Reader, book_id: BookId, forms: dict[str, str]) -> dict[str, AccountView]:
    """Return the accounts of clear references, each of which may be stored as it is or in its form."""
    found = balances.accounts_named(reader, book_id, [*forms, *forms.values()])
    named = ((clear, found.get(form) or found.get(clear)) for clear, form in forms.items())
    return {clear: view for clear, view in named if view is not None}
