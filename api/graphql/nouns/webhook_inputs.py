"""Inputs of the mutations of endpoints of webhooks."""

from enum import Enum
from typing import Final

import strawberry

from api.graphql.nouns.webhook_endpoints import WebhookEventType

_OVERLAP_HOURS: Final = 24


@strawberry.enum
class WebhookSignature(Enum):
    """The scheme by which webhooks are signed."""

    HMAC_SHA256 = strawberry.enum_value("v1", description="By a secret that you share with us, `whsec_…`.")
    ED25519 = strawberry.enum_value("v1a", description="By a key of ours; you verify with its public key, `whpk_…`.")


@strawberry.input
class CreateWebhookEndpointInput:
    """The endpoint to create."""

    url: str = strawberry.field(description="The address, https://…; a sandbox takes http:// and private ones too.")
    event_types: list[WebhookEventType] = strawberry.field(description="The types of events to send there.")
    is_ordered: bool = strawberry.field(
        default=False, description="True: an event waits for the earlier ones of its accounts."
    )
    concurrency: int | None = strawberry.field(
        default=None, description="Maximum number of requests at a time, 1 to 50; 10 if you say nothing."
    )
    signature: WebhookSignature = strawberry.field(
        default=WebhookSignature.HMAC_SHA256, description="How webhooks are signed."
    )


@strawberry.input
class UpdateWebhookEndpointInput:
    """The changes of an endpoint; what is absent stays."""

    endpoint: strawberry.ID = strawberry.field(description="The endpoint, end_…")
    event_types: list[WebhookEventType] | None = strawberry.field(
        default=None, description="The types of events to send there from now on."
    )
    is_ordered: bool | None = strawberry.field(
        default=None, description="True: an event waits for the earlier ones of its accounts."
    )
    concurrency: int | None = strawberry.field(
        default=None, description="Maximum number of requests at a time, 1 to 50."
    )


@strawberry.input
class RotateWebhookSecretInput:
    """The endpoint whose secret is replaced."""

    endpoint: strawberry.ID = strawberry.field(description="The endpoint, end_…")
    overlap_hours: int = strawberry.field(
        default=_OVERLAP_HOURS, description="Sign with the old secret too for so many hours, 0 to 168."
    )
    signature: WebhookSignature = strawberry.field(
        default=WebhookSignature.HMAC_SHA256, description="How webhooks are signed with the new secret."
    )


@strawberry.input
class PauseWebhookEndpointInput:
    """The endpoint to pause."""

    endpoint: strawberry.ID = strawberry.field(description="The endpoint, end_…")


@strawberry.input
class ResumeWebhookEndpointInput:
    """The endpoint to resume."""

    endpoint: strawberry.ID = strawberry.field(description="The endpoint, end_…")


@strawberry.input
class RetireWebhookEndpointInput:
    """The endpoint to retire."""

    endpoint: strawberry.ID = strawberry.field(description="The endpoint, end_…")
