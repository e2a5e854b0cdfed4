"""Register or retire a partner's endpoint for calls."""

from typing import Annotated

import typer

from cofferdam.output import AsJson, answer
from cofferdam.session import session
from ledger.flows.event_types import require_event_types
from ledger.outbox.endpoints import EndpointSettings, endpoint_id_of, register_endpoint, step_endpoint
from ledger.outbox.signatures import SignatureScheme, new_secret
from ledger.outbox.signing_secrets import seal_secret
from ledger.public_ids import public
from ledger.tenancy.partners import partner_named


def command(  # noqa: PLR0913  # the partner, its address and the change
    book: Annotated[str, typer.Argument(help="The book, such as sandbox.")],
    partner: Annotated[str, typer.Argument(help="The partner's reference, such as harbor-goods.")],
    address: Annotated[str, typer.Argument(help="The URL: https, or http on this machine.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded in the journal with your name.")],
    events: Annotated[
        list[str] | None, typer.Option(help="A type of event to send, such as transfer.posted; once for each.")
    ] = None,
    retire: Annotated[bool, typer.Option("--retire", help="Stop calling the partner there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Call a partner at an address about events that concern it, or stop calling it there."""
    secret = None if retire else new_secret(SignatureScheme.HMAC_SHA256)
    types = events or ["monitor.triggered"]
    require_event_types(types)
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            partner_id = partner_named(work.connection, place.book_id, partner).partner_id
            endpoint_id = endpoint_id_of(place.book_id, partner_id, address)
            if secret is None:
                step_endpoint(work, place.book_id, endpoint_id, "retire", reason=reason)
            else:
                sealed = seal_secret(home.vault(place), place.book_id, partner_id, secret)
                settings = EndpointSettings(types, secret=sealed)
                register_endpoint(work, place.book_id, partner_id, address=address, reason=reason, settings=settings)
    name, state = public("endpoint", endpoint_id), "retired" if retire else "active"
    said = {"endpoint": name, "state": state}
    if secret is None:
        answer(said, f"{name} is {state}", as_json=as_json)
    else:
        answer(said | {"secret": secret}, f"{name} is {state}\nsecret, shown once: {secret}", as_json=as_json)
