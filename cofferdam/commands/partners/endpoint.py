"""Register or retire a partner's endpoint for calls."""

from typing import Annotated

import typer

from cofferdam.output import AsJson, answer
from cofferdam.session import session
from ledger.outbox.endpoints import endpoint_id_of, register_endpoint, step_endpoint
from ledger.public_ids import public
from ledger.tenancy.partners import partner_named


def command(  # noqa: PLR0913  # the partner, its address and the change
    book: Annotated[str, typer.Argument(help="The book, such as sandbox.")],
    partner: Annotated[str, typer.Argument(help="The partner's reference, such as harbor-goods.")],
    address: Annotated[str, typer.Argument(help="The URL: https, or http on this machine.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded in the journal with your name.")],
    retire: Annotated[bool, typer.Option("--retire", help="Stop calling the partner there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Call a partner at an address about events that concern it, or stop calling it there."""
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            partner_id = partner_named(work.connection, place.book_id, partner).partner_id
            endpoint_id = endpoint_id_of(place.book_id, partner_id, address)
            if retire:
                step_endpoint(work, place.book_id, endpoint_id, "retire", reason=reason)
            else:
                register_endpoint(work, place.book_id, partner_id, address=address, reason=reason)
    name, state = public("endpoint", endpoint_id), "retired" if retire else "active"
    answer({"endpoint": name, "state": state}, f"{name} is {state}", as_json=as_json)
