from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    ChangedEndpointFields,
    ChangedEndpointFieldsWebhookEndpoint,  # noqa: F401
)


class RotateWebhookSecret(BaseModel):
    rotate_webhook_secret: (
        "RotateWebhookSecretRotateWebhookSecretChangedWebhookEndpoint"
    )


class RotateWebhookSecretRotateWebhookSecretChangedWebhookEndpoint(
    ChangedEndpointFields
):
    typename__: Literal["ChangedWebhookEndpoint"] = Field(alias="__typename")


RotateWebhookSecret.model_rebuild()
