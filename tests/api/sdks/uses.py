"""Uses of the operations of both clients, each once, against a running server."""

from cofferdam_client import inputs


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
