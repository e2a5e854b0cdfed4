"""Close a book's accounting dates up to a day, and seal them."""

from typing import Annotated

import typer

from cofferdam.dates import day
from cofferdam.output import AsJson, answer
from cofferdam.session import session
from ledger.book.accounts.periods import close_period
from ledger.book.records.periods import PeriodClosing


def command(
    book: Annotated[str, typer.Argument(help="The book, such as sandbox.")],
    until: Annotated[str, typer.Argument(help="The last day to close, such as 2026-10-31.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded in the journal.")],
    as_json: AsJson = False,
) -> None:
    """Close every accounting date up to a day: no transfer can be posted to them any more. It cannot be undone."""
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            closing = close_period(work, place.book_id, day(until), reason=reason)
    answer(_shown(closing), _as_line(closing), as_json=as_json)


def _shown(closing: PeriodClosing) -> dict[str, object]:
    return {
        "closed_until": closing.closed_until_on.isoformat(),
        "position": closing.seq,
        "accounts": closing.accounts,
        "seal": closing.seal.hex(),
    }


def _as_line(closing: PeriodClosing) -> str:
    return (
        f"closed until {closing.closed_until_on} at position {closing.seq}: {closing.accounts} accounts, "
        f"seal {closing.seal.hex()}"
    )
