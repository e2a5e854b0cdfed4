"""Subjects as the operator names them on the command line: a customer's id, or a partner's counterparty."""

from typing import Annotated

import typer

from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.work import read
from ledger.personal_data.registration import book_of_customer
from ledger.personal_data.subjects import NamedSubject, counterparty_subject, customer_subject
from ledger.public_ids import parse_public
from ledger.tenancy.directory import BookLocation, reaching
from ledger.tenancy.partners import partner_named
from ledger.tenancy.records import CustomerId
from ledger.vault.vaults import VaultedDirectory

CustomerArgument = Annotated[str | None, typer.Argument(help="The customer's id, cus_018f…")]
CounterpartyOption = Annotated[str | None, typer.Option(help="In place of a customer: a counterparty, as it was sent.")]
PartnerOption = Annotated[str | None, typer.Option(help="The reference of the partner whose counterparty it is.")]
BookOption = Annotated[str | None, typer.Option(help="The book, by its name; demanded with a counterparty.")]


def found_subject(
    directory: VaultedDirectory,
    customer: str | None,
    counterparty: str | None,
    *,
    partner: str | None,
    book: str | None,
) -> tuple[BookLocation, NamedSubject]:
    """Find the subject with its book. Raises `NotFound`, and `InvalidInput` where it is not named in one way."""
    if customer is not None and counterparty is None and partner is None:
        return _customer(directory, CustomerId(parse_public("customer", customer)), book)
    if customer is None and counterparty is not None and partner is not None and book is not None:
        place = directory.place_of(book)
        with read(place.engine) as reader:
            partner_id = partner_named(reader.connection, place.book_id, partner).partner_id
            vault = directory.vault_of(place)
            return place, counterparty_subject(reader, vault, place.book_id, partner_id=partner_id, text=counterparty)
    raise InvalidInput("name a customer by its id, or a counterparty with --counterparty, --partner and --book")


def _customer(
    directory: VaultedDirectory, customer_id: CustomerId, book: str | None
) -> tuple[BookLocation, NamedSubject]:
    """Look for the customer in the named book, or in every book on every server."""
    for name in directory.names() if book is None else [book]:
        place = directory.place_of(name)
        try:
            with reaching(name), read(place.engine) as reader:
                if book_of_customer(reader.connection, customer_id) == place.book_id:
                    return place, customer_subject(reader, place.book_id, customer_id)
        except NotFound:
            continue
    raise NotFound("there is no such customer")
