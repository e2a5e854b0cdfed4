"""Records of tenancy: books, their partners and customers, API keys, and answered requests."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

from ledger.kernel.constraints import Check, Index, Refers, Unique
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Col, Fact, Record, record
from ledger.kernel.retention import Retention
from ledger.kernel.rights import Changes, Readers

PersonId = NewType("PersonId", UUID)
CustomerId = NewType("CustomerId", UUID)
ApiKeyId = NewType("ApiKeyId", UUID)
PartnerNo = NewType("PartnerNo", int)


@record
class Book(Record):
    """A self-contained set of accounts: one programme in one jurisdiction."""

    TABLE = "books"
    IN_LAKE = False
    CONSTRAINTS = (Unique(("name",)), Unique(("live_partner_id",)))
    READERS = Readers.ALL
    book_id: Annotated[BookId, Col("Small number of the book.", key=True, bits=32)]
    name: Annotated[str, Col("Unique short name, also the folder of the book in the lake.")]
    jurisdiction: Annotated[str, Col("ISO 3166-1 alpha-2 country whose law the book is under.")]
    currency: Annotated[str, Col("ISO 4217 code of the currency that the programme reports in.")]
    created_at: Annotated[datetime, Col("The instant at which the book was opened.")]
    live_partner_id: Annotated[
        PartnerId | None, Col("Of a sandbox: the partner of a live book whose test side it is; null of a live book.")
    ] = None


@record
class BookOpening(Fact):
    """The opening of a book; or the state of a book from before openings were recorded."""

    TABLE = "book_openings"
    CONSTRAINTS = (
        Refers(("book_id",), "books"),
        Unique(("book_id",)),
    )
    name: Annotated[str, Col("Unique short name, also the folder of the book in the lake.")]
    jurisdiction: Annotated[str, Col("ISO 3166-1 alpha-2 country whose law the book is under.")]
    currency: Annotated[str, Col("ISO 4217 code of the currency that the programme reports in.")]
    opened_at: Annotated[datetime, Col("The instant at which the book was opened.")]
    actor: Annotated[str, Col("The actor that opened it.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]
    imported_until_at: Annotated[
        datetime | None,
        Col(
            "Of a book from before openings were recorded: effective time of its newest strict import; null otherwise."
        ),
    ]
    live_partner_id: Annotated[
        PartnerId | None, Col("Of a sandbox: the partner of a live book whose test side it is; null of a live book.")
    ]


@record
class BookResidency(Fact):
    """The zone whose root alone holds the book's rows: recorded in the journal, whatever the settings are."""

    TABLE = "book_residencies"
    CONSTRAINTS = (Refers(("book_id",), "books"),)
    zone: Annotated[str, Col("The zone: a jurisdiction with a root of its own, in capitals, such as EU.")]
    actor: Annotated[str, Col("The process that streamed the book first.")]


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
    PUBLIC_IDS = (("partner", "par"),)
    CONSTRAINTS = (
        Refers(("book_id",), "books"),
        Unique(("book_id", "partner_id")),
        Unique(("book_id", "partner_no")),
        Unique(("partner_id",)),
        Unique(("book_id", "external_ref")),
    )
    STAGED = "registered"
    partner_id: Annotated[PartnerId, Col("Id of the partner.")]
    partner_no: Annotated[PartnerNo, Col("Its number in the book, from 1, by which transfers refer to it.", bits=32)]
    external_ref: Annotated[
        str, Col("Unique name of the partner within the book, in lower case with dashes.", staged="partner_ref")
    ]
    name: Annotated[str, Col("Name of the partner as a person reads it.", staged="partner_name")]
    vertical: Annotated[Vertical, Col("The partner's line of business.")]
    actor: Annotated[str, Col("The actor that registered it.", staged=False)]


@record
class Customer(Fact):
    """A person as one partner knows them; one person may be a customer of several partners."""

    TABLE = "customers"
    PUBLIC_IDS = (("customer", "cus"), ("person", "per"))
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Unique(("book_id", "customer_id")),
        Unique(("book_id", "partner_id", "external_ref")),
        Index(("book_id", "partner_id", "customer_id")),
        Index(("book_id", "person_id")),
    )
    ACCESS_IS_RECORDED = True
    RETENTION = Retention.CUSTOMER
    STAGED = "registered"
    customer_id: Annotated[CustomerId, Col("Id of the customer.")]
    partner_id: Annotated[PartnerId, Col("The partner whose customer it is.")]
    person_id: Annotated[
        PersonId, Col("The person behind the customer, the same at every partner of the book.", staged=False)
    ]
    external_ref: Annotated[
        str, Col("The partner's own reference, sealed under the customer's key: it may be an e-mail address.", pii=True)
    ]
    actor: Annotated[str, Col("The actor that registered the customer.", staged=False)]


@record
class ApiKeyGrant(Fact):
    """The rights of an API key from this position on: it was issued, changed or revoked; the newest grant applies."""

    TABLE = "api_key_grants"
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Index(("book_id", "api_key_id", "seq")),
    )
    READERS = Readers.NONE
    api_key_id: Annotated[ApiKeyId, Col("Id of the key, which is part of its text.")]
    partner_id: Annotated[PartnerId, Col("The partner that the key belongs to.")]
    key_hash: Annotated[bytes, Col("HMAC-SHA256 of the key's secret under the installation's pepper.", withheld=True)]
    scopes: Annotated[str, Col("The scopes of the key, separated by blanks: read, write.")]
    issued_at: Annotated[datetime, Col("The instant at which the key was issued.")]
    actor: Annotated[str, Col("The actor that issued or revoked it.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]
    revoked_at: Annotated[datetime | None, Col("The instant at which the key was revoked; null if it was not.")]
    label: Annotated[str | None, Col("The operator's name for the key.")]
    expires_at: Annotated[datetime | None, Col("The instant from which the key is refused; null without an end.")]
    addresses: Annotated[
        str | None, Col("The networks that the key is accepted from, separated by blanks; null for every address.")
    ]
    replaces_id: Annotated[ApiKeyId | None, Col("The key whose successor it is; null if it succeeds none.")]


@record
class ApiKey(Record):
    """An API key of a partner's application, stored as a keyed hash: a projection of its newest grant."""

    TABLE = "api_keys"
    PUBLIC_IDS = (("api_key", "key"),)
    IN_LAKE = False
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Unique(("api_key_id",)),
    )
    CHANGES = Changes(("revoked_at", "expires_at"))
    READERS = Readers.NONE
    book_id: Annotated[BookId, Col("The book that the key reaches.", key=True, bits=32)]
    api_key_id: Annotated[ApiKeyId, Col("Id of the key, which is part of its text.", key=True)]
    partner_id: Annotated[PartnerId, Col("The partner that the key belongs to.")]
    key_hash: Annotated[bytes, Col("HMAC-SHA256 of the key's secret under the installation's pepper.")]
    scopes: Annotated[str, Col("The scopes of the key, separated by blanks: read, write.")]
    created_at: Annotated[datetime, Col("The instant at which the key was made.")]
    revoked_at: Annotated[datetime | None, Col("The instant at which the key was revoked; null if it was not.")]
    label: Annotated[str | None, Col("The operator's name for the key.")]
    expires_at: Annotated[datetime | None, Col("The instant from which the key is refused; null without an end.")]
    addresses: Annotated[
        str | None, Col("The networks that the key is accepted from, separated by blanks; null for every address.")
    ]
    replaces_id: Annotated[ApiKeyId | None, Col("The key whose successor it is; null if it succeeds none.")]


RequestId = NewType("RequestId", UUID)


@record
class RequestAnswer(Fact):
    """The answer to a request other than a transfer: its key, its content, and its result."""

    TABLE = "request_answers"
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Unique(("book_id", "request_id")),
    )
    READERS = Readers.NONE
    request_id: Annotated[RequestId, Col("Id of the request, which follows from the partner and the key.")]
    partner_id: Annotated[PartnerId, Col("The partner that sent the request.")]
    content_hash: Annotated[bytes, Col("SHA-256 of the request's content.")]
    answered_seq: Annotated[int, Col("Position of the resulting fact.")]
    actor: Annotated[str, Col("The actor that sent the request.")]
    refusal_code: Annotated[str | None, Col("The code of its refusal; null if it was done.")]
    refusal: Annotated[str | None, Col("The text of its refusal.", withheld=True)]


@record
class AnsweredRequest(Record):
    """A request that was answered, so that the same key gets the same answer: a projection of that answer."""

    TABLE = "answered_requests"
    IN_LAKE = False
    CONSTRAINTS = (Refers(("book_id", "partner_id"), "partners"),)
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    request_id: Annotated[
        RequestId, Col("Id of the request, which follows from the partner and the key, as a transfer's does.", key=True)
    ]
    partner_id: Annotated[PartnerId, Col("The partner that sent the request.")]
    content_hash: Annotated[bytes, Col("SHA-256 of the request's content.")]
    answered_seq: Annotated[int, Col("Position of the resulting fact; of a refusal, that of the head at that time.")]
    refusal_code: Annotated[str | None, Col("The code of its refusal; null if it was done.")]
    refusal: Annotated[str | None, Col("The text of its refusal; null if it was done.")]


@record
class BookCalendar(Fact):
    """A rule for a book's accounting dates from a date on: by the clock of a time zone, each up to a cut-off."""

    TABLE = "book_calendars"
    CONSTRAINTS = (
        Refers(("book_id",), "books"),
        Check("cut_off", "cut_off_minutes BETWEEN 720 AND 2160"),
    )
    READERS = Readers.ALL
    from_on: Annotated[date, Col("The first accounting date that the rule applies to; year 1: all from the beginning.")]
    cut_off_minutes: Annotated[
        int, Col("Wall time at which a date ends, in minutes after its midnight: 1440 is the next midnight.")
    ]
    time_zone: Annotated[str, Col("IANA name of the time zone, such as Europe/Prague.")]
    actor: Annotated[str, Col("The actor that set it.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]


@record
class OperatingPeriod(Fact):
    """The dates between which a book operates, as its operator declares: the public bounds of its released insights."""

    TABLE = "operating_periods"
    CONSTRAINTS = (
        Refers(("book_id",), "books"),
        Check("order", "until_on >= from_on"),
    )
    READERS = Readers.ALL
    from_on: Annotated[date, Col("The first accounting date of the operation.")]
    actor: Annotated[str, Col("The actor that declared it.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]
    until_on: Annotated[date | None, Col("The last accounting date of the operation; null while it continues.")]


OperatorSessionId = NewType("OperatorSessionId", UUID)


@record
class OperatorSession(Record):
    """A signed-in operator: begun by the provider's word, ended by a sign-out, by another operator, or by time."""

    TABLE = "operator_sessions"
    PUBLIC_IDS = (("operator_session", "ops"),)
    IN_LAKE = False
    CONSTRAINTS = (Unique(("session_hash",)), Index(("book_id", "expires_at")))
    CHANGES = Changes(("seen_at", "ended_at"), deletes=True)
    READERS = Readers.NONE
    book_id: Annotated[BookId, Col("Always 0: a session reaches all books of the installation.", key=True, bits=32)]
    session_id: Annotated[OperatorSessionId, Col("Id of the session; it is not the secret in the cookie.", key=True)]
    session_hash: Annotated[bytes, Col("SHA-256 of the secret in the browser's cookie.")]
    subject: Annotated[str, Col("The operator, by the provider's stable identifier.")]
    display_name: Annotated[str, Col("The operator's name, as the provider stated it at the sign-in.")]
    roles: Annotated[str, Col("The roles that the provider stated, separated by blanks.")]
    begun_at: Annotated[datetime, Col("The instant of the sign-in.")]
    seen_at: Annotated[datetime, Col("The instant of the newest request, to the minute.")]
    expires_at: Annotated[datetime, Col("The instant from which it is refused, however much it is used.")]
    ended_at: Annotated[datetime | None, Col("The instant at which it was ended; null if nobody ended it.")]


OperatorRequestId = NewType("OperatorRequestId", UUID)


@record
class OperatorChange(Fact):
    """A change that a signed-in operator made: its actor and reason, and the policies that permitted it."""

    TABLE = "operator_changes"
    CONSTRAINTS = (
        Refers(("book_id",), "books"),
        Unique(("book_id", "request_id")),
    )
    READERS = Readers.NONE
    request_id: Annotated[OperatorRequestId, Col("Id of the request, which follows from the actor and the key.")]
    action: Annotated[str, Col("The mutation of the operators' schema, such as revokeApiKey.")]
    content_hash: Annotated[bytes, Col("SHA-256 of the request's content.")]
    object_id: Annotated[UUID | None, Col("Id of what it made or changed; null if it has none.")]
    actor: Annotated[str, Col("The operator, by the provider's stable identifier: operator:….")]
    reason: Annotated[str, Col("The reason, in the operator's words.")]
    policy: Annotated[str, Col("The names of the policies that permitted it.")]
