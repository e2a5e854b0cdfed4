"""Show a customer's personal data, for a recorded reason."""

from typing import Annotated

import typer

from cofferdam.output import AsJson, answer, lines
from cofferdam.search import find_customer
from cofferdam.session import session
from ledger.personal_data.customers import CustomerReading, read_customer
from ledger.public_ids import public


def command(
    customer: Annotated[str, typer.Argument(help="The customer's id, cus_018f…")],
    *,
    reason: Annotated[str, typer.Option(help="Why you read it; recorded permanently, so name no person.")],
    as_json: AsJson = False,
) -> None:
    """Show a customer with its personal fields; the access and its reason become a fact of the journal."""
    with session() as home:
        place, customer_id = find_customer(home, customer)
        with home.work(place) as work:
            shown = _shown(read_customer(work, home.vault(place), place.book_id, customer_id, reason=reason))
    answer(shown, lines(shown), as_json=as_json)


def _shown(reading: CustomerReading) -> dict[str, object]:
    customer = reading.customer
    return {
        "id": public("customer", customer.customer_id),
        "partner": public("partner", customer.partner_id),
        "person": public("person", customer.person_id),
        "reference": "(forgotten)" if reading.reference is None else reading.reference,
        "read at": reading.seq,
    }
