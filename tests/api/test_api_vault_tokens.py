"""Vault tokens over HTTP: created from a variable, found by fingerprint, shown to who may reveal, and nowhere else."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ledger.kernel.work import begin
from ledger.public_ids import parse_public
from ledger.tenancy.api_keys import issue
from tests.api.conftest import BACKGROUND, PEPPER, record_statements

CARD, IBAN = "4242424242424242", "DE89370400440532013000"
STORED = "... on StoredVaultToken { position isReplay vaultToken { id kind mask fingerprint endedAt endingCause } }"
REVEALED = "... on RevealedVaultToken { value isReplay vaultToken { id mask } }"
REVEAL = """
    mutation ($input: RevealVaultTokenInput!, $key: String!) {
      revealVaultToken(input: $input, idempotencyKey: $key) { __typename ... on RevealedVaultToken { value } }
    }
"""
CREATE = """
    mutation ($input: CreateVaultTokenInput!) {
      createVaultToken(input: $input, idempotencyKey: "k") { __typename ... on Refusal { message } }
    }
"""
READINGS = sa.text("SELECT actor, reason FROM personal_readings WHERE subject_id = :token ORDER BY seq")


def _create(caller, value=CARD, kind="CARD", **more):
    key = more.pop("key", f"create {value} {more}")
    return caller.mutate("createVaultToken", STORED, key=key, kind=kind, value=value, **more)


def _reveal(caller, token, key="reveal", reason="a payout"):
    return caller.mutate("revealVaultToken", REVEALED, key=key, vaultToken=token, reason=reason)


def test_a_token_is_created_once_found_by_fingerprint_and_lists_no_value(shop, rides):
    first, again = (_create(shop, key="a") for _ in range(2))
    token = first["vaultToken"]
    _create(shop, IBAN, "IBAN")
    spaced = _create(shop, "4242 4242 4242 4242")["vaultToken"]

    query = "query ($of: ID!) { vaultTokens(fingerprint: $of) { nodes { id } } vaultTokens2: vaultTokens(first: 1) "
    query += "{ nodes { kind mask customer { id } } pageInfo { hasNextPage } } }"
    found = shop.ask(query, of=token["fingerprint"])

    assert (token["kind"], token["mask"], token["endedAt"]) == ("CARD", "•••• 4242", None)
    assert again == {**first, "isReplay": True}
    assert found["vaultTokens"]["nodes"] == [{"id": token["id"]}, {"id": spaced["id"]}]
    assert found["vaultTokens2"]["pageInfo"] == {"hasNextPage": True}
    assert rides.ask(query, of=token["fingerprint"])["vaultTokens"]["nodes"] == []
    assert rides.ask("query ($id: ID!) { vaultToken(id: $id) { id } }", id=token["id"]) == {"vaultToken": None}
    assert _create(shop, IBAN, "IBAN", key="a")["code"] == "IDEMPOTENCY_CONFLICT"


def test_each_reveal_is_a_fact_with_actor_and_reason_that_of_a_resend_too(shop, store):
    token = _create(shop)["vaultToken"]["id"]

    first, again = (_reveal(shop, token) for _ in range(2))

    assert (first["value"], first["isReplay"], again["value"], again["isReplay"]) == (CARD, False, CARD, True)
    with store.connect() as connection:
        facts = connection.execute(READINGS, {"token": parse_public("vault_token", token)}).all()
    assert [reason for _, reason in facts] == ["a payout"] * 2
    assert {actor[:4] for actor, _ in facts} == {"key_"}
    assert _reveal(shop, token, key="c", reason=" ")["code"] == "INVALID_INPUT"


def test_only_the_scope_reveal_reveals(shop, store, book_id):
    token = _create(shop)["vaultToken"]["id"]
    with begin(store, actor="test") as work:
        other = replace(shop, key=issue(work, book_id, shop.partner_id, pepper=PEPPER))

    refused = other.post(REVEAL, {"input": {"vaultToken": token, "reason": "a payout"}, "key": "r"})

    assert refused.status_code == 403
    assert "revealVaultToken" in refused.text
    assert CARD not in refused.text
    with store.connect() as connection:
        assert connection.execute(READINGS, {"token": parse_public("vault_token", token)}).all() == []


def test_another_partners_token_is_as_one_that_is_not_there(shop, rides):
    token, absent = _create(shop)["vaultToken"]["id"], "vtk_" + "0" * 32

    for act in (
        _reveal,
        lambda caller, of, key: caller.mutate("eraseVaultToken", STORED, key=key, vaultToken=of, reason="asked"),
    ):
        told, unknown = act(rides, token, key=f"{act} 1"), act(rides, absent, key=f"{act} 2")
        assert told["code"] == unknown["code"] == "NOT_FOUND"
        assert told["message"].replace(token, absent) == unknown["message"]


def test_an_erased_token_stands_in_lists_and_opens_for_nobody(shop):
    token = _create(shop)["vaultToken"]["id"]
    erased = shop.mutate("eraseVaultToken", STORED, key="e", vaultToken=token, reason="asked")

    assert erased["vaultToken"]["endingCause"] == "ERASED"
    refused = _reveal(shop, token)
    assert (refused["__typename"], refused["code"]) == ("VaultTokenEnded", "TOKEN_ENDED")


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "CARD", "value": "4242424242424241"},
        {"kind": "CARD", "value": 4242424242424242},
        {"kind": "CARD", "value": [CARD]},
        {"kind": "CARD", "value": CARD, "extra": 1},
        {"kind": "BANK", "value": CARD},
        {"value": CARD},
        {"kind": "CARD", "value": CARD, "customer": "cus_1"},
        {"kind": "CARD", "value": CARD, "expiresAt": "tomorrow"},
        [CARD],
    ],
)
def test_no_error_repeats_a_value_whatever_is_wrong_with_the_input(shop, wanted):
    response = shop.post(CREATE, {"input": wanted})

    assert "StoredVaultToken" not in response.text
    assert "42424242" not in response.text


def test_a_value_that_is_written_into_the_document_is_refused(shop):
    query = (
        f'mutation {{ createVaultToken(input: {{kind: CARD, value: "{CARD}"}}, idempotencyKey: "k") {{ __typename }} }}'
    )

    error = shop.error(query)

    assert "as a variable" in error["message"]
    assert CARD not in str(error)


def test_a_list_of_tokens_with_their_customers_takes_two_statements(shop, monkeypatch):
    shop.account("wallet", "CUSTOMER")
    customer = shop.ask("{ customers { nodes { id } } }")["customers"]["nodes"][0]["id"]
    for number in range(3):
        _create(shop, f"{number:03}A1B2", "DOCUMENT", customer=customer)
    sent = record_statements(
        monkeypatch,
        lambda query, thread: re.search("vault_tokens|customers", query) and not thread.startswith(BACKGROUND),
    )

    found = shop.ask("{ vaultTokens { nodes { mask customer { id } } } }")["vaultTokens"]["nodes"]

    assert [each["customer"]["id"] for each in found] == [customer] * 3
    assert len(sent) == 2
