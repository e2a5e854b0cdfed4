"""`cofferdam endpoint`: where a partner is called when its monitors trigger; registered or retired."""

from typing import Annotated

import typer

from cofferdam.actor import operator
from cofferdam.directory import directory
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.outbox.endpoints import register_endpoint, retire_endpoint
from ledger.public_ids import public
from ledger.tenancy.partners import partner_named


def command(
    book: Annotated[str, typer.Argument(help="The book, such as sandbox.")],
    partner: Annotated[str, typer.Argument(help="The partner's reference, such as harbor-goods.")],
    address: Annotated[str, typer.Argument(help="The URL: https, or http on this machine.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; the journal keeps it, with who it was.")],
    retire: Annotated[bool, typer.Option("--retire", help="Call the partner there no more.")] = False,
) -> None:
    """Call a partner at an address when something happens that it is to know, or no more."""
    with directory(Settings.from_process()) as found:
        place = found.place_of(book)
        with begin(place.engine, actor=operator()) as work:
            partner_id = partner_named(work.connection, place.book_id, partner).partner_id
            change = retire_endpoint if retire else register_endpoint
            endpoint_id = change(work, place.book_id, partner_id, address=address, reason=reason)
    typer.echo(f"{public('endpoint', endpoint_id)} is {'retired' if retire else 'active'}")
