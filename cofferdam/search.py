"""Search for an account, a transfer or a customer in every book of every server."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from cofferdam.session import Session
from ledger.book.reading.balances import account
from ledger.book.reading.transfers import transfers
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import TransferId
from ledger.kernel.errors import InvalidInput, NotFound, Unavailable
from ledger.kernel.work import Reader, read
from ledger.personal_data.account_search import account_view
from ledger.personal_data.registration import book_of_customer
from ledger.public_ids import parse_public
from ledger.tenancy.directory import BookLocation, Server, reaching
from ledger.tenancy.records import CustomerId
from ledger.vault_tokens.records import VaultTokenId
from ledger.vault_tokens.token_pages import tokens

_Found = TypeVar("_Found")

Look = Callable[[Reader, BookLocation], Iterable[_Found]]
"""Returns all matches in one book."""


def in_every_book(
    session: Session, look: Look[_Found], book: str | None = None, *, is_only: bool = False
) -> list[tuple[BookLocation, _Found]]:
    """Search every book, or the one of that name, and return each match with its book.

    Raises `Unavailable` if a server does not answer and the others have no match; with `is_only`, for callers that
    require the only match, even if the others have one.
    """
    found: list[tuple[BookLocation, _Found]] = []
    away: list[str] = []

    def note(_server: Server, reason: Unavailable) -> None:
        away.append(str(reason))

    for place in session.directory.places(note) if book is None else [session.book(book)]:
        with reaching(place.book.name), read(place.engine) as reader:
            found += [(place, each) for each in look(reader, place)]
    if away and (is_only or not found):
        says = "another server may have it too" if found else "none of the servers that answer has it"
        raise Unavailable(f"{says}: {'; '.join(away)}")
    return found


def find_account(session: Session, ref: str, *, is_only: bool = False) -> tuple[BookLocation, AccountId]:
    """Find the only account with this id or reference.

    Raises `NotFound`, `InvalidInput` if several have it, and the errors of `in_every_book`.
    """
    wanted = AccountId(parse_public("account", ref)) if is_account_id(ref) else None

    def look(reader: Reader, place: BookLocation) -> list[AccountId]:
        if wanted is None:
            view = account_view(reader, session.vault(place), place.book_id, ref)
        else:
            view = account(reader, place.book_id, wanted)
        return [] if view is None else [view.account.account_id]

    fitting = in_every_book(session, look, is_only=is_only and wanted is None)
    if not fitting:
        raise NotFound(f"no account has the id or reference {ref!r}")
    if len(fitting) > 1:
        names = ", ".join(place.book.name for place, _ in fitting)
        raise InvalidInput(f"{ref!r} is an account in several books ({names}); name it by its id, acc_…")
    return fitting[0]


def find_transfer(session: Session, ref: str) -> tuple[BookLocation, TransferId]:
    """Find the transfer with this id. Raises `NotFound`."""
    transfer_id = TransferId(parse_public("transfer", ref))
    found = in_every_book(session, lambda reader, place: transfers(reader, place.book_id, [transfer_id]))
    if not found:
        raise NotFound(f"no book has a transfer {ref}")
    return found[0]


def find_customer(session: Session, ref: str, book: str | None = None) -> tuple[BookLocation, CustomerId]:
    """Find the customer with this id, in every book or in the named one. Raises `NotFound`."""
    customer_id = CustomerId(parse_public("customer", ref))

    def look(reader: Reader, place: BookLocation) -> Iterable[CustomerId]:
        with suppress(NotFound):
            if book_of_customer(reader.connection, customer_id) == place.book_id:
                yield customer_id

    found = in_every_book(session, look, book)
    if not found:
        raise NotFound("there is no such customer")
    return found[0]


def find_token(session: Session, ref: str) -> tuple[BookLocation, VaultTokenId]:
    """Find the vault token with this id. Raises `NotFound`."""
    token_id = VaultTokenId(parse_public("vault_token", ref))
    found = in_every_book(session, lambda reader, place: tokens(reader, place.book_id, [token_id]))
    if not found:
        raise NotFound(f"no book has a vault token {ref}")
    return found[0]


def is_account_id(ref: str) -> bool:
    """Return whether a text is an account's id, and not a reference."""
    return ref.startswith("acc_")
