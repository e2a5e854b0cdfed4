from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    ChangedEndpointFields,
    ChangedEndpointFieldsWebhookEndpoint,  # noqa: F401
)


class CreateWebhookEndpoint(BaseModel):
    create_webhook_endpoint: (
        "CreateWebhookEndpointCreateWebhookEndpointChangedWebhookEndpoint"
    )


class CreateWebhookEndpointCreateWebhookEndpointChangedWebhookEndpoint(
    ChangedEndpointFields
):
    typename__: Literal["ChangedWebhookEndpoint"] = Field(alias="__typename")


CreateWebhookEndpoint.model_rebuild()
