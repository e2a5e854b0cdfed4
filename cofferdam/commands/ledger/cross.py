"""Move money from an account of one book to one of another."""

from typing import Annotated

import typer

from cofferdam.commands.ledger.crossings import as_line, shown
from cofferdam.output import AsJson, answer
from cofferdam.session import session
from ledger.flows.inter_book_transfers import InterBookOrder, State, cross
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import Money


def command(  # noqa: PLR0913  # the fields of an order
    sender: Annotated[str, typer.Argument(help="BOOK:REFERENCE of the paying account, such as us:shop:wallet-1.")],
    receiver: Annotated[str, typer.Argument(help="BOOK:REFERENCE of the receiving account.")],
    amount: Annotated[str, typer.Argument(help="Amount, such as 12.50.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217 code.")],
    *,
    ref: Annotated[
        str, typer.Option(help="Reference of the inter-book transfer; the same one never moves money twice.")
    ],
    code: Annotated[str, typer.Option(help="Purpose, in one word.")] = "crossing",
    across_partners: Annotated[bool, typer.Option(help="To an account of another partner.")] = False,
    as_json: AsJson = False,
) -> None:
    """Move money between two books; exits with 1 if it was refused. `crossings --resume` completes unfinished ones."""
    (from_book, from_account), (to_book, to_account) = _parts(sender), _parts(receiver)
    with session() as home:
        order = InterBookOrder(
            from_book=from_book,
            from_account=from_account,
            to_book=to_book,
            to_account=to_account,
            amount=Money.parse(amount, currency),
            external_ref=ref,
            across_partners=across_partners,
            code=code,
            actor=home.actor,
        )
        crossing = cross(home.directory, order)
    answer(shown(crossing), as_line(crossing), as_json=as_json)
    if crossing.state is State.REFUSED:
        raise typer.Exit(1)


def _parts(text: str) -> tuple[str, str]:
    book, colon, ref = text.partition(":")
    if not (book and colon and ref):
        raise InvalidInput(f"{text!r} is not an account of a book; write BOOK:REFERENCE, such as us:shop:wallet-1")
    return book, ref
