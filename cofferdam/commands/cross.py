"""`cofferdam cross`: money from an account of one book to an account of another, by the operator's order."""

import json
from typing import Annotated

import typer

from cofferdam.actor import operator
from cofferdam.commands.crossings import as_line, shown
from cofferdam.directory import directory
from ledger.flows.inter_book_transfers import InterBookOrder, State, cross
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import Money
from ledger.kernel.settings import Settings


def command(  # noqa: PLR0913  # the words of an order
    sender: Annotated[str, typer.Argument(help="BOOK:REFERENCE of the account that gives, us:shop:wallet-1.")],
    receiver: Annotated[str, typer.Argument(help="BOOK:REFERENCE of the account that receives.")],
    amount: Annotated[str, typer.Argument(help="How much, such as 12.50.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217 code.")],
    *,
    ref: Annotated[str, typer.Option(help="The crossing's reference: sent again, it is the same crossing.")],
    code: Annotated[str, typer.Option(help="What it is for, in a word.")] = "crossing",
    across_partners: Annotated[bool, typer.Option(help="To an account of another partner.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Move money between two books; exits with 1 where it was refused. What is under way, `crossings` carries on."""
    (from_book, from_account), (to_book, to_account) = _parts(sender), _parts(receiver)
    order = InterBookOrder(
        from_book=from_book,
        from_account=from_account,
        to_book=to_book,
        to_account=to_account,
        amount=Money.parse(amount, currency),
        external_ref=ref,
        across_partners=across_partners,
        code=code,
        actor=operator(),
    )
    with directory(Settings.from_process()) as found:
        crossing = cross(found, order)
    typer.echo(json.dumps(shown(crossing), indent=2) if as_json else as_line(crossing))
    if crossing.state is State.REFUSED:
        raise typer.Exit(1)


def _parts(text: str) -> tuple[str, str]:
    book, colon, ref = text.partition(":")
    if not (book and colon and ref):
        raise InvalidInput(f"{text!r} names no account of a book; write BOOK:REFERENCE, such as us:shop:wallet-1")
    return book, ref
