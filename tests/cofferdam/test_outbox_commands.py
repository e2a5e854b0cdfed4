"""`cofferdam consumers`, `endpoint` and `calls`: what an operator sees of the outbox, and does about it."""

import json
from datetime import timedelta

import pytest

from ledger.kernel.settings import Settings
from ledger.outbox.calls import Answer
from ledger.outbox.records import CallFault
from ledger.public_ids import public
from tests.ledger.conftest import make_shop
from tests.ledger.outbox.conftest import HOOK, Outbox, watched
from tests.warm import cofferdam


@pytest.fixture
def outbox(engine, vault):
    yield from watched(make_shop(engine), vault)


def _told(settings: Settings, *arguments: str) -> str:
    ended = cofferdam(settings, *arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def _retired(settings: Settings) -> str:
    return _told(settings, "endpoint", "programme", "shop", HOOK, "--retire", "--reason", "it moved")


def test_an_operator_registers_an_endpoint_sees_the_calls_and_has_one_made_again(outbox: Outbox, settings: Settings):
    asked = ("endpoint", "programme", "shop", HOOK, "--reason", "the partner asked", "--events", "monitor.triggered")
    registered, secret = _told(settings, *asked).splitlines()
    outbox.trigger()
    outbox.make(lambda _call: Answer(503, CallFault.REFUSED))
    (call,) = json.loads(_told(settings, "calls", "list", "programme", "--json"))
    waiting = cofferdam(settings, "calls", "replay", "programme", call["call"], "--reason", "again")
    outbox.now += timedelta(minutes=5)  # longer than the first pauses are
    outbox.make(lambda _call: Answer(200))
    replayed = _told(settings, "calls", "replay", "programme", call["call"], "--reason", "the partner lost it")
    retired = _retired(settings)
    again = cofferdam(settings, "endpoint", "programme", "shop", HOOK, "--retire", "--reason", "twice")

    assert registered == f"{public('endpoint', outbox.calls()[0].endpoint_id)} is active"
    assert secret.startswith("secret, shown once: whsec_")
    assert (call["state"], call["attempts"], call["fault"]) == ("waiting", 1, "refused")
    assert "the call is waiting: you cannot replay it; it can become" in waiting.stderr
    assert replayed.startswith(f"{call['call']} is due again from position ")
    assert retired.endswith(" is retired\n")
    assert (again.returncode, "you cannot retire it; it can become active (register)" in again.stderr) == (1, True)


def test_consumers_are_listed_with_their_lag_reset_and_shown_by_the_doctor(outbox: Outbox, settings: Settings):
    outbox.register()
    outbox.trigger()
    outbox.follow()

    before = json.loads(_told(settings, "consumers", "--json"))
    _told(settings, "consumers", "reset", "waiting_calls", "--book", "programme")
    lines = _told(settings, "consumers").splitlines()
    wrong = cofferdam(settings, "consumers", "reset", "novel", "--book", "programme")
    doctor = json.loads(cofferdam(settings, "doctor", "--json").stdout)

    assert [(each["consumer"], each["kind"], each["lag"]) for each in before] == [
        ("webhooks", "reaction", 0),
        ("waiting_calls", "projection", 0),
        ("expiring_vault_tokens", "projection", 0),
    ]
    assert lines[1] == f"programme: waiting_calls (projection) at 0 of {before[1]['journal']}"
    assert "there is no consumer 'novel'; there are: webhooks, waiting_calls" in wrong.stderr
    symptom = next(each for each in doctor["symptoms"] if each["what"] == "waiting_calls of programme")
    assert symptom["found"] == f"position 0 of {before[1]['journal']}, {before[1]['journal']} behind"
