"""Partners, their customers, and the keys that they call with."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from ledger.kernel.ids import ApiKeyId, BookId, CustomerId, PartnerId, PartnerNo, PersonId
from ledger.kernel.record import Col, Record, record
from ledger.records.facts import Fact


class Vertical(StrEnum):
    """The declared lines of business, fixed so that insights have a public domain."""

    RETAIL = "retail"
    MOBILITY = "mobility"
    HOSPITALITY = "hospitality"
    SOFTWARE = "software"
    BANKING = "banking"


@record
class Partner(Fact):
    """A platform that puts accounts and payments into its own product."""

    TABLE = "partners"
    partner_id: Annotated[PartnerId, Col("Id of the partner.")]
    partner_no: Annotated[PartnerNo, Col("Its number in the book, from 1: what transfers name it by.", bits=32)]
    external_ref: Annotated[str, Col("Unique name of the partner within the book, in lower case with dashes.")]
    name: Annotated[str, Col("Name of the partner as a person reads it.")]
    vertical: Annotated[Vertical, Col("The partner's line of business.")]
    actor: Annotated[str, Col("Who registered it.")]


@record
class Customer(Fact):
    """A person as one partner knows them; one person may be a customer of several partners."""

    TABLE = "customers"
    customer_id: Annotated[CustomerId, Col("Id of the customer.")]
    partner_id: Annotated[PartnerId, Col("The partner whose customer it is.")]
    person_id: Annotated[PersonId, Col("The person behind the customer, the same at every partner of the book.")]
    external_ref: Annotated[
        str, Col("The partner's own reference, sealed under the customer's key: it may be an e-mail address.", pii=True)
    ]
    actor: Annotated[str, Col("Who registered the customer.")]


@record
class ApiKeyGrant(Fact):
    """What an API key may do from this position on: it was issued, changed or revoked; the newest grant holds."""

    TABLE = "api_key_grants"
    api_key_id: Annotated[ApiKeyId, Col("Id of the key, which its text contains.")]
    partner_id: Annotated[PartnerId, Col("The partner that the key speaks for.")]
    key_hash: Annotated[bytes, Col("HMAC-SHA256 of the key's secret under the installation's pepper.", withheld=True)]
    scopes: Annotated[str, Col("What the key may do, words separated by blanks: read, write.")]
    issued_at: Annotated[datetime, Col("When the key was issued.")]
    actor: Annotated[str, Col("Who issued or revoked it.")]
    reason: Annotated[str, Col("Why, in the actor's words.")]
    revoked_at: Annotated[datetime | None, Col("Since when the key is refused; null while it works.")]


@record
class ApiKey(Record):
    """A key that a partner's application calls with, only its keyed hash: a projection of its newest grant."""

    TABLE = "api_keys"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book that the key reaches.", key=True, bits=32)]
    api_key_id: Annotated[ApiKeyId, Col("Id of the key, which its text contains.", key=True)]
    partner_id: Annotated[PartnerId, Col("The partner that the key speaks for.")]
    key_hash: Annotated[bytes, Col("HMAC-SHA256 of the key's secret under the installation's pepper.")]
    scopes: Annotated[str, Col("What the key may do, words separated by blanks: read, write.")]
    created_at: Annotated[datetime, Col("When the key was made.")]
    revoked_at: Annotated[datetime | None, Col("Since when the key is refused; null while it works.")]
