"""`cofferdam account`: one account with its balances and the position that they are true for."""

import json
from typing import Annotated

import sqlalchemy as sa
import typer

from cofferdam.embedded import database
from ledger.book.balances import AccountView, account, account_at, account_named
from ledger.events.tables import JOURNAL_BATCHES
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import AccountId, BookId, parse_public, public
from ledger.kernel.money import Money
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine
from ledger.kernel.work import Reader, read
from ledger.partners.books import all_books
from ledger.partners.partners import partner
from ledger.records.books import Book


def command(
    ref: Annotated[str, typer.Argument(help="An id such as acc_018f…, or a reference such as pkdd99:576.")],
    *,
    at: Annotated[int | None, typer.Option(help="The journal position to answer for; without it, the newest.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Print one account with its balances and the position that they are true for."""
    with database(Settings.from_process()) as url:
        engine = create_engine(url)
        try:
            with read(engine) as reader:
                statement = account_statement(reader, ref, at)
        finally:
            engine.dispose()
    typer.echo(json.dumps(statement, indent=2) if as_json else _as_text(statement))


def account_statement(reader: Reader, ref: str, position: int | None = None) -> dict[str, object]:
    """Describe the account of any book that has this id or reference, at a position or at the newest.

    Amounts are integer minor units and decimal text. Raises `NotFound`, and `InvalidInput` where several books have it
    or the position lies outside the account's life.
    """
    book, view = _find(reader, ref)
    if position is not None:
        if not view.account.seq <= position <= view.as_of_seq:
            raise InvalidInput(f"{ref} was opened at position {view.account.seq}, and the book is at {view.as_of_seq}")
        view = account_at(reader, view, position)
    owner = partner(reader, book.book_id, view.account.partner_id)
    assert owner is not None, "an account has a partner"
    return {
        "ref": view.account.external_ref,
        "id": public("account", view.account.account_id),
        "book": book.name,
        "partner": owner.external_ref,
        "kind": view.account.kind,
        "currency": view.account.currency,
        "balance": _shown(view.balance),
        "debits": _shown(Money(view.debits_minor, view.account.currency)),
        "credits": _shown(Money(view.credits_minor, view.account.currency)),
        "position": view.as_of_seq,
        "recorded_at": _recorded_at(reader, book.book_id, view.as_of_seq),
    }


def _find(reader: Reader, ref: str) -> tuple[Book, AccountView]:
    found = [(book, view) for book in all_books(reader.connection) if (view := _in_book(reader, book.book_id, ref))]
    if not found:
        raise NotFound(f"no account has the id or reference {ref!r}")
    if len(found) > 1:
        names = ", ".join(book.name for book, _ in found)
        raise InvalidInput(f"{ref!r} is an account in several books ({names}); name it by its id, acc_…")
    return found[0]


def _in_book(reader: Reader, book_id: BookId, ref: str) -> AccountView | None:
    if ref.startswith("acc_"):
        return account(reader, book_id, AccountId(parse_public("account", ref)))
    return account_named(reader, book_id, ref)


def _recorded_at(reader: Reader, book_id: BookId, position: int) -> str:
    """Say when the batch that holds the position was recorded."""
    batches = JOURNAL_BATCHES.c
    query = sa.select(sa.func.min(batches.recorded_at)).where(batches.book_id == book_id, batches.seq >= position)
    return str(reader.connection.execute(query).scalar_one().isoformat())


def _shown(money: Money) -> dict[str, object]:
    return {"minor": money.minor, "decimal": money.decimal}


def _as_text(statement: dict[str, object]) -> str:
    shown = {name: value["decimal"] if isinstance(value, dict) else value for name, value in statement.items()}
    return "\n".join(f"{name.replace('_', ' '):<12} {value}" for name, value in shown.items())
