"""The query that finds what the request of an idempotency key did."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.arguments import read_argument
from api.graphql.codes import code_of
from api.graphql.nouns.metadata import ChangedMetadata
from api.graphql.nouns.monitors import WatchedAccount
from api.graphql.nouns.openings import OpenedAccountNode, account_id_of
from api.graphql.nouns.orders import TRANSFERS_MAX, transfer_id_of
from api.graphql.nouns.postings import PostedTransfers, Refused, show_refused
from api.graphql.nouns.templates import PublishedTemplate
from api.graphql.nouns.terms import ChangedAccount
from api.graphql.nouns.vault_token_changes import StoredVaultToken
from api.graphql.nouns.webhook_changes import ChangedWebhookEndpoint, changed_endpoint
from api.graphql.nouns.webhook_replays import ScheduledWebhook, scheduled_webhook
from ledger.book.errors import FrozenByOperator
from ledger.book.judging.results import Result
from ledger.book.reading.references import refused_transfers
from ledger.book.reading.transfers import transfers
from ledger.book.records.accounts import AccountId
from ledger.flows.changed_objects import changed_object
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.outbox.records import EndpointId
from ledger.tenancy.idempotency import Answer, answer_to
from ledger.vault_tokens.errors import TokenEnded
from ledger.vault_tokens.records import VaultTokenId

_Webhook = ChangedWebhookEndpoint | ScheduledWebhook
Done = (
    OpenedAccountNode
    | ChangedAccount
    | WatchedAccount
    | PublishedTemplate
    | ChangedMetadata
    | StoredVaultToken
    | _Webhook
)
_Final = refusals.NotFound | refusals.NotAllowed | refusals.VaultTokenEnded
KeyResult = Annotated[
    PostedTransfers | Done | Refused | refusals.AlreadyReversed | _Final,
    strawberry.union("KeyResult", description="The answer that the first request with a key got."),
]


@strawberry.type
class RequestQueries:
    """Queries of requests."""

    @strawberry.field
    def result_of_key(
        self,
        info: strawberry.Info[Call, None],
        idempotency_key: Annotated[str, strawberry.argument(description="The key of one of your mutations.")],
    ) -> KeyResult | None:
        """Answer to your mutation with this key; null if nothing was done or refused for good under it.

        Of a replay of a range of webhooks it is the last delivery, or null if none was due.

        A request that is under way may still be done: send it again to be sure.
        """
        call, key = info.context, _key(idempotency_key)
        done = answer_to(call.reader(), call.book_id, call.principal.partner_id, key)
        if done is not None:
            return _refused(done.refusal) if done.refusal is not None else _done(call, key, done)
        return _posted(call, key) or _refused_transfer(call, key)


def _key(text: str) -> str:
    return read_argument("idempotencyKey", checked_text, "idempotencyKey", text)


def _done(call: Call, key: str, done: Answer) -> Done | None:
    changed = changed_object(call.reader(), call.book_id, done.seq)
    if changed is None:
        return None
    if changed.table == "accounts" and changed.object_id == account_id_of(call, key):
        return OpenedAccountNode.of(call, AccountId(changed.object_id), done)
    return _SHOW[changed.table](call, changed.object_id, done)


def _posted(call: Call, key: str) -> PostedTransfers | None:
    """Return the transfers that a key posted: one, or those of its group."""
    ids = [transfer_id_of(call, key, index) for index in range(TRANSFERS_MAX)]
    found = transfers(call.reader(), call.book_id, ids)
    views = [found[transfer_id] for transfer_id in ids if transfer_id in found]
    return PostedTransfers.of(call, views, is_replay=True) if views else None


def _refused_transfer(call: Call, key: str) -> refusals.TransferRefused | None:
    """Return the refusal of the transfer that failed the request of a key."""
    ids = [transfer_id_of(call, key, index) for index in range(TRANSFERS_MAX)]
    refused = refused_transfers(call.reader(), call.book_id, ids)
    culprit = next((each for each in refused if each.result != Result.LINKED_FAILED), None)
    if culprit is None:
        return None
    index = ids.index(culprit.transfer_id)
    return show_refused(Result.of(culprit.result), index, culprit.seq, is_replay=True)


def _refused(refusal: errors.Refusal) -> _Final | refusals.IdempotencyConflict:
    code, message = code_of(refusal), str(refusal)
    if isinstance(refusal, FrozenByOperator):
        return refusals.NotAllowed(code=code, message=message, is_replay=True)
    if isinstance(refusal, errors.NotFound):
        return refusals.NotFound(code=code, message=message, is_replay=True)
    if isinstance(refusal, TokenEnded):
        return refusals.VaultTokenEnded(code=code, message=message, is_replay=True)
    return refusals.IdempotencyConflict(code=code, message=message, is_replay=True)


_SHOW: Final[Mapping[str, Callable[[Call, UUID, Answer], Done]]] = {
    # A change of terms that changed nothing is answered with the position of what it found: the account's opening.
    "accounts": lambda call, account_id, done: ChangedAccount.of(call, AccountId(account_id), done),
    "account_terms": lambda call, account_id, done: ChangedAccount.of(call, AccountId(account_id), done),
    "monitors": lambda call, _, done: WatchedAccount.of(call, done),
    "posting_templates": lambda call, _, done: PublishedTemplate.of(call, done),
    "vault_tokens": lambda call, token_id, done: StoredVaultToken.of(call, VaultTokenId(token_id), done),
    "vault_token_endings": lambda call, token_id, done: StoredVaultToken.of(call, VaultTokenId(token_id), done),
    # A reveal is answered without its value: each showing of that is a reveal of its own.
    "personal_readings": lambda call, token_id, done: StoredVaultToken.of(call, VaultTokenId(token_id), done),
    "object_metadata": lambda call, _, done: ChangedMetadata.of(call, done),
    "endpoints": lambda call, endpoint_id, done: changed_endpoint(call, EndpointId(endpoint_id), done),
    "outbound_calls": lambda call, _, done: scheduled_webhook(call, done),
}
