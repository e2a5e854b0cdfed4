"""`cofferdam account`: one account with its balances and the position that they are true for."""

import json
from datetime import date, datetime
from typing import Annotated, Final, NamedTuple

import typer

from cofferdam.runtime.embedded import database
from cofferdam.vault import vault
from ledger.book.reading.balances import AccountView, account, account_at, account_effective, position_at
from ledger.book.records.accounts import AccountId
from ledger.journal.batches import recorded_at
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId
from ledger.kernel.money import Money
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine
from ledger.kernel.work import Reader, read
from ledger.personal_data.account_references import account_view
from ledger.public_ids import parse_public, public
from ledger.tenancy.books import all_books
from ledger.tenancy.partners import partner
from ledger.tenancy.records import Book
from ledger.vault.vault import Vault


def command(
    ref: Annotated[str, typer.Argument(help="An id such as acc_018f…, or a reference such as pkdd99:576.")],
    *,
    at: Annotated[int | None, typer.Option(help="The journal position to answer for; without it, the newest.")] = None,
    at_time: Annotated[
        str | None, typer.Option(help="As it was recorded by this instant, such as 2026-11-24T08:30:00Z.")
    ] = None,
    effective: Annotated[
        str | None, typer.Option(help="By the end of this accounting date, such as 2026-10-31, as it is known now.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Print one account with its balances and the position that they are true for."""
    if sum(asked is not None for asked in (at, at_time, effective)) > 1:
        raise InvalidInput("give one of --at, --at-time and --effective, or none of them")
    moment = Moment(
        at,
        instant=None if at_time is None else _instant(at_time),
        day=None if effective is None else _day(effective),
    )
    settings = Settings.from_process()
    with database(settings) as url:
        engine = create_engine(url)
        try:
            with vault(settings, url) as found, read(engine) as reader:
                statement = account_statement(reader, found, ref, moment)
        finally:
            engine.dispose()
    typer.echo(json.dumps(statement, indent=2) if as_json else _as_text(statement))


class Moment(NamedTuple):
    """When an account is described, by one of three; by none of them: now.

    `position` is one of the journal, `instant` means the newest that was recorded by then, `day` is an accounting date.
    """

    position: int | None = None
    instant: datetime | None = None
    day: date | None = None


NOW: Final = Moment()
"""The newest position."""


def account_statement(reader: Reader, found: Vault, ref: str, moment: Moment = NOW) -> dict[str, object]:
    """Describe the account of any book that has this id or reference, at a moment.

    Amounts are integer minor units and decimal text; what the account allows is shown as it is now, and so only now.
    A reference that is sealed is shown in clear to whoever named the account by it: opening it would be a reading.
    Raises `NotFound`, and `InvalidInput` where several books have it or the position lies outside the account's life.
    """
    book, now = find_account(reader, found, ref)
    position, instant, day = moment
    view = now
    if instant is not None:
        position = position_at(reader, book.book_id, instant)
    if position is not None:
        if not now.account.seq <= position <= now.as_of_seq:
            raise InvalidInput(
                f"{ref} was opened at position {now.account.seq}, and the book is at {now.as_of_seq}; "
                f"position {position} lies outside of that"
            )
        view = account_at(reader, now, position)
    elif day is not None:
        view = account_effective(reader, now, day)
    owner = partner(reader, book.book_id, view.account.partner_id)
    assert owner is not None, "an account has a partner"
    return {
        "ref": view.account.external_ref if _is_id(ref) else ref,
        "id": public("account", view.account.account_id),
        "book": book.name,
        "partner": owner.external_ref,
        "kind": view.account.kind,
        "currency": view.account.currency,
        **({} if view is not now else _terms(now)),
        **_amounts(view),
        **({} if day is None else {"effective": day.isoformat()}),
        "position": view.as_of_seq,
        "recorded_at": _recorded_at(reader, book.book_id, view.as_of_seq),
    }


def find_account(reader: Reader, found: Vault, ref: str) -> tuple[Book, AccountView]:
    """Give the one account of any book that has this id or reference. Raises `NotFound`, `InvalidInput`."""
    views = [(book, _in_book(reader, found, book.book_id, ref)) for book in all_books(reader.connection)]
    fitting = [(book, view) for book, view in views if view is not None]
    if not fitting:
        raise NotFound(f"no account has the id or reference {ref!r}")
    if len(fitting) > 1:
        names = ", ".join(book.name for book, _ in fitting)
        raise InvalidInput(f"{ref!r} is an account in several books ({names}); name it by its id, acc_…")
    return fitting[0]


def _terms(now: AccountView) -> dict[str, object]:
    """What the account allows, and so may still be taken from it."""
    return {
        "frozen": now.frozen,
        "closed": now.is_closed,
        "credit_line": _shown(Money(now.account.credit_line_minor, now.account.currency)),
        "available": _shown(now.available),
    }


def _amounts(view: AccountView) -> dict[str, object]:
    sums = {name: _shown(Money(minor, view.account.currency)) for name, minor in view.sums._asdict().items()}
    return {"balance": _shown(view.balance), "pending": _shown(view.pending), **sums}


def _in_book(reader: Reader, found: Vault, book_id: BookId, ref: str) -> AccountView | None:
    if _is_id(ref):
        return account(reader, book_id, AccountId(parse_public("account", ref)))
    return account_view(reader, found, book_id, ref)


def _is_id(ref: str) -> bool:
    return ref.startswith("acc_")


def _recorded_at(reader: Reader, book_id: BookId, position: int) -> str:
    """Say when the batch that holds the position was recorded."""
    instant = recorded_at(reader.connection, book_id, position)
    assert instant is not None, "a balance is true at a position that stands"
    return instant.isoformat()


def _shown(money: Money) -> dict[str, object]:
    return {"minor": money.minor, "decimal": money.decimal}


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InvalidInput(f"{text!r} is no instant with its time zone; write it as 2026-11-24T08:30:00Z")
    return instant


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no day; write it as 2026-10-31") from None


def _as_text(statement: dict[str, object]) -> str:
    shown = {name: value["decimal"] if isinstance(value, dict) else value for name, value in statement.items()}
    return "\n".join(f"{name.replace('_', ' '):<16} {value}" for name, value in shown.items())
