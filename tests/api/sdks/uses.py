"""Uses of the operations of both clients, each once, against a running server."""

import time
from datetime import timedelta

import pytest
from cofferdam_client import Refused, inputs


def use_webhooks(client):
    """Use each operation of webhooks once."""
    wanted = inputs.CreateWebhookEndpointInput(url="https://shop.example/hook", event_types=["TRANSFER_POSTED"])
    created = client.create_webhook_endpoint(wanted)
    endpoint = created.webhook_endpoint.id
    assert created.secret.startswith("whsec_")
    rotated = client.rotate_webhook_secret(inputs.RotateWebhookSecretInput(endpoint=endpoint))
    assert rotated.secret != created.secret
    test = client.send_test_webhook(inputs.SendTestWebhookInput(endpoint=endpoint)).delivery
    assert client.webhook_deliveries(endpoint).nodes[0].id == test.id
    replayed = client.replay_webhooks(inputs.ReplayWebhooksInput(endpoint=endpoint, since="pos_0000000000000"))
    assert replayed.count
    changed = inputs.UpdateWebhookEndpointInput(endpoint=endpoint, event_types=["ACCOUNT_OPENED"])
    assert client.update_webhook_endpoint(changed).webhook_endpoint.event_types == ["ACCOUNT_OPENED"]
    retired = client.retire_webhook_endpoint(inputs.RetireWebhookEndpointInput(endpoint=endpoint))
    assert retired.webhook_endpoint.state == "RETIRED"


def use_vault_tokens(client):
    """Use each operation of vault tokens once."""
    stored = client.create_vault_token(inputs.CreateVaultTokenInput(kind="CARD", value="4242 4242 4242 4242"))
    token = stored.vault_token.id
    assert stored.vault_token.mask.endswith("4242")
    revealed = client.reveal_vault_token(inputs.RevealVaultTokenInput(vault_token=token, reason="a payment by hand"))
    assert revealed.value == "4242424242424242"
    erased = client.erase_vault_token(inputs.EraseVaultTokenInput(vault_token=token, reason="no longer needed"))
    assert erased.vault_token.ending_cause == "ERASED"


def use_sandboxes(client, connect):
    """Use each operation of sandboxes once; `connect` gives a client for a test key."""
    sandbox = connect(client.create_test_key(inputs.CreateTestKeyInput(label="a laptop")).test_key)
    merchant = next(each for each in sandbox.magic_accounts() if each.external_ref == "sandbox:merchant").account
    amount = inputs.MoneyInput(amount_minor=1_000, currency="USD")
    wanted = inputs.OpenAccountInput(external_ref="wallet", currency="USD", kind="MERCHANT")
    wallet = sandbox.open_account(wanted).account.id
    assert merchant != wallet
    assert sandbox.fund_sandbox_account(inputs.FundSandboxAccountInput(account=wallet, amount=amount)).transfers
    assert sandbox.pay_sandbox_merchant(inputs.PaySandboxMerchantInput(account=wallet, amount=amount)).transfers
    declined = inputs.DeclineSandboxPaymentInput(account=wallet, amount=amount, reason="INSUFFICIENT_FUNDS")
    with pytest.raises(Refused, match="INSUFFICIENT_FUNDS"):
        sandbox.decline_sandbox_payment(declined)
    before = sandbox.sandbox_clock()
    moved = sandbox.advance_sandbox_clock(inputs.AdvanceSandboxClockInput(by_seconds=3_600))
    assert moved.moved_to - moved.moved_from >= timedelta(hours=1)
    assert sandbox.sandbox_clock().ahead_seconds >= before.ahead_seconds + 3_600
    asked = _logged(sandbox, "PaySandboxMerchant")
    assert [each.outcome for each in asked] == ["DONE"]
    replayed = sandbox.replay_request(inputs.ReplayRequestInput(sandbox_request=asked[0].id))
    assert '"transfers"' in replayed.answer


def _logged(sandbox, operation):
    """The logged requests of an operation; no request waits for the log, so that it may come a moment later."""
    deadline = time.monotonic() + 30
    while not (found := sandbox.sandbox_requests(operation_name=operation).nodes):
        assert time.monotonic() < deadline, "the request is not in the log"
        time.sleep(0.05)
    return found
