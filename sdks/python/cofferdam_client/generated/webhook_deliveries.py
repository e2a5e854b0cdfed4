from .base_model import BaseModel
from .fragments import DeliveryFields, PageFields


class WebhookDeliveries(BaseModel):
    webhook_deliveries: "WebhookDeliveriesWebhookDeliveries"


class WebhookDeliveriesWebhookDeliveries(BaseModel):
    nodes: list["WebhookDeliveriesWebhookDeliveriesNodes"]
    page_info: "WebhookDeliveriesWebhookDeliveriesPageInfo"
    as_of: str


WebhookDeliveriesWebhookDeliveriesNodes = DeliveryFields
WebhookDeliveriesWebhookDeliveriesPageInfo = PageFields
WebhookDeliveries.model_rebuild()
WebhookDeliveriesWebhookDeliveries.model_rebuild()
