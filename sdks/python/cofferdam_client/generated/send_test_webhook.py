from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import DeliveryFields


class SendTestWebhook(BaseModel):
    send_test_webhook: "SendTestWebhookSendTestWebhookScheduledWebhook"


class SendTestWebhookSendTestWebhookScheduledWebhook(BaseModel):
    typename__: Literal["ScheduledWebhook"] = Field(alias="__typename")
    delivery: "SendTestWebhookSendTestWebhookScheduledWebhookDelivery"
    position: str
    is_replay: bool


SendTestWebhookSendTestWebhookScheduledWebhookDelivery = DeliveryFields
SendTestWebhook.model_rebuild()
SendTestWebhookSendTestWebhookScheduledWebhook.model_rebuild()
