"""`cofferdam customer`: what is personal of one customer, shown for a reason that the journal keeps."""

import json
from typing import Annotated

import typer

from cofferdam.actor import operator
from cofferdam.runtime.embedded import database
from cofferdam.vault import vault
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine
from ledger.kernel.work import begin
from ledger.personal_data.customers import CustomerReading, read_customer
from ledger.personal_data.registration import book_of_customer
from ledger.public_ids import parse_public, public
from ledger.tenancy.records import CustomerId


def command(
    customer: Annotated[str, typer.Argument(help="The customer's id, cus_018f…")],
    *,
    reason: Annotated[str, typer.Option(help="Why you read it; recorded for good, so name no person in it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Print one customer with its personal fields; that you read them, and why, becomes a fact of the journal."""
    customer_id = CustomerId(parse_public("customer", customer))
    settings = Settings.from_process()
    with database(settings) as url:
        engine = create_engine(url)
        try:
            with vault(settings, url) as found, begin(engine, actor=operator()) as work:
                book_id = book_of_customer(work.connection, customer_id)
                shown = _shown(read_customer(work, found, book_id, customer_id, reason=reason))
        finally:
            engine.dispose()
    text = json.dumps(shown, indent=2) if as_json else "\n".join(f"{name:<12} {value}" for name, value in shown.items())
    typer.echo(text)


def _shown(reading: CustomerReading) -> dict[str, object]:
    customer = reading.customer
    return {
        "id": public("customer", customer.customer_id),
        "partner": public("partner", customer.partner_id),
        "person": public("person", customer.person_id),
        "reference": "(forgotten)" if reading.reference is None else reading.reference,
        "read at": reading.seq,
    }
