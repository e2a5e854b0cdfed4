"""Register or retire the address at which a partner takes calls."""

from typing import Annotated

import typer

from cofferdam.output import AsJson, answer
from cofferdam.session import session
from ledger.outbox.endpoints import register_endpoint, retire_endpoint
from ledger.public_ids import public
from ledger.tenancy.partners import partner_named


def command(  # noqa: PLR0913  # whose address it is, and what becomes of it
    book: Annotated[str, typer.Argument(help="The book, such as sandbox.")],
    partner: Annotated[str, typer.Argument(help="The partner's reference, such as harbor-goods.")],
    address: Annotated[str, typer.Argument(help="The URL: https, or http on this machine.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; the journal keeps it, with who it was.")],
    retire: Annotated[bool, typer.Option("--retire", help="Call the partner there no more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Call a partner at an address when something happens that it is to know, or no more."""
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            partner_id = partner_named(work.connection, place.book_id, partner).partner_id
            change = retire_endpoint if retire else register_endpoint
            endpoint_id = change(work, place.book_id, partner_id, address=address, reason=reason)
    name, state = public("endpoint", endpoint_id), "retired" if retire else "active"
    answer({"endpoint": name, "state": state}, f"{name} is {state}", as_json=as_json)
