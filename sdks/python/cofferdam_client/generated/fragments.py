from datetime import date, datetime
from typing import Optional

from .base_model import BaseModel
from .enums import (
    AccountKind,
    Comparison,
    Frozen,
    HoldState,
    Measure,
    Side,
    TransferKind,
    VaultTokenEndingCause,
    VaultTokenKind,
    WebhookDeliveryState,
    WebhookEndpointState,
    WebhookEventType,
    WebhookFault,
)


class MoneyFields(BaseModel):
    amount_minor: int
    currency: str
    decimal: str


class AccountFields(BaseModel):
    id: str
    external_ref: Optional[str]
    kind: AccountKind
    currency: str
    normal_side: Side
    balance: "AccountFieldsBalance"
    available: "AccountFieldsAvailable"
    pending: "AccountFieldsPending"
    credit_line: "AccountFieldsCreditLine"
    debits_within_credits: bool
    credits_within_debits: bool
    frozen: Frozen
    is_closed: bool
    customer: Optional["AccountFieldsCustomer"]
    opened_at: datetime
    position: str
    as_of: str


class AccountFieldsBalance(MoneyFields):
    pass


class AccountFieldsAvailable(MoneyFields):
    pass


class AccountFieldsPending(MoneyFields):
    pass


class AccountFieldsCreditLine(MoneyFields):
    pass


class AccountFieldsCustomer(BaseModel):
    id: str


class ChangedAccountFields(BaseModel):
    account: "ChangedAccountFieldsAccount"
    position: str
    is_replay: bool


class ChangedAccountFieldsAccount(AccountFields):
    pass


class ChangedEndpointFields(BaseModel):
    webhook_endpoint: "ChangedEndpointFieldsWebhookEndpoint"
    secret: Optional[str]
    position: str
    is_replay: bool


class ChangedEndpointFieldsWebhookEndpoint(BaseModel):
    id: str
    url: str
    state: WebhookEndpointState
    event_types: list[WebhookEventType]
    is_ordered: bool
    concurrency: int
    previous_secret_until: Optional[datetime]


class ChangedMetadataFields(BaseModel):
    object_id: str
    metadata: list["ChangedMetadataFieldsMetadata"]
    position: str
    is_replay: bool


class ChangedMetadataFieldsMetadata(BaseModel):
    name: str
    value: str


class DeliveryFields(BaseModel):
    id: str
    event_type: str
    event_position: str
    state: WebhookDeliveryState
    attempt_count: int
    next_attempt_at: Optional[datetime]
    status: Optional[int]
    fault: Optional[WebhookFault]


class PageFields(BaseModel):
    has_next_page: bool
    has_previous_page: bool
    start_cursor: Optional[str]
    end_cursor: Optional[str]


class EntryPageFields(BaseModel):
    nodes: list["EntryPageFieldsNodes"]
    page_info: "EntryPageFieldsPageInfo"


class EntryPageFieldsNodes(BaseModel):
    id: str
    side: Side
    kind: TransferKind
    amount: "EntryPageFieldsNodesAmount"
    balance: "EntryPageFieldsNodesBalance"
    booked_on: date
    recorded_at: datetime
    transfer: Optional["EntryPageFieldsNodesTransfer"]
    position: str


class EntryPageFieldsNodesAmount(MoneyFields):
    pass


class EntryPageFieldsNodesBalance(MoneyFields):
    pass


class EntryPageFieldsNodesTransfer(BaseModel):
    id: str
    code: str
    external_ref: Optional[str]
    counterparty: Optional[str]


class EntryPageFieldsPageInfo(PageFields):
    pass


class MonitorFields(BaseModel):
    id: str
    account: Optional["MonitorFieldsAccount"]
    measure: Measure
    comparison: Comparison
    threshold_minor: int
    is_watching: bool
    position: str


class MonitorFieldsAccount(BaseModel):
    id: str
    external_ref: Optional[str]


class OpenedAccountFields(BaseModel):
    account: "OpenedAccountFieldsAccount"
    position: str
    is_replay: bool


class OpenedAccountFieldsAccount(AccountFields):
    pass


class TransferFields(BaseModel):
    id: str
    kind: TransferKind
    state: Optional[HoldState]
    code: str
    amount: "TransferFieldsAmount"
    external_ref: Optional[str]
    counterparty: Optional[str]
    tags: list[str]
    rate: Optional[str]
    template: Optional[str]
    effective_at: datetime
    booked_on: date
    expires_at: Optional[datetime]
    recorded_at: datetime
    position: str


class TransferFieldsAmount(MoneyFields):
    pass


class PostedTransfersFields(BaseModel):
    transfers: list["PostedTransfersFieldsTransfers"]
    position: str
    is_replay: bool


class PostedTransfersFieldsTransfers(TransferFields):
    pass


class TemplateFields(BaseModel):
    id: str
    name: str
    version: int
    declaration: str
    declared_hash: str
    published_at: datetime
    position: str


class PublishedTemplateFields(BaseModel):
    template: "PublishedTemplateFieldsTemplate"
    position: str
    is_replay: bool


class PublishedTemplateFieldsTemplate(TemplateFields):
    pass


class TransferEdges(TransferFields):
    debit_account: Optional["TransferEdgesDebitAccount"]
    credit_account: Optional["TransferEdgesCreditAccount"]
    hold: Optional["TransferEdgesHold"]
    reverses: Optional["TransferEdgesReverses"]


class TransferEdgesDebitAccount(BaseModel):
    id: str
    external_ref: Optional[str]


class TransferEdgesCreditAccount(BaseModel):
    id: str
    external_ref: Optional[str]


class TransferEdgesHold(BaseModel):
    id: str


class TransferEdgesReverses(BaseModel):
    id: str


class VaultTokenFields(BaseModel):
    id: str
    kind: VaultTokenKind
    mask: str
    fingerprint: str
    created_at: datetime
    expires_at: Optional[datetime]
    ended_at: Optional[datetime]
    ending_cause: Optional[VaultTokenEndingCause]


class WatchedAccountFields(BaseModel):
    monitor: "WatchedAccountFieldsMonitor"
    position: str
    is_replay: bool


class WatchedAccountFieldsMonitor(MonitorFields):
    pass


MoneyFields.model_rebuild()
AccountFields.model_rebuild()
ChangedAccountFields.model_rebuild()
ChangedEndpointFields.model_rebuild()
ChangedMetadataFields.model_rebuild()
DeliveryFields.model_rebuild()
PageFields.model_rebuild()
EntryPageFields.model_rebuild()
MonitorFields.model_rebuild()
OpenedAccountFields.model_rebuild()
TransferFields.model_rebuild()
PostedTransfersFields.model_rebuild()
TemplateFields.model_rebuild()
PublishedTemplateFields.model_rebuild()
TransferEdges.model_rebuild()
VaultTokenFields.model_rebuild()
WatchedAccountFields.model_rebuild()
