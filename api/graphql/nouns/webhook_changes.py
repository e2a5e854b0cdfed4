"""Mutations of endpoints of webhooks: created, changed, paused, resumed and retired; their secrets are rotated."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.mistakes import Mistakes
from api.graphql.nouns.webhook_endpoints import WebhookEndpointNode, WebhookEventType, show_endpoint
from api.graphql.nouns.webhook_inputs import (
    CreateWebhookEndpointInput,
    PauseWebhookEndpointInput,
    ResumeWebhookEndpointInput,
    RetireWebhookEndpointInput,
    RotateWebhookSecretInput,
    UpdateWebhookEndpointInput,
)
from api.graphql.scalars import Position
from api.graphql.validation import IdempotencyKey
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.kernel.work import Work
from ledger.outbox.endpoint_listing import require_room
from ledger.outbox.endpoints import (
    EndpointSettings,
    change_endpoint,
    endpoint,
    endpoint_id_of,
    register_endpoint,
    rotate_secret,
    step_endpoint,
)
from ledger.outbox.records import EndpointId
from ledger.outbox.signatures import SignatureScheme, new_secret, verification_key
from ledger.outbox.signing_secrets import seal_secret
from ledger.public_ids import parse_public
from ledger.tenancy.idempotency import Answer

_REASON: Final = "the partner asked"


@strawberry.type
class ChangedWebhookEndpoint(Success):
    """The endpoint as it is now, and its new secret, if it was given one."""

    webhook_endpoint: WebhookEndpointNode = strawberry.field(description="The endpoint.")
    secret: str | None = strawberry.field(
        description="What verifies the signatures, `whsec_…` or the public key `whpk_…`: in this answer alone. Null if "
        "it did not change, or in the answer to a resend; then rotate the secret."
    )


WebhookEndpointResult = Annotated[
    ChangedWebhookEndpoint
    | refusals.NotFound
    | refusals.IllegalTransition
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable,
    strawberry.union("WebhookEndpointResult", description="The endpoint, or the reason why nothing was changed."),
]
_Info = strawberry.Info[Call, None]


@strawberry.type
class WebhookEndpointMutations:
    """Mutations of endpoints of webhooks."""

    @strawberry.mutation
    def create_webhook_endpoint(
        self,
        info: _Info,
        wanted: Annotated[CreateWebhookEndpointInput, strawberry.argument(name="input", description="The endpoint.")],
        idempotency_key: IdempotencyKey,
    ) -> WebhookEndpointResult | None:
        """Have events sent to an address. The answer has the secret that verifies them, once."""
        call = info.context
        secret = new_secret(SignatureScheme(str(wanted.signature.value)))
        content = {
            "createWebhookEndpoint": wanted.url,
            "eventTypes": _names(wanted.event_types),
            "isOrdered": wanted.is_ordered,
            "concurrency": wanted.concurrency,
            "signature": str(wanted.signature.value),
        }

        def create(work: Work) -> EndpointId:
            require_room(work, call.book_id)
            sealed = seal_secret(call.vault, call.book_id, call.principal.partner_id, secret)
            return register_endpoint(
                work,
                call.book_id,
                call.principal.partner_id,
                address=wanted.url,
                reason=_REASON,
                settings=_settings(wanted)._replace(secret=sealed),
                is_private_allowed=call.calls_private,
                is_loopback_allowed=call.calls_loopback,
            )

        def do(work: Work) -> int:
            return endpoint(work, call.book_id, create(work)).seq

        try:
            mistakes = Mistakes()
            mistakes.read("idempotencyKey", checked_text, "idempotencyKey", idempotency_key)
            mistakes.refuse()
            done = call.once(idempotency_key, content, do)
            endpoint_id = endpoint_id_of(call.book_id, call.principal.partner_id, wanted.url)
            return changed_endpoint(call, endpoint_id, done, secret)
        except errors.Refusal as refusal:
            return refusals.shown_of_step(refusal, "input", "url")

    @strawberry.mutation
    def update_webhook_endpoint(
        self,
        info: _Info,
        wanted: Annotated[UpdateWebhookEndpointInput, strawberry.argument(name="input", description="The changes.")],
        idempotency_key: IdempotencyKey,
    ) -> WebhookEndpointResult | None:
        """Change what is sent to an endpoint, or how."""
        call = info.context
        content: dict[str, object] = {
            "updateWebhookEndpoint": wanted.endpoint,
            "eventTypes": _names(wanted.event_types),
            "isOrdered": wanted.is_ordered,
            "concurrency": wanted.concurrency,
        }

        def do(work: Work, endpoint_id: EndpointId) -> int:
            return change_endpoint(work, call.book_id, endpoint_id, _settings(wanted), reason=_REASON)

        return _done(call, wanted.endpoint, idempotency_key, content, do=do)

    @strawberry.mutation
    def pause_webhook_endpoint(
        self,
        info: _Info,
        wanted: Annotated[PauseWebhookEndpointInput, strawberry.argument(name="input", description="The endpoint.")],
        idempotency_key: IdempotencyKey,
    ) -> WebhookEndpointResult | None:
        """Let the events of an endpoint wait. What one of our processes holds already may still arrive."""
        return _step(info.context, wanted.endpoint, idempotency_key, "pause")

    @strawberry.mutation
    def resume_webhook_endpoint(
        self,
        info: _Info,
        wanted: Annotated[ResumeWebhookEndpointInput, strawberry.argument(name="input", description="The endpoint.")],
        idempotency_key: IdempotencyKey,
    ) -> WebhookEndpointResult | None:
        """Send the events of a paused endpoint again, beginning with those that wait."""
        return _step(info.context, wanted.endpoint, idempotency_key, "resume")

    @strawberry.mutation
    def retire_webhook_endpoint(
        self,
        info: _Info,
        wanted: Annotated[RetireWebhookEndpointInput, strawberry.argument(name="input", description="The endpoint.")],
        idempotency_key: IdempotencyKey,
    ) -> WebhookEndpointResult | None:
        """Send nothing to an endpoint any more; what waits is given up. Create it again to have it back."""
        return _step(info.context, wanted.endpoint, idempotency_key, "retire")

    @strawberry.mutation
    def rotate_webhook_secret(
        self,
        info: _Info,
        wanted: Annotated[RotateWebhookSecretInput, strawberry.argument(name="input", description="The endpoint.")],
        idempotency_key: IdempotencyKey,
    ) -> WebhookEndpointResult | None:
        """Give an endpoint a new secret; both sign for the time of the overlap. The answer has the new one, once."""
        call = info.context
        secret = new_secret(SignatureScheme(str(wanted.signature.value)))
        content = {
            "rotateWebhookSecret": wanted.endpoint,
            "overlapHours": wanted.overlap_hours,
            "signature": str(wanted.signature.value),
        }

        def do(work: Work, endpoint_id: EndpointId) -> int:
            sealed = seal_secret(call.vault, call.book_id, call.principal.partner_id, secret)
            overlap = timedelta(hours=wanted.overlap_hours)
            return rotate_secret(work, call.book_id, endpoint_id, sealed, overlap=overlap, reason=_REASON)

        return _done(call, wanted.endpoint, idempotency_key, content, do=do, secret=secret)


def changed_endpoint(
    call: Call, endpoint_id: EndpointId, done: Answer, secret: str | None = None
) -> ChangedWebhookEndpoint:
    """Return the answer to a change of an endpoint; the secret is shown in the first one."""
    shown = None if secret is None or done.is_replay else verification_key(secret)
    return ChangedWebhookEndpoint(
        webhook_endpoint=show_endpoint(endpoint(call.reader(), call.book_id, endpoint_id)),
        secret=shown,
        position=Position(done.seq),
        is_replay=done.is_replay,
    )


def _step(call: Call, named: strawberry.ID, key: str, verb: str) -> WebhookEndpointResult:
    def do(work: Work, endpoint_id: EndpointId) -> int:
        return step_endpoint(work, call.book_id, endpoint_id, verb, reason=_REASON)

    return _done(call, named, key, {f"{verb}WebhookEndpoint": named}, do=do)


def _done(  # a request, and what it does
    call: Call,
    named: strawberry.ID,
    key: str,
    content: dict[str, object],
    *,
    do: Callable[[Work, EndpointId], int],
    secret: str | None = None,
) -> WebhookEndpointResult:
    """Change an endpoint once, and return it as it is then."""
    try:
        mistakes = Mistakes()
        endpoint_id = EndpointId(mistakes.at("input").read("endpoint", parse_public, "endpoint", named))
        mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key)
        mistakes.refuse()
        return changed_endpoint(call, endpoint_id, call.once(key, content, lambda work: do(work, endpoint_id)), secret)
    except errors.Refusal as refusal:
        return refusals.shown_of_step(refusal, "input", "endpoint")


def _settings(wanted: CreateWebhookEndpointInput | UpdateWebhookEndpointInput) -> EndpointSettings:
    return EndpointSettings(_names(wanted.event_types), wanted.is_ordered, wanted.concurrency)


def _names(types: list[WebhookEventType] | None) -> list[str] | None:
    return None if types is None else sorted({str(each.value) for each in types})
