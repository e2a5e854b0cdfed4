"""`cofferdam close`: closes all accounting dates of a book up to a day, under a seal."""

from datetime import date
from typing import Annotated

import typer

from cofferdam.actor import operator
from cofferdam.runtime.embedded import database
from ledger.book.accounts.periods import close_period
from ledger.book.records.periods import PeriodClosing
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine
from ledger.kernel.work import begin
from ledger.tenancy.books import book_named


def command(
    book: Annotated[str, typer.Argument(help="The book, such as sandbox.")],
    until: Annotated[str, typer.Argument(help="The last day to close, such as 2026-10-31.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, in your words: it stands in the journal.")],
) -> None:
    """Close every accounting date up to a day: nothing can be posted into them any more. It cannot be undone."""
    settings = Settings.from_process()
    with database(settings) as url:
        engine = create_engine(url)
        try:
            with begin(engine, actor=operator()) as work:
                book_id = book_named(work.connection, book).book_id
                closing = close_period(work, book_id, _day(until), reason=reason)
        finally:
            engine.dispose()
    typer.echo(said(closing))


def said(closing: PeriodClosing) -> str:
    """Give a closing in one line, with its seal."""
    return (
        f"closed until {closing.closed_until_on} at position {closing.seq}: {closing.accounts} accounts, "
        f"seal {closing.seal.hex()}"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no day; write it like 2026-10-31") from None
