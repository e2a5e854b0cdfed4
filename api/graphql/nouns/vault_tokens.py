"""Vault tokens in the schema, without their values."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Final

import strawberry

from api.context import Call
from api.graphql.columns import ACTOR, BOOK, OURS, OWN, Shown
from api.graphql.mistakes import Mistakes
from api.graphql.nodes import Node, find
from api.graphql.nouns.customers import CustomerNode
from api.graphql.scalars import Position
from ledger.kernel.texts import checked_text
from ledger.personal_data.subjects import checked_reason
from ledger.public_ids import parse_public, public
from ledger.tenancy.records import CustomerId
from ledger.vault_tokens import records
from ledger.vault_tokens.records import VaultTokenId
from ledger.vault_tokens.token_pages import TokenView

SHOWN: Final = {
    records.VaultToken: Shown(
        ("VaultToken",),
        {
            "seq": "position",
            "recorded_at": "created_at",
            "token_id": "id",
            "customer_id": "customer",
            "fingerprint_id": "fingerprint",
            "last_four": "mask",
        },
        {**OURS, "value": "each showing of it is a reveal, which is recorded with its reason"},
    ),
    records.VaultTokenEnding: Shown(
        ("VaultToken",),
        {"token_id": "id", "recorded_at": "ended_at", "cause": "ending_cause"},
        {
            "book_id": BOOK,
            "partner_id": OWN,
            "actor": ACTOR,
            "seq": "the position of the token says where it was created",
            "reason": "it may be an operator's",
        },
    ),
}


@strawberry.enum
class VaultTokenKind(Enum):
    """The kind of value that a vault token stands for."""

    IBAN = strawberry.enum_value("iban", description="An International Bank Account Number.")
    US_ACCOUNT = strawberry.enum_value(
        "us_account", description="A routing number and an account number of a US bank, with a slash between them."
    )
    CARD = strawberry.enum_value("card", description="The number of a payment card.")
    DOCUMENT = strawberry.enum_value(
        "document", description="The number of a document, such as a passport or a tax identifier."
    )


@strawberry.enum
class VaultTokenEndingCause(Enum):
    """The reason why a vault token stands for nothing any more."""

    ERASED = strawberry.enum_value("erased", description="It was erased.")
    EXPIRED = strawberry.enum_value("expired", description="It has expired.")
    CUSTOMER_FORGOTTEN = strawberry.enum_value("customer_forgotten", description="Its customer was forgotten.")


@strawberry.type(name="VaultToken")
class VaultTokenNode(Node):
    """A random id that stands for a secret value; store it in place of the value."""

    kind: VaultTokenKind = strawberry.field(description="The kind of value.")
    mask: str = strawberry.field(description="The end of the value, for people to recognise it by: •••• 4242.")
    fingerprint: strawberry.ID = strawberry.field(
        description="The same for equal values of a kind, among your own tokens; it tells nothing else about the value."
    )
    created_at: datetime = strawberry.field(description="The instant of its creation.")
    expires_at: datetime | None = strawberry.field(
        description="The instant at which the value is destroyed; null if it is kept until it is erased."
    )
    ended_at: datetime | None = strawberry.field(
        description="The instant at which the token ended and its value was destroyed; null while it stands."
    )
    ending_cause: VaultTokenEndingCause | None = strawberry.field(description="Why it ended; null while it stands.")
    position: Position = strawberry.field(description="The journal position of its creation.")
    customer_id: strawberry.Private[CustomerId | None]
    beside: strawberry.Private[Sequence[CustomerId]]

    @strawberry.field
    def customer(self, info: strawberry.Info[Call, None]) -> CustomerNode | None:
        """Owner of the value; null if it names no customer."""
        if self.customer_id is None:
            return None
        found: CustomerNode | None = find(info, "customer", self.customer_id, self.beside)
        return found


def show_tokens(views: Sequence[TokenView]) -> list[VaultTokenNode]:
    """Return the nodes of tokens that are read together."""
    beside = [view.customer_id for view in views if view.customer_id is not None]
    return [_shown(view, beside) for view in views]


def named_token(token: str, reason: str, key: str, *, what: str) -> tuple[VaultTokenId, str]:
    """Read a token and a reason from an input. Raises `InvalidFields` with every mistake."""
    mistakes = Mistakes()
    read = mistakes.at("input").read
    token_id = VaultTokenId(read("vaultToken", parse_public, "vault_token", token))
    reason = read("reason", checked_reason, reason, what=what)
    mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key)
    mistakes.refuse()
    return token_id, reason


def _shown(view: TokenView, beside: Sequence[CustomerId]) -> VaultTokenNode:
    return VaultTokenNode(
        id=strawberry.ID(public("vault_token", view.token_id)),
        kind=VaultTokenKind(view.kind),
        mask=f"•••• {view.last_four}",
        fingerprint=strawberry.ID(public("fingerprint", view.fingerprint_id)),
        created_at=view.recorded_at,
        expires_at=view.expires_at,
        ended_at=view.ended_at,
        ending_cause=None if view.cause is None else VaultTokenEndingCause(view.cause),
        position=Position(view.seq),
        customer_id=view.customer_id,
        beside=beside,
    )
