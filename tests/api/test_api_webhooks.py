"""Webhooks as a partner's developer meets them: created, verified by others' libraries, logged, replayed, retired."""

import json
import time
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
import standardwebhooks
import svix
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.faults.peers import Way, peer
from tests.npm_packages import node

PATIENCE_SECONDS = 60
ENDPOINT = "... on ChangedWebhookEndpoint { secret isReplay webhookEndpoint { id url state eventTypes } }"
SCHEMAS = Path(__file__).parents[2] / "docs" / "events"
LOG = """
    query ($endpoint: ID!, $state: WebhookDeliveryState, $after: String) {
      webhookDeliveries(endpoint: $endpoint, state: $state, first: 2, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id eventType state status attemptCount endpoint { id } attempts { status fault } }
      }
    }
"""


@pytest.fixture
def other():
    with peer() as told:
        yield told


def _create(shop, url, *, key="create", types=("TRANSFER_POSTED",), **more):
    return shop.mutate("createWebhookEndpoint", ENDPOINT, key=key, url=url, eventTypes=list(types), **more)


def _wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
    return found


def _received(told, count):
    return _wait_for(lambda: told.sent[:count] if len(told.sent) >= count else None)


def _pay(shop, *keys):
    world, wallet = shop.account("shop:world"), shop.account("shop:wallet", "MERCHANT")
    return [shop.move((world, wallet, "100"), key=each) for each in keys]


def _log(shop, endpoint, state=None):
    found, after = [], None
    while True:
        page = shop.ask(LOG, endpoint=endpoint, state=state, after=after)["webhookDeliveries"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


def _verified(headers, body, secret):
    """The message, as four libraries accept it, and none of them with one byte changed."""
    by_python = [
        standardwebhooks.Webhook(secret).verify(body, headers),
        svix.Webhook(secret).verify(body, headers),
    ]
    changed = body.replace(b"posted", b"pasted") if b"posted" in body else body.replace(b"test", b"tent")
    for library in (standardwebhooks, svix):
        with pytest.raises(library.WebhookVerificationError):
            library.Webhook(secret).verify(changed, headers)
        for name in ("webhook-id", "webhook-timestamp"):
            with pytest.raises(library.WebhookVerificationError):
                library.Webhook(secret).verify(body, headers | {name: _other(headers[name])})
    assert by_python[0] == by_python[1] == json.loads(body)
    return by_python[0]


def _other(text):
    return text[:-1] + ("1" if text[-1] == "0" else "0")


def test_a_webhook_is_verified_by_the_libraries_of_others_and_follows_its_schema(shop, other):
    created = _create(shop, other.address)
    (posted,) = _pay(shop, "p1")
    ((headers, body),) = _received(other, 1)

    message = _verified(headers, body, created["secret"])

    (transfer,) = posted["transfers"]
    schema = json.loads((SCHEMAS / f"{message['type']}.v{message['version']}.json").read_text())
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(message)
    assert created["secret"].startswith("whsec_")
    assert message["id"] == headers["webhook-id"]
    assert (message["type"], message["position"]) == ("transfer.posted", transfer["position"])
    assert {
        "transferId": transfer["id"],
        "debitAccountId": transfer["debitAccountId"],
        "creditAccountId": transfer["creditAccountId"],
        "amountMinor": "100",
        "currency": "USD",
    }.items() <= message["data"].items()


def test_the_libraries_of_npm_verify_by_either_secret_during_a_rotation_and_refuse_a_changed_byte(shop, other):
    created = _create(shop, other.address)
    rotated = shop.mutate(
        "rotateWebhookSecret", ENDPOINT, key="rotate", endpoint=created["webhookEndpoint"]["id"], overlapHours=1
    )
    _pay(shop, "p1")
    ((headers, body),) = _received(other, 1)
    secrets = [created["secret"], rotated["secret"]]

    for secret in secrets:
        _verified(headers, body, secret)
    named = {name: headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    asked = {"secrets": secrets, "headers": named, "body": body.decode()}
    done = node("webhooks.mjs", json.dumps(asked))

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"verified": 4, "refused": 4}
    assert len(headers["webhook-signature"].split(" ")) == 2


def test_after_a_rotation_without_overlap_the_old_secret_verifies_nothing(shop, other):
    created = _create(shop, other.address)
    wanted = {"endpoint": created["webhookEndpoint"]["id"], "overlapHours": 0}
    rotated = shop.mutate("rotateWebhookSecret", ENDPOINT, key="rotate", **wanted)
    _pay(shop, "p1")
    ((headers, body),) = _received(other, 1)

    _verified(headers, body, rotated["secret"])
    with pytest.raises(svix.WebhookVerificationError):
        svix.Webhook(created["secret"]).verify(body, headers)


def test_ed25519_is_verified_by_the_public_key_and_no_secret_is_shown(shop, other):
    created = _create(shop, other.address, signature="ED25519")
    _pay(shop, "p1")
    ((headers, body),) = _received(other, 1)
    version, _, signature = headers["webhook-signature"].partition(",")
    key = Ed25519PublicKey.from_public_bytes(b64decode(created["secret"].removeprefix("whpk_")))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body

    key.verify(b64decode(signature), content)
    with pytest.raises(InvalidSignature):
        key.verify(b64decode(signature), content[:-1] + b" ")

    assert version == "v1a"


def test_a_secret_is_shown_once_and_is_in_no_table_in_clear(shop, other, store):
    created = _create(shop, other.address)
    again = _create(shop, other.address)

    assert (again["secret"], again["isReplay"]) == (None, True)
    assert again["webhookEndpoint"] == created["webhookEndpoint"]
    with store.connect() as connection:
        stored = connection.exec_driver_sql("SELECT secret FROM endpoints WHERE secret IS NOT NULL").scalars().all()
    assert stored
    assert all(each.startswith("s1.") and created["secret"] not in each for each in stored)


def test_an_endpoint_gets_the_types_that_it_subscribed_to_when_they_happened(shop, other):
    created = _create(shop, other.address, types=["ACCOUNT_OPENED"])
    wallet = shop.account("shop:first")
    shop.mutate(
        "updateWebhookEndpoint",
        ENDPOINT,
        key="update",
        endpoint=created["webhookEndpoint"]["id"],
        eventTypes=["TRANSFER_POSTED"],
    )
    _pay(shop, "p1")

    sent = sorted((json.loads(body) for _, body in _received(other, 2)), key=lambda each: each["position"])

    assert [each["type"] for each in sent] == ["account.opened", "transfer.posted"]
    assert sent[0]["data"]["accountId"] == wallet


def test_a_paused_endpoint_gets_its_events_when_it_is_resumed_and_a_retired_one_none(shop, other):
    endpoint = _create(shop, other.address)["webhookEndpoint"]["id"]
    paused = shop.mutate("pauseWebhookEndpoint", ENDPOINT, key="pause", endpoint=endpoint)
    _pay(shop, "p1")
    _wait_for(lambda: _log(shop, endpoint, "WAITING"))
    held = list(other.sent)
    shop.mutate("resumeWebhookEndpoint", ENDPOINT, key="resume", endpoint=endpoint)
    _received(other, 1)
    retired = shop.mutate("retireWebhookEndpoint", ENDPOINT, key="retire", endpoint=endpoint)
    again = shop.mutate("pauseWebhookEndpoint", ENDPOINT, key="pause again", endpoint=endpoint)
    _pay(shop, "p2")

    assert (paused["webhookEndpoint"]["state"], held) == ("PAUSED", [])
    assert retired["webhookEndpoint"]["state"] == "RETIRED"
    assert (again["__typename"], again["code"]) == ("IllegalTransition", "ILLEGAL_TRANSITION")
    assert [json.loads(body)["type"] for _, body in other.sent] == ["transfer.posted"]


def test_a_test_event_arrives_and_the_log_has_every_attempt(shop, other):
    endpoint = _create(shop, other.address)["webhookEndpoint"]["id"]
    other.ways = [Way.FAILS]
    other.retry_after = "1"
    scheduled = "... on ScheduledWebhook { delivery { id state eventType } }"
    asked = shop.mutate("sendTestWebhook", scheduled, key="test", endpoint=endpoint)
    _received(other, 1)
    other.retry_after = None
    (_, (headers, body)) = _received(other, 2)
    (delivery,) = _wait_for(lambda: _log(shop, endpoint, "DELIVERED"))

    assert json.loads(body)["data"]["endpointId"] == endpoint
    assert asked["delivery"] == {"id": headers["webhook-id"], "state": "WAITING", "eventType": "webhook.test"}
    assert delivery == {
        "id": headers["webhook-id"],
        "eventType": "webhook.test",
        "state": "DELIVERED",
        "status": 200,
        "attemptCount": 2,
        "endpoint": {"id": endpoint},
        "attempts": [{"status": 503, "fault": "REFUSED"}, {"status": 200, "fault": None}],
    }


def test_events_are_replayed_by_time_and_by_position_also_those_from_before_the_endpoint(shop, other):
    began = datetime.now(UTC).isoformat()
    posted = _pay(shop, "p1", "p2", "p3")
    endpoint = _create(shop, other.address)["webhookEndpoint"]["id"]
    answer = "... on ReplayedWebhooks { count continueSince isReplay }"

    by_time = shop.mutate("replayWebhooks", answer, key="r1", endpoint=endpoint, recordedFrom=began)
    first = [json.loads(body) for _, body in _received(other, 3)]
    _wait_for(lambda: len(_log(shop, endpoint, "DELIVERED")) == 3)
    since = posted[0]["transfers"][0]["position"]
    by_position = shop.mutate("replayWebhooks", answer, key="r2", endpoint=endpoint, since=since)
    second = [json.loads(body) for _, body in _received(other, 5)][3:]
    again = shop.mutate("replayWebhooks", answer, key="r2", endpoint=endpoint, since=since)
    none = shop.mutate("replayWebhooks", answer, key="r3", endpoint=endpoint, recordedUntil=began)

    assert by_time == {"__typename": "ReplayedWebhooks", "count": 3, "continueSince": None, "isReplay": False}
    assert {each["data"]["transferId"] for each in first} == {each["transfers"][0]["id"] for each in posted}
    assert (by_position["count"], again["count"], again["isReplay"], none["count"]) == (2, 2, True, 0)
    assert {each["id"] for each in second} == {each["id"] for each in first if each["position"] > since}


def test_one_delivery_is_replayed_under_its_id(shop, other):
    endpoint = _create(shop, other.address)["webhookEndpoint"]["id"]
    _pay(shop, "p1")
    _wait_for(lambda: _log(shop, endpoint, "DELIVERED"))
    ((headers, _),) = other.sent
    scheduled = "... on ScheduledWebhook { delivery { id state } }"

    shop.mutate("replayWebhookDelivery", scheduled, key="replay", delivery=headers["webhook-id"])
    (_, (again, _)) = _received(other, 2)

    assert again["webhook-id"] == headers["webhook-id"]


def test_another_partners_endpoint_and_delivery_are_not_there(shop, rides, other):
    endpoint = _create(shop, other.address)["webhookEndpoint"]["id"]
    _pay(shop, "p1")
    ((headers, _),) = _received(other, 1)
    delivery = headers["webhook-id"]

    changes = [
        rides.mutate(name, "__typename", key=name, endpoint=endpoint)["__typename"]
        for name in (
            "pauseWebhookEndpoint",
            "retireWebhookEndpoint",
            "rotateWebhookSecret",
            "sendTestWebhook",
            "replayWebhooks",
        )
    ]
    changes.append(rides.mutate("replayWebhookDelivery", "__typename", key="r", delivery=delivery)["__typename"])
    seen = rides.ask(
        "query ($e: ID!, $d: ID!) { webhookEndpoint(id: $e) { id } webhookDelivery(id: $d) { id } "
        "webhookEndpoints { nodes { id } } webhookDeliveries(endpoint: $e) { nodes { id } } }",
        e=endpoint,
        d=delivery,
    )

    assert set(changes) == {"NotFound"}
    assert list(seen.values()) == [None, None, {"nodes": []}, {"nodes": []}]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"url": "ftp://x.example/"}, "INVALID_INPUT"),
        ({"url": "https://eve@x.example/"}, "INVALID_INPUT"),
        ({"types": []}, "INVALID_INPUT"),
        ({"concurrency": 51}, "INVALID_INPUT"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused(shop, more, code):
    refused = _create(shop, **({"url": "https://x.example/"} | more))

    assert (refused["__typename"], refused["code"]) == ("InvalidInput", code)
