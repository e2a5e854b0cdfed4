"""Reveals of vault tokens: the mutation that shows a value, after it has recorded that it does."""

from typing import Annotated

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.nouns.vault_tokens import VaultTokenNode, named_token, show_tokens
from api.graphql.scalars import Position, SecretText
from api.graphql.validation import IdempotencyKey
from ledger.flows.vault_tokens import RecordedReveal, record_reveal, revealed_value
from ledger.kernel import errors
from ledger.kernel.work import Work
from ledger.vault_tokens.errors import TokenEnded
from ledger.vault_tokens.records import VaultTokenId
from ledger.vault_tokens.token_pages import tokens
from ledger.vault_tokens.tokens import owned_token


@strawberry.input
class RevealVaultTokenInput:
    """The value to show."""

    vault_token: strawberry.ID = strawberry.field(description="The token, vtk_…")
    reason: str = strawberry.field(
        description="Why it is shown, in 1 to 500 characters; recorded permanently, so name no person."
    )


@strawberry.type
class RevealedVaultToken(Success):
    """The value may be shown: that it is was recorded with its actor and reason."""

    vault_token: VaultTokenNode = strawberry.field(description="The token.")
    value: SecretText = strawberry.field(description="The value, without the blanks and hyphens it was written with.")


RevealVaultTokenResult = Annotated[
    RevealedVaultToken
    | refusals.VaultTokenEnded
    | refusals.NotFound
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable,
    strawberry.union("RevealVaultTokenResult", description="The value, or the reason why it is not shown."),
]


@strawberry.type
class VaultTokenRevealMutations:
    """The mutation that shows the value of a vault token."""

    @strawberry.mutation
    def reveal_vault_token(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[RevealVaultTokenInput, strawberry.argument(name="input", description="The token.")],
        idempotency_key: IdempotencyKey,
    ) -> RevealVaultTokenResult | None:
        """Show the value of a token. Needs the scope `reveal`; each showing is recorded, also that of a resend."""
        call = info.context
        try:
            token_id, reason = named_token(wanted.vault_token, wanted.reason, idempotency_key, what="show it")
            return _revealed(call, token_id, reason, key=idempotency_key)
        except TokenEnded as refusal:
            return refusals.vault_token_ended(refusal, "input", "vaultToken")
        except errors.Refusal as refusal:
            return refusals.shown_of_named(refusal, "input", "vaultToken")


def _revealed(call: Call, token_id: VaultTokenId, reason: str, *, key: str) -> RevealedVaultToken:
    """Record the reveal and commit it, then open the value; a resend is one more reveal."""

    def recorded(work: Work) -> RecordedReveal:
        return record_reveal(work, call.book_id, token_id, reason=reason)

    content = {"revealVaultToken": token_id.hex, "reason": reason}
    done = call.once(key, content, lambda work: recorded(work).seq)
    if done.is_replay:
        call.in_work(recorded)
    value = revealed_value(call.vault, call.in_work(lambda work: owned_token(work, call.book_id, token_id)))
    view = tokens(call.reader(), call.book_id, [token_id])[token_id]
    return RevealedVaultToken(
        vault_token=show_tokens([view])[0],
        value=SecretText(value),
        position=Position(done.seq),
        is_replay=done.is_replay,
    )
