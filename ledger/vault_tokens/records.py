"""Records of vault tokens: the tokens with their sealed values, their endings, and those that expire by themselves."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

from ledger.kernel.constraints import Index, Refers, Unique
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Col, Fact, Record, record
from ledger.kernel.retention import Retention
from ledger.kernel.rights import Changes, Readers
from ledger.tenancy.records import CustomerId

VaultTokenId = NewType("VaultTokenId", UUID)
FingerprintId = NewType("FingerprintId", UUID)


class TokenKind(StrEnum):
    """The kind of value that a token stands for."""

    IBAN = "iban"
    US_ACCOUNT = "us_account"
    CARD = "card"
    DOCUMENT = "document"


class EndingCause(StrEnum):
    """The reason why a token stands for nothing any more."""

    ERASED = "erased"
    EXPIRED = "expired"
    CUSTOMER_FORGOTTEN = "customer_forgotten"


@record
class VaultToken(Fact):
    """A random id that stands for a secret value; the value is sealed under a key of its own, outside the lake."""

    TABLE = "vault_tokens"
    PUBLIC_IDS = (("vault_token", "vtk"), ("fingerprint", "fpr"))
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Unique(("book_id", "token_id")),
        Index(("book_id", "partner_id", "seq")),
        Index(("book_id", "fingerprint_id", "seq")),
        Index(("book_id", "customer_id", "seq"), where="customer_id IS NOT NULL"),
    )
    ACCESS_IS_RECORDED = True
    RETENTION = Retention.CUSTOMER
    token_id: Annotated[VaultTokenId, Col("Id of the token, and of the key that its value is sealed under.")]
    partner_id: Annotated[PartnerId, Col("The partner that stored the value.")]
    customer_id: Annotated[CustomerId | None, Col("The customer whom the value belongs to; null if it names none.")]
    kind: Annotated[TokenKind, Col("The kind of value.")]
    value: Annotated[str, Col("The value, as sealed text.", pii=True, withheld=True)]
    fingerprint_id: Annotated[
        FingerprintId, Col("A random id that equal values of one kind share within a partner, and with no other one.")
    ]
    last_four: Annotated[str, Col("The last characters of the value: four, or fewer of a short one.")]
    expires_at: Annotated[datetime | None, Col("The instant at which the value is destroyed; null if never.")]
    actor: Annotated[str, Col("The actor that stored it.")]


@record
class VaultTokenEnding(Fact):
    """The end of a token: the key of its value is destroyed, and no copy of the value can be read again."""

    TABLE = "vault_token_endings"
    CONSTRAINTS = (Unique(("book_id", "token_id")),)
    RETENTION = Retention.CUSTOMER
    partner_id: Annotated[PartnerId, Col("The partner that the token belongs to.")]
    token_id: Annotated[VaultTokenId, Col("The token.")]
    cause: Annotated[EndingCause, Col("Why it ended.")]
    actor: Annotated[str, Col("The actor that ended it.")]
    reason: Annotated[str, Col("The reason, in the actor's words; it names no person.")]


@record
class ExpiringToken(Record):
    """A token that has not ended, and expires: a projection of its facts, which `verify` derives again."""

    TABLE = "expiring_vault_tokens"
    IN_LAKE = False
    CONSTRAINTS = (Index(("book_id", "expires_at", "token_id")),)
    CHANGES = Changes(deletes=True)
    READERS = Readers.NONE
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    token_id: Annotated[VaultTokenId, Col("The token.", key=True)]
    partner_id: Annotated[PartnerId, Col("The partner that it belongs to.")]
    expires_at: Annotated[datetime, Col("The instant at which it expires.")]
