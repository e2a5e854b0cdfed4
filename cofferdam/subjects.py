"""Subjects on the command line: a customer by its id, or a counterparty of a partner."""

from typing import Annotated

import typer

from cofferdam.search import find_customer
from cofferdam.session import Session
from ledger.kernel.errors import InvalidInput
from ledger.kernel.work import read
from ledger.personal_data.subjects import NamedSubject, counterparty_subject, customer_subject
from ledger.tenancy.directory import BookLocation
from ledger.tenancy.partners import partner_named

CustomerArgument = Annotated[str | None, typer.Argument(help="The customer's id, cus_018f…")]
CounterpartyOption = Annotated[str | None, typer.Option(help="In place of a customer: a counterparty, as it was sent.")]
PartnerOption = Annotated[str | None, typer.Option(help="The reference of the partner whose counterparty it is.")]
BookOption = Annotated[str | None, typer.Option(help="The book, by its name; demanded with a counterparty.")]


def found_subject(
    session: Session,
    customer: str | None,
    counterparty: str | None,
    *,
    partner: str | None,
    book: str | None,
) -> tuple[BookLocation, NamedSubject]:
    """Find the subject with its book. Raises `NotFound`, and `InvalidInput` unless it is named in exactly one way."""
    if customer is not None and counterparty is None and partner is None:
        place, customer_id = find_customer(session, customer, book)
        with read(place.engine) as reader:
            return place, customer_subject(reader, place.book_id, customer_id)
    if customer is None and counterparty is not None and partner is not None and book is not None:
        place = session.book(book)
        with read(place.engine) as reader:
            partner_id = partner_named(reader.connection, place.book_id, partner).partner_id
            vault, book_id = session.vault(place), place.book_id
            return place, counterparty_subject(reader, vault, book_id, partner_id=partner_id, text=counterparty)
    raise InvalidInput("name a customer by its id, or a counterparty with --counterparty, --partner and --book")
