from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Optional, Union

from ..asynchronous import AsyncTransport
from .account import Account, AccountAccount
from .account_balance import AccountBalance, AccountBalanceAccountBalance
from .account_statement import AccountStatement, AccountStatementAccount
from .accounts import Accounts, AccountsAccounts
from .advance_sandbox_clock import (
    AdvanceSandboxClock,
    AdvanceSandboxClockAdvanceSandboxClockAdvancedSandboxClock,
)
from .balance_changed import BalanceChanged, BalanceChangedBalanceChanged
from .base_model import UNSET, UnsetType
from .begin_monitor import BeginMonitor, BeginMonitorBeginMonitorWatchedAccount
from .change_account_terms import (
    ChangeAccountTerms,
    ChangeAccountTermsChangeAccountTermsChangedAccount,
)
from .close_account import CloseAccount, CloseAccountCloseAccountPostedTransfers
from .create_test_key import CreateTestKey, CreateTestKeyCreateTestKeyCreatedTestKey
from .create_vault_token import (
    CreateVaultToken,
    CreateVaultTokenCreateVaultTokenStoredVaultToken,
)
from .create_webhook_endpoint import (
    CreateWebhookEndpoint,
    CreateWebhookEndpointCreateWebhookEndpointChangedWebhookEndpoint,
)
from .customers import Customers, CustomersCustomers
from .decline_sandbox_payment import (
    DeclineSandboxPayment,
    DeclineSandboxPaymentDeclineSandboxPaymentPostedTransfers,
)
from .end_monitor import EndMonitor, EndMonitorEndMonitorWatchedAccount
from .enums import (
    MonitorEventOrder,
    SandboxRequestOutcome,
    TransferOrder,
    WebhookDeliveryState,
)
from .erase_vault_token import (
    EraseVaultToken,
    EraseVaultTokenEraseVaultTokenStoredVaultToken,
)
from .exchange import Exchange, ExchangeExchangePostedTransfers
from .fund_sandbox_account import (
    FundSandboxAccount,
    FundSandboxAccountFundSandboxAccountPostedTransfers,
)
from .input_types import (
    AccountFilter,
    AdvanceSandboxClockInput,
    BeginMonitorInput,
    ChangeAccountTermsInput,
    CloseAccountInput,
    CreateTestKeyInput,
    CreateVaultTokenInput,
    CreateWebhookEndpointInput,
    DeclineSandboxPaymentInput,
    EndMonitorInput,
    EraseVaultTokenInput,
    ExchangeInput,
    FundSandboxAccountInput,
    MomentInput,
    OpenAccountInput,
    PaySandboxMerchantInput,
    PostHoldInput,
    PostTransfersInput,
    PublishTemplateInput,
    ReopenAccountInput,
    ReplayRequestInput,
    ReplayWebhooksInput,
    RetireWebhookEndpointInput,
    RevealVaultTokenInput,
    ReverseTransferInput,
    RotateWebhookSecretInput,
    RunTemplateInput,
    SendTestWebhookInput,
    SetMetadataInput,
    TransferFilter,
    UpdateWebhookEndpointInput,
    VoidHoldInput,
)
from .insights import Insights, InsightsInsights
from .magic_accounts import MagicAccounts, MagicAccountsMagicAccounts
from .me import Me, MeMe
from .monitor_events import MonitorEvents, MonitorEventsMonitorEvents
from .open_account import OpenAccount, OpenAccountOpenAccountOpenedAccount
from .pay_sandbox_merchant import (
    PaySandboxMerchant,
    PaySandboxMerchantPaySandboxMerchantPostedTransfers,
)
from .post_hold import PostHold, PostHoldPostHoldPostedTransfers
from .post_transfers import PostTransfers, PostTransfersPostTransfersPostedTransfers
from .publish_template import (
    PublishTemplate,
    PublishTemplatePublishTemplatePublishedTemplate,
)
from .reopen_account import ReopenAccount, ReopenAccountReopenAccountPostedTransfers
from .replay_request import ReplayRequest, ReplayRequestReplayRequestReplayedRequest
from .replay_webhooks import (
    ReplayWebhooks,
    ReplayWebhooksReplayWebhooksReplayedWebhooks,
)
from .result_of_key import (
    ResultOfKey,
    ResultOfKeyResultOfKeyChangedAccount,
    ResultOfKeyResultOfKeyChangedMetadata,
    ResultOfKeyResultOfKeyChangedWebhookEndpoint,
    ResultOfKeyResultOfKeyOpenedAccount,
    ResultOfKeyResultOfKeyPostedTransfers,
    ResultOfKeyResultOfKeyPublishedTemplate,
    ResultOfKeyResultOfKeyScheduledWebhook,
    ResultOfKeyResultOfKeyStoredVaultToken,
    ResultOfKeyResultOfKeyWatchedAccount,
)
from .retire_webhook_endpoint import (
    RetireWebhookEndpoint,
    RetireWebhookEndpointRetireWebhookEndpointChangedWebhookEndpoint,
)
from .reveal_vault_token import (
    RevealVaultToken,
    RevealVaultTokenRevealVaultTokenRevealedVaultToken,
)
from .reverse_transfer import (
    ReverseTransfer,
    ReverseTransferReverseTransferPostedTransfers,
)
from .rotate_webhook_secret import (
    RotateWebhookSecret,
    RotateWebhookSecretRotateWebhookSecretChangedWebhookEndpoint,
)
from .run_template import RunTemplate, RunTemplateRunTemplatePostedTransfers
from .sandbox_clock import SandboxClock, SandboxClockSandboxClock
from .sandbox_requests import SandboxRequests, SandboxRequestsSandboxRequests
from .send_test_webhook import (
    SendTestWebhook,
    SendTestWebhookSendTestWebhookScheduledWebhook,
)
from .set_metadata import SetMetadata, SetMetadataSetMetadataChangedMetadata
from .template import Template, TemplateTemplate
from .templates import Templates, TemplatesTemplates
from .transfer import Transfer, TransferTransfer
from .transfer_posted import TransferPosted, TransferPostedTransferPosted
from .transfers import Transfers, TransfersTransfers
from .update_webhook_endpoint import (
    UpdateWebhookEndpoint,
    UpdateWebhookEndpointUpdateWebhookEndpointChangedWebhookEndpoint,
)
from .void_hold import VoidHold, VoidHoldVoidHoldPostedTransfers
from .webhook_deliveries import WebhookDeliveries, WebhookDeliveriesWebhookDeliveries


def gql(q: str) -> str:
    return q


class AsyncClient(AsyncTransport):
    """Calls of the API, each with the types of its answer."""

    async def open_account(
        self, input: OpenAccountInput, *, idempotency_key: str | None = None
    ) -> OpenAccountOpenAccountOpenedAccount:
        """Open an account, together with the customer who owns it."""
        query = gql("""
            mutation OpenAccount($input: OpenAccountInput!, $idempotencyKey: String!) {
              openAccount(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...OpenedAccountFields
                ...RefusalFields
              }
            }

            fragment AccountFields on Account {
              id
              externalRef
              kind
              currency
              normalSide
              balance {
                ...MoneyFields
              }
              available {
                ...MoneyFields
              }
              pending {
                ...MoneyFields
              }
              creditLine {
                ...MoneyFields
              }
              debitsWithinCredits
              creditsWithinDebits
              frozen
              isClosed
              customer {
                id
              }
              openedAt
              position
              asOf
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment OpenedAccountFields on OpenedAccount {
              account {
                ...AccountFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="OpenAccount", variables=variables
        )
        data = self.get_data(response)
        return OpenAccount.model_validate(data).open_account

    async def change_account_terms(
        self, input: ChangeAccountTermsInput, *, idempotency_key: str | None = None
    ) -> ChangeAccountTermsChangeAccountTermsChangedAccount:
        """Freeze or unfreeze an account, or change its limits, for every later transfer."""
        query = gql("""
            mutation ChangeAccountTerms($input: ChangeAccountTermsInput!, $idempotencyKey: String!) {
              changeAccountTerms(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...ChangedAccountFields
                ...RefusalFields
              }
            }

            fragment AccountFields on Account {
              id
              externalRef
              kind
              currency
              normalSide
              balance {
                ...MoneyFields
              }
              available {
                ...MoneyFields
              }
              pending {
                ...MoneyFields
              }
              creditLine {
                ...MoneyFields
              }
              debitsWithinCredits
              creditsWithinDebits
              frozen
              isClosed
              customer {
                id
              }
              openedAt
              position
              asOf
            }

            fragment ChangedAccountFields on ChangedAccount {
              account {
                ...AccountFields
              }
              position
              isReplay
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="ChangeAccountTerms", variables=variables
        )
        data = self.get_data(response)
        return ChangeAccountTerms.model_validate(data).change_account_terms

    async def close_account(
        self, input: CloseAccountInput, *, idempotency_key: str | None = None
    ) -> CloseAccountCloseAccountPostedTransfers:
        """Close an account: nothing moves on it until it is reopened. Open holds can still be voided."""
        query = gql("""
            mutation CloseAccount($input: CloseAccountInput!, $idempotencyKey: String!) {
              closeAccount(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PostedTransfersFields
                ...RefusalFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="CloseAccount", variables=variables
        )
        data = self.get_data(response)
        return CloseAccount.model_validate(data).close_account

    async def reopen_account(
        self, input: ReopenAccountInput, *, idempotency_key: str | None = None
    ) -> ReopenAccountReopenAccountPostedTransfers:
        """Reopen a closed account, by voiding the hold that closes it."""
        query = gql("""
            mutation ReopenAccount($input: ReopenAccountInput!, $idempotencyKey: String!) {
              reopenAccount(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PostedTransfersFields
                ...RefusalFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="ReopenAccount", variables=variables
        )
        data = self.get_data(response)
        return ReopenAccount.model_validate(data).reopen_account

    async def account(
        self,
        id: Union[Optional[str], UnsetType] = UNSET,
        external_ref: Union[Optional[str], UnsetType] = UNSET,
        min_position: Union[Optional[str], UnsetType] = UNSET,
    ) -> Optional[AccountAccount]:
        """One of your accounts, by its id or its reference; null if you have no such account."""
        query = gql("""
            query Account($id: ID, $externalRef: String, $minPosition: Position) {
              account(id: $id, externalRef: $externalRef, minPosition: $minPosition) {
                ...AccountFields
                metadata {
                  name
                  value
                }
              }
            }

            fragment AccountFields on Account {
              id
              externalRef
              kind
              currency
              normalSide
              balance {
                ...MoneyFields
              }
              available {
                ...MoneyFields
              }
              pending {
                ...MoneyFields
              }
              creditLine {
                ...MoneyFields
              }
              debitsWithinCredits
              creditsWithinDebits
              frozen
              isClosed
              customer {
                id
              }
              openedAt
              position
              asOf
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "externalRef": external_ref,
            "minPosition": min_position,
        }
        response = await self.execute(
            query=query, operation_name="Account", variables=variables
        )
        data = self.get_data(response)
        return Account.model_validate(data).account

    async def accounts(
        self,
        filter_: Union[Optional[AccountFilter], UnsetType] = UNSET,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        min_position: Union[Optional[str], UnsetType] = UNSET,
    ) -> AccountsAccounts:
        """Your accounts, ordered by id."""
        query = gql("""
            query Accounts($filter: AccountFilter, $first: Int, $after: String, $minPosition: Position) {
              accounts(
                filter: $filter
                first: $first
                after: $after
                minPosition: $minPosition
              ) {
                nodes {
                  ...AccountFields
                }
                pageInfo {
                  ...PageFields
                }
                asOf
              }
            }

            fragment AccountFields on Account {
              id
              externalRef
              kind
              currency
              normalSide
              balance {
                ...MoneyFields
              }
              available {
                ...MoneyFields
              }
              pending {
                ...MoneyFields
              }
              creditLine {
                ...MoneyFields
              }
              debitsWithinCredits
              creditsWithinDebits
              frozen
              isClosed
              customer {
                id
              }
              openedAt
              position
              asOf
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {
            "filter": filter_,
            "first": first,
            "after": after,
            "minPosition": min_position,
        }
        response = await self.execute(
            query=query, operation_name="Accounts", variables=variables
        )
        data = self.get_data(response)
        return Accounts.model_validate(data).accounts

    async def account_balance(
        self,
        at: MomentInput,
        id: Union[Optional[str], UnsetType] = UNSET,
        external_ref: Union[Optional[str], UnsetType] = UNSET,
    ) -> Optional[AccountBalanceAccountBalance]:
        """Historical balance of one of your accounts; null if you had no such account then."""
        query = gql("""
            query AccountBalance($id: ID, $externalRef: String, $at: MomentInput!) {
              accountBalance(id: $id, externalRef: $externalRef, at: $at) {
                accountId
                balance {
                  ...MoneyFields
                }
                pending {
                  ...MoneyFields
                }
                debits {
                  ...MoneyFields
                }
                credits {
                  ...MoneyFields
                }
                asOf
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }
            """)
        variables: dict[str, object] = {"id": id, "externalRef": external_ref, "at": at}
        response = await self.execute(
            query=query, operation_name="AccountBalance", variables=variables
        )
        data = self.get_data(response)
        return AccountBalance.model_validate(data).account_balance

    async def account_statement(
        self,
        from_: date,
        until: date,
        id: Union[Optional[str], UnsetType] = UNSET,
        external_ref: Union[Optional[str], UnsetType] = UNSET,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
    ) -> Optional[AccountStatementAccount]:
        """One of your accounts, by its id or its reference; null if you have no such account."""
        query = gql("""
            query AccountStatement($id: ID, $externalRef: String, $from: Date!, $until: Date!, $first: Int, $after: String) {
              account(id: $id, externalRef: $externalRef) {
                id
                externalRef
                statement(from: $from, until: $until) {
                  from
                  until
                  opening {
                    ...MoneyFields
                  }
                  debits {
                    ...MoneyFields
                  }
                  credits {
                    ...MoneyFields
                  }
                  closing {
                    ...MoneyFields
                  }
                  entries(first: $first, after: $after) {
                    ...EntryPageFields
                  }
                  asOf
                }
              }
            }

            fragment EntryPageFields on EntryConnection {
              nodes {
                id
                side
                kind
                amount {
                  ...MoneyFields
                }
                balance {
                  ...MoneyFields
                }
                bookedOn
                recordedAt
                transfer {
                  id
                  code
                  externalRef
                  counterparty
                }
                position
              }
              pageInfo {
                ...PageFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "externalRef": external_ref,
            "from": from_,
            "until": until,
            "first": first,
            "after": after,
        }
        response = await self.execute(
            query=query, operation_name="AccountStatement", variables=variables
        )
        data = self.get_data(response)
        return AccountStatement.model_validate(data).account

    async def begin_monitor(
        self, input: BeginMonitorInput, *, idempotency_key: str | None = None
    ) -> BeginMonitorBeginMonitorWatchedAccount:
        """Begin a monitor on an account. A condition that is already true fires only after it has become false."""
        query = gql("""
            mutation BeginMonitor($input: BeginMonitorInput!, $idempotencyKey: String!) {
              beginMonitor(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...WatchedAccountFields
                ...RefusalFields
              }
            }

            fragment MonitorFields on Monitor {
              id
              account {
                id
                externalRef
              }
              measure
              comparison
              thresholdMinor
              isWatching
              position
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment WatchedAccountFields on WatchedAccount {
              monitor {
                ...MonitorFields
              }
              position
              isReplay
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="BeginMonitor", variables=variables
        )
        data = self.get_data(response)
        return BeginMonitor.model_validate(data).begin_monitor

    async def end_monitor(
        self, input: EndMonitorInput, *, idempotency_key: str | None = None
    ) -> EndMonitorEndMonitorWatchedAccount:
        """End a monitor for good. Its events are kept."""
        query = gql("""
            mutation EndMonitor($input: EndMonitorInput!, $idempotencyKey: String!) {
              endMonitor(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...WatchedAccountFields
                ...RefusalFields
              }
            }

            fragment MonitorFields on Monitor {
              id
              account {
                id
                externalRef
              }
              measure
              comparison
              thresholdMinor
              isWatching
              position
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment WatchedAccountFields on WatchedAccount {
              monitor {
                ...MonitorFields
              }
              position
              isReplay
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="EndMonitor", variables=variables
        )
        data = self.get_data(response)
        return EndMonitor.model_validate(data).end_monitor

    async def monitor_events(
        self,
        monitor: Union[Optional[str], UnsetType] = UNSET,
        order: Union[Optional[MonitorEventOrder], UnsetType] = UNSET,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        min_position: Union[Optional[str], UnsetType] = UNSET,
    ) -> MonitorEventsMonitorEvents:
        """Events of your monitors."""
        query = gql("""
            query MonitorEvents($monitor: ID, $order: MonitorEventOrder = OLDEST_FIRST, $first: Int, $after: String, $minPosition: Position) {
              monitorEvents(
                monitor: $monitor
                order: $order
                first: $first
                after: $after
                minPosition: $minPosition
              ) {
                nodes {
                  id
                  monitor {
                    id
                  }
                  account {
                    id
                    externalRef
                  }
                  transfer {
                    id
                  }
                  measuredMinor
                  recordedAt
                  position
                }
                pageInfo {
                  ...PageFields
                }
                asOf
              }
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {
            "monitor": monitor,
            "order": order,
            "first": first,
            "after": after,
            "minPosition": min_position,
        }
        response = await self.execute(
            query=query, operation_name="MonitorEvents", variables=variables
        )
        data = self.get_data(response)
        return MonitorEvents.model_validate(data).monitor_events

    async def me(self) -> MeMe:
        """Your partner: the one that your key belongs to."""
        query = gql("""
            query Me {
              me {
                id
                externalRef
                name
                vertical
                customers
                customersWithoutPersonRef
                registeredAt
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="Me", variables=variables
        )
        data = self.get_data(response)
        return Me.model_validate(data).me

    async def customers(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        min_position: Union[Optional[str], UnsetType] = UNSET,
    ) -> CustomersCustomers:
        """Your customers, ordered by id."""
        query = gql("""
            query Customers($first: Int, $after: String, $minPosition: Position) {
              customers(first: $first, after: $after, minPosition: $minPosition) {
                nodes {
                  id
                  isErased
                  registeredAt
                  position
                }
                pageInfo {
                  ...PageFields
                }
                asOf
              }
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {
            "first": first,
            "after": after,
            "minPosition": min_position,
        }
        response = await self.execute(
            query=query, operation_name="Customers", variables=variables
        )
        data = self.get_data(response)
        return Customers.model_validate(data).customers

    async def set_metadata(
        self, input: SetMetadataInput, *, idempotency_key: str | None = None
    ) -> SetMetadataSetMetadataChangedMetadata:
        """Set the metadata of an object: words for your own use, never personal, because they are not encrypted."""
        query = gql("""
            mutation SetMetadata($input: SetMetadataInput!, $idempotencyKey: String!) {
              setMetadata(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...ChangedMetadataFields
                ...RefusalFields
              }
            }

            fragment ChangedMetadataFields on ChangedMetadata {
              objectId
              metadata {
                name
                value
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="SetMetadata", variables=variables
        )
        data = self.get_data(response)
        return SetMetadata.model_validate(data).set_metadata

    async def insights(
        self,
        metric: Union[Optional[str], UnsetType] = UNSET,
        month: Union[Optional[date], UnsetType] = UNSET,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
    ) -> InsightsInsights:
        """Released insights across partners, newest month first. Reading them costs no privacy."""
        query = gql("""
            query Insights($metric: String, $month: Date, $first: Int, $after: String) {
              insights(metric: $metric, month: $month, first: $first, after: $after) {
                nodes {
                  metric
                  month
                  cells {
                    vertical
                    value
                    margin95
                    smoothed
                  }
                  release {
                    contributionLimit
                    epsilon
                    delta
                  }
                }
                pageInfo {
                  ...PageFields
                }
                asOf
              }
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {
            "metric": metric,
            "month": month,
            "first": first,
            "after": after,
        }
        response = await self.execute(
            query=query, operation_name="Insights", variables=variables
        )
        data = self.get_data(response)
        return Insights.model_validate(data).insights

    async def result_of_key(
        self, idempotency_key: str
    ) -> Optional[
        Union[
            ResultOfKeyResultOfKeyChangedAccount,
            ResultOfKeyResultOfKeyChangedMetadata,
            ResultOfKeyResultOfKeyChangedWebhookEndpoint,
            ResultOfKeyResultOfKeyOpenedAccount,
            ResultOfKeyResultOfKeyPostedTransfers,
            ResultOfKeyResultOfKeyPublishedTemplate,
            ResultOfKeyResultOfKeyScheduledWebhook,
            ResultOfKeyResultOfKeyStoredVaultToken,
            ResultOfKeyResultOfKeyWatchedAccount,
        ]
    ]:
        """Answer to your mutation with this key; null if nothing was done or refused for good under it."""
        query = gql("""
            query ResultOfKey($idempotencyKey: String!) {
              resultOfKey(idempotencyKey: $idempotencyKey) {
                __typename
                ...OpenedAccountFields
                ...ChangedAccountFields
                ...PostedTransfersFields
                ...WatchedAccountFields
                ...PublishedTemplateFields
                ...ChangedMetadataFields
                ...RefusalFields
              }
            }

            fragment AccountFields on Account {
              id
              externalRef
              kind
              currency
              normalSide
              balance {
                ...MoneyFields
              }
              available {
                ...MoneyFields
              }
              pending {
                ...MoneyFields
              }
              creditLine {
                ...MoneyFields
              }
              debitsWithinCredits
              creditsWithinDebits
              frozen
              isClosed
              customer {
                id
              }
              openedAt
              position
              asOf
            }

            fragment ChangedAccountFields on ChangedAccount {
              account {
                ...AccountFields
              }
              position
              isReplay
            }

            fragment ChangedMetadataFields on ChangedMetadata {
              objectId
              metadata {
                name
                value
              }
              position
              isReplay
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment MonitorFields on Monitor {
              id
              account {
                id
                externalRef
              }
              measure
              comparison
              thresholdMinor
              isWatching
              position
            }

            fragment OpenedAccountFields on OpenedAccount {
              account {
                ...AccountFields
              }
              position
              isReplay
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment PublishedTemplateFields on PublishedTemplate {
              template {
                ...TemplateFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TemplateFields on Template {
              id
              name
              version
              declaration
              declaredHash
              publishedAt
              position
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }

            fragment WatchedAccountFields on WatchedAccount {
              monitor {
                ...MonitorFields
              }
              position
              isReplay
            }
            """)
        variables: dict[str, object] = {"idempotencyKey": idempotency_key}
        response = await self.execute(
            query=query, operation_name="ResultOfKey", variables=variables
        )
        data = self.get_data(response)
        return ResultOfKey.model_validate(data).result_of_key

    async def create_test_key(
        self, input: CreateTestKeyInput, *, idempotency_key: str | None = None
    ) -> CreateTestKeyCreateTestKeyCreatedTestKey:
        """Create a test key. The first one opens your sandbox: a book of its own, apart from all live money."""
        query = gql("""
            mutation CreateTestKey($input: CreateTestKeyInput!, $idempotencyKey: String!) {
              createTestKey(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ... on CreatedTestKey {
                  testKey
                  position
                  isReplay
                }
                ...RefusalFields
              }
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="CreateTestKey", variables=variables
        )
        data = self.get_data(response)
        return CreateTestKey.model_validate(data).create_test_key

    async def fund_sandbox_account(
        self, input: FundSandboxAccountInput, *, idempotency_key: str | None = None
    ) -> FundSandboxAccountFundSandboxAccountPostedTransfers:
        """Have money arrive on an account of your sandbox, from `sandbox:bank`."""
        query = gql("""
            mutation FundSandboxAccount($input: FundSandboxAccountInput!, $idempotencyKey: String!) {
              fundSandboxAccount(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PostedTransfersFields
                ...RefusalFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="FundSandboxAccount", variables=variables
        )
        data = self.get_data(response)
        return FundSandboxAccount.model_validate(data).fund_sandbox_account

    async def pay_sandbox_merchant(
        self, input: PaySandboxMerchantInput, *, idempotency_key: str | None = None
    ) -> PaySandboxMerchantPaySandboxMerchantPostedTransfers:
        """Pay from an account of your sandbox to `sandbox:merchant`, which takes every payment."""
        query = gql("""
            mutation PaySandboxMerchant($input: PaySandboxMerchantInput!, $idempotencyKey: String!) {
              paySandboxMerchant(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PostedTransfersFields
                ...RefusalFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="PaySandboxMerchant", variables=variables
        )
        data = self.get_data(response)
        return PaySandboxMerchant.model_validate(data).pay_sandbox_merchant

    async def decline_sandbox_payment(
        self, input: DeclineSandboxPaymentInput, *, idempotency_key: str | None = None
    ) -> DeclineSandboxPaymentDeclineSandboxPaymentPostedTransfers:
        """Have a payment to an account of your sandbox declined for a reason: a refusal of the book like any other."""
        query = gql("""
            mutation DeclineSandboxPayment($input: DeclineSandboxPaymentInput!, $idempotencyKey: String!) {
              declineSandboxPayment(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PostedTransfersFields
                ...RefusalFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="DeclineSandboxPayment", variables=variables
        )
        data = self.get_data(response)
        return DeclineSandboxPayment.model_validate(data).decline_sandbox_payment

    async def advance_sandbox_clock(
        self, input: AdvanceSandboxClockInput, *, idempotency_key: str | None = None
    ) -> AdvanceSandboxClockAdvanceSandboxClockAdvancedSandboxClock:
        """Move the clock of your sandbox forward, and have all done that falls due: holds expire, calls are made."""
        query = gql("""
            mutation AdvanceSandboxClock($input: AdvanceSandboxClockInput!, $idempotencyKey: String!) {
              advanceSandboxClock(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ... on AdvancedSandboxClock {
                  movedFrom
                  movedTo
                  stillDue {
                    kind
                    since
                  }
                  position
                  isReplay
                }
                ...RefusalFields
              }
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="AdvanceSandboxClock", variables=variables
        )
        data = self.get_data(response)
        return AdvanceSandboxClock.model_validate(data).advance_sandbox_clock

    async def replay_request(
        self, input: ReplayRequestInput, *, idempotency_key: str | None = None
    ) -> ReplayRequestReplayRequestReplayedRequest:
        """Send a request of your test keys again, with the rights of the key of this request, and at its cost."""
        query = gql("""
            mutation ReplayRequest($input: ReplayRequestInput!, $idempotencyKey: String!) {
              replayRequest(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ... on ReplayedRequest {
                  answer
                  position
                  isReplay
                }
                ...RefusalFields
              }
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="ReplayRequest", variables=variables
        )
        data = self.get_data(response)
        return ReplayRequest.model_validate(data).replay_request

    async def sandbox_clock(self) -> Optional[SandboxClockSandboxClock]:
        """Clock of your sandbox; null with a live key, since a live book goes by real time."""
        query = gql("""
            query SandboxClock {
              sandboxClock {
                now
                aheadSeconds
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="SandboxClock", variables=variables
        )
        data = self.get_data(response)
        return SandboxClock.model_validate(data).sandbox_clock

    async def magic_accounts(self) -> list[MagicAccountsMagicAccounts]:
        """Magic accounts of your sandbox; none with a live key."""
        query = gql("""
            query MagicAccounts {
              magicAccounts {
                externalRef
                account
                description
                outcome
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="MagicAccounts", variables=variables
        )
        data = self.get_data(response)
        return MagicAccounts.model_validate(data).magic_accounts

    async def sandbox_requests(
        self,
        asked_from: Union[Optional[datetime], UnsetType] = UNSET,
        asked_until: Union[Optional[datetime], UnsetType] = UNSET,
        operation_name: Union[Optional[str], UnsetType] = UNSET,
        outcome: Union[Optional[SandboxRequestOutcome], UnsetType] = UNSET,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
    ) -> SandboxRequestsSandboxRequests:
        """Log of the requests of your test keys, the newest first; a new one is listed within a second."""
        query = gql("""
            query SandboxRequests($askedFrom: DateTime, $askedUntil: DateTime, $operationName: String, $outcome: SandboxRequestOutcome, $first: Int, $after: String) {
              sandboxRequests(
                askedFrom: $askedFrom
                askedUntil: $askedUntil
                operationName: $operationName
                outcome: $outcome
                first: $first
                after: $after
              ) {
                nodes {
                  id
                  askedAt
                  requestId
                  operationName
                  operationType
                  document
                  variables
                  status
                  outcome
                  codes
                  durationMicros
                  isReplayable
                }
                pageInfo {
                  ...PageFields
                }
              }
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {
            "askedFrom": asked_from,
            "askedUntil": asked_until,
            "operationName": operation_name,
            "outcome": outcome,
            "first": first,
            "after": after,
        }
        response = await self.execute(
            query=query, operation_name="SandboxRequests", variables=variables
        )
        data = self.get_data(response)
        return SandboxRequests.model_validate(data).sandbox_requests

    async def transfer_posted(
        self,
        account: Union[Optional[str], UnsetType] = UNSET,
        since: Union[Optional[str], UnsetType] = UNSET,
    ) -> AsyncIterator[TransferPostedTransferPosted]:
        """Every transfer of yours, hold and end of a hold, once and in order."""
        query = gql("""
            subscription TransferPosted($account: ID, $since: Position) {
              transferPosted(account: $account, since: $since) {
                position
                recordedAt
                transfer {
                  ...TransferFields
                }
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {"account": account, "since": since}
        async for data in self.execute_ws(
            query=query, operation_name="TransferPosted", variables=variables
        ):
            yield TransferPosted.model_validate(data).transfer_posted

    async def balance_changed(
        self, account: str, since: Union[Optional[str], UnsetType] = UNSET
    ) -> AsyncIterator[BalanceChangedBalanceChanged]:
        """Every change of the balance of an account, or of what is pending or available, once and in order."""
        query = gql("""
            subscription BalanceChanged($account: ID!, $since: Position) {
              balanceChanged(account: $account, since: $since) {
                position
                recordedAt
                account {
                  ...AccountFields
                }
              }
            }

            fragment AccountFields on Account {
              id
              externalRef
              kind
              currency
              normalSide
              balance {
                ...MoneyFields
              }
              available {
                ...MoneyFields
              }
              pending {
                ...MoneyFields
              }
              creditLine {
                ...MoneyFields
              }
              debitsWithinCredits
              creditsWithinDebits
              frozen
              isClosed
              customer {
                id
              }
              openedAt
              position
              asOf
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }
            """)
        variables: dict[str, object] = {"account": account, "since": since}
        async for data in self.execute_ws(
            query=query, operation_name="BalanceChanged", variables=variables
        ):
            yield BalanceChanged.model_validate(data).balance_changed

    async def publish_template(
        self, input: PublishTemplateInput, *, idempotency_key: str | None = None
    ) -> PublishTemplatePublishTemplatePublishedTemplate:
        """Publish a declaration as the next version of its name; one that was published before keeps its version."""
        query = gql("""
            mutation PublishTemplate($input: PublishTemplateInput!, $idempotencyKey: String!) {
              publishTemplate(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PublishedTemplateFields
                ...RefusalFields
              }
            }

            fragment PublishedTemplateFields on PublishedTemplate {
              template {
                ...TemplateFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TemplateFields on Template {
              id
              name
              version
              declaration
              declaredHash
              publishedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="PublishTemplate", variables=variables
        )
        data = self.get_data(response)
        return PublishTemplate.model_validate(data).publish_template

    async def run_template(
        self, input: RunTemplateInput, *, idempotency_key: str | None = None
    ) -> RunTemplateRunTemplatePostedTransfers:
        """Post the transfers of a template with the given arguments: all of them, or none."""
        query = gql("""
            mutation RunTemplate($input: RunTemplateInput!, $idempotencyKey: String!) {
              runTemplate(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PostedTransfersFields
                ...RefusalFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="RunTemplate", variables=variables
        )
        data = self.get_data(response)
        return RunTemplate.model_validate(data).run_template

    async def template(
        self,
        name: str,
        version: Union[Optional[int], UnsetType] = UNSET,
        min_position: Union[Optional[str], UnsetType] = UNSET,
    ) -> Optional[TemplateTemplate]:
        """One of your templates; null if you have no such template."""
        query = gql("""
            query Template($name: String!, $version: Int, $minPosition: Position) {
              template(name: $name, version: $version, minPosition: $minPosition) {
                ...TemplateFields
                metadata {
                  name
                  value
                }
              }
            }

            fragment TemplateFields on Template {
              id
              name
              version
              declaration
              declaredHash
              publishedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "name": name,
            "version": version,
            "minPosition": min_position,
        }
        response = await self.execute(
            query=query, operation_name="Template", variables=variables
        )
        data = self.get_data(response)
        return Template.model_validate(data).template

    async def templates(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        min_position: Union[Optional[str], UnsetType] = UNSET,
    ) -> TemplatesTemplates:
        """Your templates in their newest versions, ordered by name."""
        query = gql("""
            query Templates($first: Int, $after: String, $minPosition: Position) {
              templates(first: $first, after: $after, minPosition: $minPosition) {
                nodes {
                  ...TemplateFields
                }
                pageInfo {
                  ...PageFields
                }
                asOf
              }
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }

            fragment TemplateFields on Template {
              id
              name
              version
              declaration
              declaredHash
              publishedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "first": first,
            "after": after,
            "minPosition": min_position,
        }
        response = await self.execute(
            query=query, operation_name="Templates", variables=variables
        )
        data = self.get_data(response)
        return Templates.model_validate(data).templates

    async def post_transfers(
        self, input: PostTransfersInput, *, idempotency_key: str | None = None
    ) -> PostTransfersPostTransfersPostedTransfers:
        """Move or hold money. All transfers of the request are done, or none."""
        query = gql("""
            mutation PostTransfers($input: PostTransfersInput!, $idempotencyKey: String!) {
              postTransfers(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PostedTransfersFields
                ...RefusalFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="PostTransfers", variables=variables
        )
        data = self.get_data(response)
        return PostTransfers.model_validate(data).post_transfers

    async def post_hold(
        self, input: PostHoldInput, *, idempotency_key: str | None = None
    ) -> PostHoldPostHoldPostedTransfers:
        """Move the money that a hold reserved, in full or in part. A hold can be posted once."""
        query = gql("""
            mutation PostHold($input: PostHoldInput!, $idempotencyKey: String!) {
              postHold(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PostedTransfersFields
                ...RefusalFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="PostHold", variables=variables
        )
        data = self.get_data(response)
        return PostHold.model_validate(data).post_hold

    async def void_hold(
        self, input: VoidHoldInput, *, idempotency_key: str | None = None
    ) -> VoidHoldVoidHoldPostedTransfers:
        """Release a hold without moving money."""
        query = gql("""
            mutation VoidHold($input: VoidHoldInput!, $idempotencyKey: String!) {
              voidHold(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PostedTransfersFields
                ...RefusalFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="VoidHold", variables=variables
        )
        data = self.get_data(response)
        return VoidHold.model_validate(data).void_hold

    async def reverse_transfer(
        self, input: ReverseTransferInput, *, idempotency_key: str | None = None
    ) -> ReverseTransferReverseTransferPostedTransfers:
        """Reverse a transfer, in full and once: the same money moves back, if the receiver still has it."""
        query = gql("""
            mutation ReverseTransfer($input: ReverseTransferInput!, $idempotencyKey: String!) {
              reverseTransfer(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PostedTransfersFields
                ...RefusalFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="ReverseTransfer", variables=variables
        )
        data = self.get_data(response)
        return ReverseTransfer.model_validate(data).reverse_transfer

    async def exchange(
        self, input: ExchangeInput, *, idempotency_key: str | None = None
    ) -> ExchangeExchangePostedTransfers:
        """Exchange money: two linked transfers, one in each currency, through your liquidity accounts of the two."""
        query = gql("""
            mutation Exchange($input: ExchangeInput!, $idempotencyKey: String!) {
              exchange(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...PostedTransfersFields
                ...RefusalFields
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PostedTransfersFields on PostedTransfers {
              transfers {
                ...TransferFields
              }
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="Exchange", variables=variables
        )
        data = self.get_data(response)
        return Exchange.model_validate(data).exchange

    async def transfer(
        self, id: str, min_position: Union[Optional[str], UnsetType] = UNSET
    ) -> Optional[TransferTransfer]:
        """One of your transfers; null if you have no such transfer."""
        query = gql("""
            query Transfer($id: ID!, $minPosition: Position) {
              transfer(id: $id, minPosition: $minPosition) {
                ...TransferEdges
                group {
                  id
                }
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment TransferEdges on Transfer {
              ...TransferFields
              debitAccount {
                id
                externalRef
              }
              creditAccount {
                id
                externalRef
              }
              hold {
                id
              }
              reverses {
                id
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {"id": id, "minPosition": min_position}
        response = await self.execute(
            query=query, operation_name="Transfer", variables=variables
        )
        data = self.get_data(response)
        return Transfer.model_validate(data).transfer

    async def transfers(
        self,
        filter_: Union[Optional[TransferFilter], UnsetType] = UNSET,
        order: Union[Optional[TransferOrder], UnsetType] = UNSET,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        min_position: Union[Optional[str], UnsetType] = UNSET,
    ) -> TransfersTransfers:
        """Your transfers; none for an account that you do not have."""
        query = gql("""
            query Transfers($filter: TransferFilter, $order: TransferOrder = NEWEST_FIRST, $first: Int, $after: String, $minPosition: Position) {
              transfers(
                filter: $filter
                order: $order
                first: $first
                after: $after
                minPosition: $minPosition
              ) {
                nodes {
                  ...TransferEdges
                }
                pageInfo {
                  ...PageFields
                }
                asOf
              }
            }

            fragment MoneyFields on Money {
              amountMinor
              currency
              decimal
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }

            fragment TransferEdges on Transfer {
              ...TransferFields
              debitAccount {
                id
                externalRef
              }
              creditAccount {
                id
                externalRef
              }
              hold {
                id
              }
              reverses {
                id
              }
            }

            fragment TransferFields on Transfer {
              id
              kind
              state
              code
              amount {
                ...MoneyFields
              }
              externalRef
              counterparty
              tags
              rate
              template
              effectiveAt
              bookedOn
              expiresAt
              recordedAt
              position
            }
            """)
        variables: dict[str, object] = {
            "filter": filter_,
            "order": order,
            "first": first,
            "after": after,
            "minPosition": min_position,
        }
        response = await self.execute(
            query=query, operation_name="Transfers", variables=variables
        )
        data = self.get_data(response)
        return Transfers.model_validate(data).transfers

    async def create_vault_token(
        self, input: CreateVaultTokenInput, *, idempotency_key: str | None = None
    ) -> CreateVaultTokenCreateVaultTokenStoredVaultToken:
        """Store an account number, a card or a document, and get a token that stands for it."""
        query = gql("""
            mutation CreateVaultToken($input: CreateVaultTokenInput!, $idempotencyKey: String!) {
              createVaultToken(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ... on StoredVaultToken {
                  vaultToken {
                    ...VaultTokenFields
                  }
                  position
                  isReplay
                }
                ...RefusalFields
              }
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment VaultTokenFields on VaultToken {
              id
              kind
              mask
              fingerprint
              createdAt
              expiresAt
              endedAt
              endingCause
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="CreateVaultToken", variables=variables
        )
        data = self.get_data(response)
        return CreateVaultToken.model_validate(data).create_vault_token

    async def reveal_vault_token(
        self, input: RevealVaultTokenInput, *, idempotency_key: str | None = None
    ) -> RevealVaultTokenRevealVaultTokenRevealedVaultToken:
        """Show the value of a token. Needs the scope `reveal`; each showing is recorded, also that of a resend."""
        query = gql("""
            mutation RevealVaultToken($input: RevealVaultTokenInput!, $idempotencyKey: String!) {
              revealVaultToken(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ... on RevealedVaultToken {
                  value
                  vaultToken {
                    ...VaultTokenFields
                  }
                  position
                  isReplay
                }
                ...RefusalFields
              }
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment VaultTokenFields on VaultToken {
              id
              kind
              mask
              fingerprint
              createdAt
              expiresAt
              endedAt
              endingCause
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="RevealVaultToken", variables=variables
        )
        data = self.get_data(response)
        return RevealVaultToken.model_validate(data).reveal_vault_token

    async def erase_vault_token(
        self, input: EraseVaultTokenInput, *, idempotency_key: str | None = None
    ) -> EraseVaultTokenEraseVaultTokenStoredVaultToken:
        """Destroy the value of a token for good; a token that has ended stays as it is."""
        query = gql("""
            mutation EraseVaultToken($input: EraseVaultTokenInput!, $idempotencyKey: String!) {
              eraseVaultToken(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ... on StoredVaultToken {
                  vaultToken {
                    ...VaultTokenFields
                  }
                  position
                  isReplay
                }
                ...RefusalFields
              }
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }

            fragment VaultTokenFields on VaultToken {
              id
              kind
              mask
              fingerprint
              createdAt
              expiresAt
              endedAt
              endingCause
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="EraseVaultToken", variables=variables
        )
        data = self.get_data(response)
        return EraseVaultToken.model_validate(data).erase_vault_token

    async def create_webhook_endpoint(
        self, input: CreateWebhookEndpointInput, *, idempotency_key: str | None = None
    ) -> CreateWebhookEndpointCreateWebhookEndpointChangedWebhookEndpoint:
        """Have events sent to an address. The answer has the secret that verifies them, once."""
        query = gql("""
            mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!, $idempotencyKey: String!) {
              createWebhookEndpoint(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...ChangedEndpointFields
                ...RefusalFields
              }
            }

            fragment ChangedEndpointFields on ChangedWebhookEndpoint {
              webhookEndpoint {
                id
                url
                state
                eventTypes
                isOrdered
                concurrency
                previousSecretUntil
              }
              secret
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="CreateWebhookEndpoint", variables=variables
        )
        data = self.get_data(response)
        return CreateWebhookEndpoint.model_validate(data).create_webhook_endpoint

    async def update_webhook_endpoint(
        self, input: UpdateWebhookEndpointInput, *, idempotency_key: str | None = None
    ) -> UpdateWebhookEndpointUpdateWebhookEndpointChangedWebhookEndpoint:
        """Change what is sent to an endpoint, or how."""
        query = gql("""
            mutation UpdateWebhookEndpoint($input: UpdateWebhookEndpointInput!, $idempotencyKey: String!) {
              updateWebhookEndpoint(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...ChangedEndpointFields
                ...RefusalFields
              }
            }

            fragment ChangedEndpointFields on ChangedWebhookEndpoint {
              webhookEndpoint {
                id
                url
                state
                eventTypes
                isOrdered
                concurrency
                previousSecretUntil
              }
              secret
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="UpdateWebhookEndpoint", variables=variables
        )
        data = self.get_data(response)
        return UpdateWebhookEndpoint.model_validate(data).update_webhook_endpoint

    async def retire_webhook_endpoint(
        self, input: RetireWebhookEndpointInput, *, idempotency_key: str | None = None
    ) -> RetireWebhookEndpointRetireWebhookEndpointChangedWebhookEndpoint:
        """Send nothing to an endpoint any more; what waits is given up. Create it again to have it back."""
        query = gql("""
            mutation RetireWebhookEndpoint($input: RetireWebhookEndpointInput!, $idempotencyKey: String!) {
              retireWebhookEndpoint(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...ChangedEndpointFields
                ...RefusalFields
              }
            }

            fragment ChangedEndpointFields on ChangedWebhookEndpoint {
              webhookEndpoint {
                id
                url
                state
                eventTypes
                isOrdered
                concurrency
                previousSecretUntil
              }
              secret
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="RetireWebhookEndpoint", variables=variables
        )
        data = self.get_data(response)
        return RetireWebhookEndpoint.model_validate(data).retire_webhook_endpoint

    async def rotate_webhook_secret(
        self, input: RotateWebhookSecretInput, *, idempotency_key: str | None = None
    ) -> RotateWebhookSecretRotateWebhookSecretChangedWebhookEndpoint:
        """Give an endpoint a new secret; both sign for the time of the overlap. The answer has the new one, once."""
        query = gql("""
            mutation RotateWebhookSecret($input: RotateWebhookSecretInput!, $idempotencyKey: String!) {
              rotateWebhookSecret(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ...ChangedEndpointFields
                ...RefusalFields
              }
            }

            fragment ChangedEndpointFields on ChangedWebhookEndpoint {
              webhookEndpoint {
                id
                url
                state
                eventTypes
                isOrdered
                concurrency
                previousSecretUntil
              }
              secret
              position
              isReplay
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="RotateWebhookSecret", variables=variables
        )
        data = self.get_data(response)
        return RotateWebhookSecret.model_validate(data).rotate_webhook_secret

    async def send_test_webhook(
        self, input: SendTestWebhookInput, *, idempotency_key: str | None = None
    ) -> SendTestWebhookSendTestWebhookScheduledWebhook:
        """Send an event of the type `webhook.test` to an endpoint."""
        query = gql("""
            mutation SendTestWebhook($input: SendTestWebhookInput!, $idempotencyKey: String!) {
              sendTestWebhook(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ... on ScheduledWebhook {
                  delivery {
                    ...DeliveryFields
                  }
                  position
                  isReplay
                }
                ...RefusalFields
              }
            }

            fragment DeliveryFields on WebhookDelivery {
              id
              eventType
              eventPosition
              state
              attemptCount
              nextAttemptAt
              status
              fault
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="SendTestWebhook", variables=variables
        )
        data = self.get_data(response)
        return SendTestWebhook.model_validate(data).send_test_webhook

    async def replay_webhooks(
        self, input: ReplayWebhooksInput, *, idempotency_key: str | None = None
    ) -> ReplayWebhooksReplayWebhooksReplayedWebhooks:
        """Send the events of a range again, also those that the endpoint was never sent, such as from before it was."""
        query = gql("""
            mutation ReplayWebhooks($input: ReplayWebhooksInput!, $idempotencyKey: String!) {
              replayWebhooks(input: $input, idempotencyKey: $idempotencyKey) {
                __typename
                ... on ReplayedWebhooks {
                  count
                  continueSince
                  position
                  isReplay
                }
                ...RefusalFields
              }
            }

            fragment RefusalFields on Refusal {
              __typename
              code
              message
              path
              isReplay
              ... on InsufficientFunds {
                index
                position
              }
              ... on AccountNotFound {
                index
                position
              }
              ... on AccountClosed {
                index
                position
              }
              ... on AccountFrozen {
                index
                position
              }
              ... on CurrencyMismatch {
                index
                position
              }
              ... on ConditionFailed {
                index
                position
              }
              ... on HoldNotFound {
                index
                position
              }
              ... on HoldNotOpen {
                index
                position
              }
              ... on AlreadyReversed {
                index
                position
              }
              ... on PeriodClosed {
                index
                position
              }
              ... on TransferRefused {
                index
                position
              }
              ... on IdempotencyConflict {
                index
                firstId
              }
              ... on InvalidInput {
                index
                mistakes {
                  code
                  path
                  message
                }
              }
              ... on TemplateFaults {
                faults
              }
            }
            """)
        variables: dict[str, object] = {
            "input": input,
            "idempotencyKey": self.key_of_call(idempotency_key),
        }
        response = await self.execute(
            query=query, operation_name="ReplayWebhooks", variables=variables
        )
        data = self.get_data(response)
        return ReplayWebhooks.model_validate(data).replay_webhooks

    async def webhook_deliveries(
        self,
        endpoint: str,
        state: Union[Optional[WebhookDeliveryState], UnsetType] = UNSET,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
    ) -> WebhookDeliveriesWebhookDeliveries:
        """Deliveries to an endpoint of yours, those that changed last first."""
        query = gql("""
            query WebhookDeliveries($endpoint: ID!, $state: WebhookDeliveryState, $first: Int, $after: String) {
              webhookDeliveries(
                endpoint: $endpoint
                state: $state
                first: $first
                after: $after
              ) {
                nodes {
                  ...DeliveryFields
                }
                pageInfo {
                  ...PageFields
                }
                asOf
              }
            }

            fragment DeliveryFields on WebhookDelivery {
              id
              eventType
              eventPosition
              state
              attemptCount
              nextAttemptAt
              status
              fault
            }

            fragment PageFields on PageInfo {
              hasNextPage
              hasPreviousPage
              startCursor
              endCursor
            }
            """)
        variables: dict[str, object] = {
            "endpoint": endpoint,
            "state": state,
            "first": first,
            "after": after,
        }
        response = await self.execute(
            query=query, operation_name="WebhookDeliveries", variables=variables
        )
        data = self.get_data(response)
        return WebhookDeliveries.model_validate(data).webhook_deliveries
