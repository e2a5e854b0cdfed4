"""Opens sandboxes: a book of its own for each partner of a live book, so that test money never meets live money."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.work import Reader, Work
from ledger.public_ids import public
from ledger.sandboxes.errors import LiveOnly
from ledger.sandboxes.magic_accounts import close_magic_accounts, open_magic_accounts
from ledger.tenancy.api_keys import issue
from ledger.tenancy.books import all_books, open_book, sandbox_of
from ledger.tenancy.calendars import book_calendar
from ledger.tenancy.key_listing import KeyState, partner_keys
from ledger.tenancy.partners import PartnerOrder, partner, register_partners
from ledger.tenancy.records import Book, Partner

KEYS_MAX: Final = 20
"""Maximum number of working test keys of a partner."""

_NAME_LETTERS_MAX: Final = 40


class Sandbox(NamedTuple):
    """The test side of a partner: its book, and the partner in it, which has the same reference and name."""

    book: Book
    partner_id: PartnerId


def issue_test_key(  # noqa: PLR0913  # what a grant says
    work: Work,
    live_book_id: BookId,
    live_partner_id: PartnerId,
    *,
    pepper: bytes,
    scopes: str = "read write",
    label: str | None = None,
    expires_at: datetime | None = None,
    addresses: str | None = None,
    reason: str = "for the partner's application",
) -> str:
    """Issue a test key to a partner of a live book, and return its text; the first one opens the partner's sandbox.

    Close the magic accounts once this is committed: see `settle_sandbox`. Raises `LiveOnly` if the book is itself a
    sandbox, `NotFound`, and `InvalidInput` if the partner has as many working test keys as it may have.
    """
    sandbox = open_sandbox(work, live_book_id, live_partner_id)
    keys = partner_keys(work.connection, sandbox.book.book_id, sandbox.partner_id, work.now)
    if sum(each.state in (KeyState.ACTIVE, KeyState.ENDING) for each in keys) >= KEYS_MAX:
        raise InvalidInput(f"a partner has {KEYS_MAX} working test keys at most; have one revoked first")
    return issue(
        work,
        sandbox.book.book_id,
        sandbox.partner_id,
        pepper=pepper,
        scopes=scopes,
        label=label,
        expires_at=expires_at,
        addresses=addresses,
        reason=reason,
    )


def open_sandbox(work: Work, live_book_id: BookId, live_partner_id: PartnerId) -> Sandbox:
    """Open the sandbox of a partner of a live book, or return the one that it has.

    It reports in the currency of the live book, and counts its dates as that does today. Raises `LiveOnly` and
    `NotFound`.
    """
    live = _live_book(work, live_book_id)
    owner = _owner(work, live_book_id, live_partner_id)
    if (known := sandbox_of(work.connection, live_partner_id)) is not None:
        return Sandbox(known, _partner_in(work, known, owner))
    calendar = book_calendar(work.connection, live_book_id)
    book_id = open_book(
        work,
        name=_name(live, owner),
        jurisdiction=live.jurisdiction,
        currency=live.currency,
        days=calendar.rule_on(calendar.booked_on(work.now))._replace(from_on=date.min),
        reason=f"the test side of {owner.external_ref} of {live.name}",
        live_partner_id=live_partner_id,
    )
    opened = sandbox_of(work.connection, live_partner_id)
    assert opened is not None, "the sandbox was opened just now"
    partner_id = _partner_in(work, opened, owner)
    open_magic_accounts(work, book_id, partner_id, opened.currency)
    return Sandbox(opened, partner_id)


def settle_sandbox(engine: sa.Engine, live_partner_id: PartnerId) -> None:
    """Close the magic accounts that are closed ones; a second time changes nothing."""
    with engine.connect() as connection:
        found = sandbox_of(connection, live_partner_id)
    if found is not None:
        close_magic_accounts(engine, found.book_id)


def sandbox_names(connection: sa.Connection, partner_ids: Sequence[PartnerId]) -> dict[PartnerId, str]:
    """Return the names of the sandboxes of partners of live books, by partner."""
    wanted = set(partner_ids)
    return {
        each.live_partner_id: each.name
        for each in all_books(connection)
        if each.live_partner_id is not None and each.live_partner_id in wanted
    }


def _live_book(work: Work, book_id: BookId) -> Book:
    if journal.open_batch(work, book_id).head.is_sandbox:
        raise LiveOnly("a sandbox has no sandbox of its own; use a live key")
    return next(book for book in all_books(work.connection) if book.book_id == book_id)


def _owner(work: Work, book_id: BookId, partner_id: PartnerId) -> Partner:
    found = partner(Reader(work.connection), book_id, partner_id)
    if found is None:
        raise NotFound(f"there is no partner {public('partner', partner_id)}")
    return found


def _partner_in(work: Work, sandbox: Book, owner: Partner) -> PartnerId:
    order = PartnerOrder(owner.external_ref, owner.name, owner.vertical)
    return register_partners(work, sandbox.book_id, [order])[owner.external_ref]


def _name(live: Book, owner: Partner) -> str:
    """Return the name of a sandbox: those of its book and partner; shortened, with a digest, if they are too long."""
    name = f"{live.name}-{owner.external_ref}-test"
    if len(name) <= _NAME_LETTERS_MAX:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _NAME_LETTERS_MAX - len('--test') - len(digest)]}-{digest}-test"
