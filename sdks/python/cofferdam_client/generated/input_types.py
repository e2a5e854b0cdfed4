from datetime import date, datetime
from typing import Annotated, Optional

from pydantic import Field, PlainSerializer

from .base_model import BaseModel
from .enums import (
    AccountKind,
    Balancing,
    Comparison,
    Frozen,
    HoldState,
    Measure,
    Rounding,
    SandboxDecline,
    Side,
    TransferKind,
    VaultTokenKind,
    WebhookEventType,
    WebhookSignature,
)


class AccountFilter(BaseModel):
    """A filter for accounts: all given conditions must match."""

    currency: Optional[str] = None
    "Its currency."
    customer: Optional[str] = None
    "Its owner, cus_…"
    frozen: Optional[Frozen] = None
    "The movements that are forbidden on it."
    is_closed: Optional[bool] = None
    "True: only closed ones; false: only others."
    kind: Optional[AccountKind] = None
    "Its purpose."


class AdvanceSandboxClockInput(BaseModel):
    """The move of the clock: one of the two."""

    by_seconds: Optional[int] = None
    "By how many seconds it moves forward."
    to: Optional[datetime] = None
    "The instant to which it moves forward."


class ArgumentInput(BaseModel):
    """A value for one parameter of a template."""

    name: str
    "The parameter."
    value: str
    "The value: an account's id, an amount as 10.50 USD, a rate as 1.0842, or a text."


class BeginMonitorInput(BaseModel):
    """The monitor to begin."""

    account: str
    "The account, acc_…"
    comparison: Comparison
    "The comparison with the threshold."
    measure: Measure
    "The amount to measure."
    metadata: Optional[list["MetadataEntryInput"]] = None
    "Your own words for the monitor, never personal; setMetadata changes them."
    threshold_minor: Annotated[int, PlainSerializer(str)]
    "The threshold, in minor units of the account's currency."


class ChangeAccountTermsInput(BaseModel):
    """The changes to an account's terms; absent fields stay as they are. Only the operator sets the credit line."""

    account: str
    "The account, acc_…"
    credits_within_debits: Optional[bool] = None
    "Refuse credits that would exceed its debits."
    debits_within_credits: Optional[bool] = None
    "Refuse debits that would exceed its credits and its credit line."
    frozen: Optional[Frozen] = None
    "The movements to forbid; NONE lifts the freeze, unless the operator set it."
    reason: str
    "The reason, in up to 500 characters: recorded with the change."


class CloseAccountInput(BaseModel):
    """The account to close."""

    account: str
    "The account, acc_… Its balance stays on it."
    counter_account: str
    "Another account of yours in the same currency: a closing is a hold of zero between the two."
    external_ref: Optional[str] = None
    "Your own reference for the closing."


class ConditionInput(BaseModel):
    """A condition on the account of one side after the transfer; if it is false, the transfer is refused."""

    at_least: Optional[Annotated[int, PlainSerializer(str)]] = None
    "The smallest allowed amount, in minor units."
    at_most: Optional[Annotated[int, PlainSerializer(str)]] = None
    "The largest allowed amount, in minor units."
    measure: Measure
    "The measured amount."
    side: Side
    "The side whose account is checked."


class CreateTestKeyInput(BaseModel):
    """The test key to create."""

    expires_at: Optional[datetime] = None
    "Refuse it from then on, in real time. Absent: it has no end."
    label: Optional[str] = None
    "A name by which you find it again."
    scopes: list[str] = Field(default_factory=lambda: ["read", "write"])
    "Its rights: read, write, reveal."


class CreateVaultTokenInput(BaseModel):
    """The value to store, and how long to keep it."""

    customer: Optional[str] = None
    "The customer whom it belongs to, cus_…: the token ends when the customer is forgotten."
    expires_at: Optional[datetime] = None
    "The instant at which the value is destroyed. Absent: it is kept until it is erased."
    kind: VaultTokenKind
    "The kind of value."
    value: str
    "The value, with or without blanks and hyphens. Of a US account: the routing number, a slash, and the account number."


class CreateWebhookEndpointInput(BaseModel):
    """The endpoint to create."""

    concurrency: Optional[int] = None
    "Maximum number of requests at a time, 1 to 50; 10 if you say nothing."
    event_types: list[WebhookEventType]
    "The types of events to send there."
    is_ordered: bool = False
    "True: an event waits for the earlier ones of its accounts."
    signature: WebhookSignature = WebhookSignature.HMAC_SHA256
    "How webhooks are signed."
    url: str
    "The address, https://…; a sandbox takes http:// and private ones too."


class CustomerInput(BaseModel):
    """The customer who owns an account; registered if you have no such customer yet."""

    customer_ref: str
    "Your own reference for the customer."
    person_ref: Optional[str] = None
    "A reference of the person that is the same at every partner of the programme, so that insights count the person once. Absent: the customer counts as a separate person."


class DeclineSandboxPaymentInput(BaseModel):
    """The payment that is declined."""

    account: str
    "The account that would have been paid, acc_…"
    amount: "MoneyInput"
    "The amount, in the currency of the account."
    reason: SandboxDecline
    "The reason of the refusal."


class EndMonitorInput(BaseModel):
    """The monitor to end."""

    monitor: str
    "The monitor, mon_…"


class EraseVaultTokenInput(BaseModel):
    """The value to destroy."""

    reason: str
    "Why it is erased, in 1 to 500 characters; recorded permanently, so name no person."
    vault_token: str
    "The token, vtk_…"


class ExchangeInput(BaseModel):
    """An exchange of one currency for another. Both accounts are yours, each in its own currency."""

    bought_minor: Optional[Annotated[int, PlainSerializer(str)]] = None
    "The bought amount that you expect, in minor units: refused if it differs."
    bought_to: str
    "The account that receives the bought amount, acc_…"
    code: str = "exchange"
    "The code of both transfers, as in a transfer."
    currency: str
    "The currency to buy."
    effective_at: Optional[datetime] = None
    "The effective time, as in a transfer."
    effective_on: Optional[date] = None
    "The accounting date, instead of `effectiveAt`: counts from the start of that date."
    external_ref: Optional[str] = None
    "Your own reference for both transfers."
    rate: str
    "The exact rate: units of `currency` per unit of the sold currency, as a decimal such as 1.0842 or a fraction such as 27/25. It is recorded as written."
    rounding: Rounding = Rounding.HALF_EVEN
    "The rounding of the bought amount to whole minor units."
    sold: "MoneyInput"
    "The amount to sell."
    sold_from: str
    "The account that gives the sold amount, acc_…"


class FundSandboxAccountInput(BaseModel):
    """The money that arrives."""

    account: str
    "The account that it arrives on, acc_…"
    amount: "MoneyInput"
    "The amount, in the currency of the account."


class MetadataEntryInput(BaseModel):
    """An entry of an object's metadata, which has up to 20 of them."""

    name: str
    "A letter and up to 39 of a-z, 0-9, _ and -."
    value: str
    "A word of 1 to 120 of A-Z, a-z, 0-9 and . _ : / + = -, never personal."


class MomentInput(BaseModel):
    """A moment of the past: set exactly one of the fields."""

    effective_on: Optional[date] = None
    "The end of an accounting date of the book, as known now: backdated transfers count on their date. Holds have no accounting date; counted are the holds that were open at the end of that day."
    position: Optional[str] = None
    "A journal position; waits for it like `minPosition`."
    recorded_by: Optional[datetime] = None
    "An instant: counts everything recorded up to it."


class MoneyInput(BaseModel):
    """An amount of money: `{ amountMinor: "1050", currency: "USD" }` is 10.50 US dollars."""

    amount_minor: Annotated[int, PlainSerializer(str)]
    "The amount in minor units of the currency, zero or more."
    currency: str
    "The currency of the amount."


class OpenAccountInput(BaseModel):
    """The account to open."""

    credits_within_debits: bool = False
    "Refuse credits that would exceed its debits."
    currency: str
    "The only currency of the account."
    customer: Optional["CustomerInput"] = None
    "The owner: required for the kind CUSTOMER, refused for the others."
    debits_within_credits: Optional[bool] = None
    "Refuse debits that would exceed its credits. Absent: true for the kind CUSTOMER."
    external_ref: str
    "Your own reference, unique among your accounts. It is stored as your name, a colon and this text."
    kind: AccountKind
    "The purpose; accounts of the kinds LIQUIDITY, TRANSIT and CONTROL are opened by the operator."
    metadata: Optional[list["MetadataEntryInput"]] = None
    "Your own words for the account, never personal; setMetadata changes them."


class PaySandboxMerchantInput(BaseModel):
    """The payment."""

    account: str
    "The account that pays, acc_…"
    amount: "MoneyInput"
    "The amount, in the currency of the sandbox."


class PostHoldInput(BaseModel):
    """The hold to post."""

    amount: Optional["MoneyInput"] = None
    "The amount to post; the rest is released. Absent: the whole hold."
    effective_at: Optional[datetime] = None
    "The effective time: not in the future. Absent: the time of recording."
    effective_on: Optional[date] = None
    "The accounting date, instead of `effectiveAt`: counts from the start of that date."
    external_ref: Optional[str] = None
    "Your own reference for the post."
    hold: str
    "The hold, trf_…"


class PostTransfersInput(BaseModel):
    """Linked transfers in their order: all are done, or none."""

    transfers: list["TransferInput"]
    "1 to 100 transfers."


class PublishTemplateInput(BaseModel):
    """The template to publish."""

    declaration: str
    "The declaration as a JSON or TOML document; the guide describes its contents."
    metadata: Optional[list["MetadataEntryInput"]] = None
    "Your own words for the version, never personal; setMetadata changes them."


class ReopenAccountInput(BaseModel):
    """The account to reopen."""

    account: str
    "The account, acc_…"


class ReplayRequestInput(BaseModel):
    """The request to send again."""

    keeps_key: bool = False
    "True: under its old idempotency key, so that you get its first answer again and nothing is done twice. False: under the `idempotencyKey` of this mutation, so that all of it is done anew."
    sandbox_request: str
    "The request, req_…"


class ReplayWebhooksInput(BaseModel):
    """The events to send again to an endpoint, of the types that it subscribes to now."""

    endpoint: str
    "The endpoint, end_…"
    only_given_up: bool = False
    "True: only the dead letters."
    recorded_from: Optional[datetime] = None
    "Only events that were recorded at this instant or later."
    recorded_until: Optional[datetime] = None
    "Only events that were recorded before this instant."
    since: Optional[str] = None
    "Only events after this position."


class RetireWebhookEndpointInput(BaseModel):
    """The endpoint to retire."""

    endpoint: str
    "The endpoint, end_…"


class RevealVaultTokenInput(BaseModel):
    """The value to show."""

    reason: str
    "Why it is shown, in 1 to 500 characters; recorded permanently, so name no person."
    vault_token: str
    "The token, vtk_…"


class ReverseTransferInput(BaseModel):
    """The transfer to reverse."""

    transfer: str
    "A transfer or post of yours, trf_…"


class RotateWebhookSecretInput(BaseModel):
    """The endpoint whose secret is replaced."""

    endpoint: str
    "The endpoint, end_…"
    overlap_hours: int = 24
    "Sign with the old secret too for so many hours, 0 to 168."
    signature: WebhookSignature = WebhookSignature.HMAC_SHA256
    "How webhooks are signed with the new secret."


class RunTemplateInput(BaseModel):
    """A call of a template."""

    arguments: list["ArgumentInput"]
    "A value for each parameter; an absent control account is one of your own."
    effective_at: Optional[datetime] = None
    "The effective time, as in a transfer."
    effective_on: Optional[date] = None
    "The accounting date, instead of `effectiveAt`: counts from the start of that date."
    name: str
    "The template."
    version: Optional[int] = None
    "The version. Absent: the newest, or the one that this key ran first."


class SendTestWebhookInput(BaseModel):
    """The endpoint to test."""

    endpoint: str
    "The endpoint, end_…"


class SetMetadataInput(BaseModel):
    """The metadata of an object, in place of all that it had."""

    metadata: list["MetadataEntryInput"]
    "All of its entries; none clears them."
    object_id: str
    "The object: an account, a transfer or hold, a monitor, or a version of a template."


class TransferFilter(BaseModel):
    """A filter for transfers: all given conditions must match. Instants: from inclusive, until exclusive."""

    account: Optional[str] = None
    "One of its accounts, acc_…"
    amount_at_least: Optional[Annotated[int, PlainSerializer(str)]] = None
    "The smallest amount, in minor units of `currency`, which is then required."
    amount_at_most: Optional[Annotated[int, PlainSerializer(str)]] = None
    "The largest amount, in minor units of `currency`, which is then required."
    code: Optional[str] = None
    "Its code, such as payment."
    counterparty: Optional[str] = None
    "Your own reference for the other side."
    currency: Optional[str] = None
    "Its currency."
    effective_from: Optional[datetime] = None
    "Effective at this instant or later."
    effective_until: Optional[datetime] = None
    "Effective before this instant."
    external_ref: Optional[str] = None
    "Your own reference for it."
    hold_state: Optional[HoldState] = None
    "Only holds, in this state."
    kind: Optional[TransferKind] = None
    "Its kind."
    recorded_from: Optional[datetime] = None
    "Recorded at this instant or later."
    recorded_until: Optional[datetime] = None
    "Recorded before this instant."
    tag: Optional[str] = None
    "One of its tags."


class TransferInput(BaseModel):
    """A transfer to post. Both accounts are yours, and in the currency of the amount."""

    amount: "MoneyInput"
    "The amount; with `upTo`, the largest amount."
    code: str
    "The purpose: a word of up to 40 lower-case letters, digits, - and _, such as payment or fee."
    conditions: list["ConditionInput"] = Field(default_factory=lambda: [])
    "Up to 10 conditions, checked after this transfer and before the next one."
    counterparty: Optional[str] = None
    "Your own reference for the other side."
    credit_account: str
    "The account that receives, acc_…"
    debit_account: str
    "The account that gives, acc_…"
    effective_at: Optional[datetime] = None
    "The effective time: not in the future, at most 366 days back. Absent: the time of recording."
    effective_on: Optional[date] = None
    "The accounting date, instead of `effectiveAt`: counts from the start of that date."
    external_ref: Optional[str] = None
    "Your own reference for the transfer."
    hold: bool = False
    "Reserve the amount without moving it; postHold moves it, voidHold releases it."
    tags: list[str] = Field(default_factory=lambda: [])
    "Up to 10 tags to find it by, each of 1 to 40 of a-z, 0-9, _ and -."
    timeout_seconds: Optional[int] = None
    "For a hold: the seconds until it expires. Absent or 0: never."
    up_to: Optional[Balancing] = None
    "Move no more than the balance of this side allows, possibly nothing."


class UpdateWebhookEndpointInput(BaseModel):
    """The changes of an endpoint; what is absent stays."""

    concurrency: Optional[int] = None
    "Maximum number of requests at a time, 1 to 50."
    endpoint: str
    "The endpoint, end_…"
    event_types: Optional[list[WebhookEventType]] = None
    "The types of events to send there from now on."
    is_ordered: Optional[bool] = None
    "True: an event waits for the earlier ones of its accounts."


class VoidHoldInput(BaseModel):
    """The hold to void."""

    external_ref: Optional[str] = None
    "Your own reference for the void."
    hold: str
    "The hold, trf_…"


BeginMonitorInput.model_rebuild()
DeclineSandboxPaymentInput.model_rebuild()
ExchangeInput.model_rebuild()
FundSandboxAccountInput.model_rebuild()
OpenAccountInput.model_rebuild()
PaySandboxMerchantInput.model_rebuild()
PostHoldInput.model_rebuild()
PostTransfersInput.model_rebuild()
PublishTemplateInput.model_rebuild()
RunTemplateInput.model_rebuild()
SetMetadataInput.model_rebuild()
TransferInput.model_rebuild()
