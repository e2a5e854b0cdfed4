from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    ChangedEndpointFields,
    ChangedEndpointFieldsWebhookEndpoint,  # noqa: F401
)


class RetireWebhookEndpoint(BaseModel):
    retire_webhook_endpoint: (
        "RetireWebhookEndpointRetireWebhookEndpointChangedWebhookEndpoint"
    )


class RetireWebhookEndpointRetireWebhookEndpointChangedWebhookEndpoint(
    ChangedEndpointFields
):
    typename__: Literal["ChangedWebhookEndpoint"] = Field(alias="__typename")


RetireWebhookEndpoint.model_rebuild()
