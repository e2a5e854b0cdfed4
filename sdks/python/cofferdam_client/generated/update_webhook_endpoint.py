from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    ChangedEndpointFields,
    ChangedEndpointFieldsWebhookEndpoint,  # noqa: F401
)


class UpdateWebhookEndpoint(BaseModel):
    update_webhook_endpoint: (
        "UpdateWebhookEndpointUpdateWebhookEndpointChangedWebhookEndpoint"
    )


class UpdateWebhookEndpointUpdateWebhookEndpointChangedWebhookEndpoint(
    ChangedEndpointFields
):
    typename__: Literal["ChangedWebhookEndpoint"] = Field(alias="__typename")


UpdateWebhookEndpoint.model_rebuild()
