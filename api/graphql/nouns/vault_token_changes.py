"""Creates and erases vault tokens: the mutations that store secret values, and destroy them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.mistakes import Mistakes
from api.graphql.nouns.vault_tokens import VaultTokenKind, VaultTokenNode, named_token, show_tokens
from api.graphql.scalars import Position, SecretText
from api.graphql.validation import IdempotencyKey
from ledger.flows.vault_tokens import create_token
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.public_ids import parse_public
from ledger.tenancy.idempotency import Answer
from ledger.tenancy.records import CustomerId
from ledger.vault_tokens.erasure import destroy_keys, erase_token
from ledger.vault_tokens.fingerprints import fingerprint_of
from ledger.vault_tokens.records import TokenKind, VaultTokenId
from ledger.vault_tokens.token_pages import token_at, tokens
from ledger.vault_tokens.tokens import TokenOrder
from ledger.vault_tokens.validation import secret_value


@strawberry.input
class CreateVaultTokenInput:
    """The value to store, and how long to keep it."""

    kind: VaultTokenKind = strawberry.field(description="The kind of value.")
    value: SecretText = strawberry.field(
        description="The value, with or without blanks and hyphens. Of a US account: the routing number, a slash, and "
        "the account number."
    )
    customer: strawberry.ID | None = strawberry.field(
        default=None,
        description="The customer whom it belongs to, cus_…: the token ends when the customer is forgotten.",
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="The instant at which the value is destroyed. Absent: it is kept until it is erased."
    )


@strawberry.input
class EraseVaultTokenInput:
    """The value to destroy."""

    vault_token: strawberry.ID = strawberry.field(description="The token, vtk_…")
    reason: str = strawberry.field(
        description="Why it is erased, in 1 to 500 characters; recorded permanently, so name no person."
    )


@strawberry.type
class StoredVaultToken(Success):
    """The token was created, or erased."""

    vault_token: VaultTokenNode = strawberry.field(description="The token.")

    @classmethod
    def of(cls, call: Call, token_id: VaultTokenId, done: Answer) -> "StoredVaultToken":
        """Return the answer to a request that created or erased a token."""
        view = tokens(call.reader(), call.book_id, [token_id])[token_id]
        return cls(vault_token=show_tokens([view])[0], position=Position(done.seq), is_replay=done.is_replay)


VaultTokenResult = Annotated[
    StoredVaultToken | refusals.NotFound | refusals.InvalidInput | refusals.IdempotencyConflict | refusals.Unavailable,
    strawberry.union("VaultTokenResult", description="The token, or the reason why nothing was changed."),
]


@strawberry.type
class VaultTokenMutations:
    """Mutations that create and erase vault tokens."""

    @strawberry.mutation
    def create_vault_token(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[CreateVaultTokenInput, strawberry.argument(name="input", description="The value.")],
        idempotency_key: IdempotencyKey,
    ) -> VaultTokenResult | None:
        """Store an account number, a card or a document, and get a token that stands for it."""
        call = info.context
        try:
            order = _order(call, wanted, idempotency_key)
            done = call.once(
                idempotency_key, _content(order), lambda work: create_token(work, call.vault, call.book_id, order)
            )
            token_id = token_at(call.reader(), call.book_id, done.seq).token_id
            return StoredVaultToken.of(call, token_id, done)
        except errors.Refusal as refusal:
            return refusals.shown_of_named(refusal, "input", "customer")

    @strawberry.mutation
    def erase_vault_token(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[EraseVaultTokenInput, strawberry.argument(name="input", description="The token.")],
        idempotency_key: IdempotencyKey,
    ) -> VaultTokenResult | None:
        """Destroy the value of a token for good; a token that has ended stays as it is."""
        call = info.context
        try:
            token_id, reason = named_token(wanted.vault_token, wanted.reason, idempotency_key, what="erase it")
            content = {"eraseVaultToken": token_id.hex, "reason": reason}
            done = call.once(
                idempotency_key, content, lambda work: erase_token(work, call.book_id, token_id, reason=reason)
            )
            call.blocking(lambda engine: destroy_keys(engine, call.vault, call.book_id, [token_id]))
            return StoredVaultToken.of(call, token_id, done)
        except errors.Refusal as refusal:
            return refusals.shown_of_named(refusal, "input", "vaultToken")


def _order(call: Call, wanted: CreateVaultTokenInput, key: str) -> TokenOrder:
    mistakes = Mistakes()
    kind = TokenKind[wanted.kind.name]
    value = mistakes.at("input").read("value", secret_value, kind, wanted.value)
    customer = wanted.customer
    read = mistakes.at("input").read
    customer_id = None if customer is None else CustomerId(read("customer", parse_public, "customer", customer))
    mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key)
    mistakes.refuse()
    partner_id = call.principal.partner_id
    fingerprint_id = fingerprint_of(call.vault, call.book_id, partner_id, value)
    return TokenOrder(partner_id, value, fingerprint_id, customer_id, wanted.expires_at)


def _content(order: TokenOrder) -> Mapping[str, object]:
    """Return what the key is bound to: the fingerprint in place of the value, whose hash could be guessed."""
    return {
        "createVaultToken": order.value.kind,
        "fingerprint": order.fingerprint_id.hex,
        "customer": None if order.customer_id is None else order.customer_id.hex,
        "expiresAt": None if order.expires_at is None else order.expires_at.isoformat(),
    }
