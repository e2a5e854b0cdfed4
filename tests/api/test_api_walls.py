"""Walls between partners: every field and mutation answers another partner's id like one that never was, at one cost.

The documents are made from the schema, so that a new field or mutation is among them.
"""

import re
from uuid import uuid4

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    get_nullable_type,
    is_required_argument,
    is_required_input_field,
)

from ledger.journal.position_tokens import token_of
from ledger.public_ids import PAIR_PREFIXES, PREFIXES
from ledger.vault import vault
from tests.api.conftest import record_statements
from tests.api.schemas import SCHEMA

NOISE = ("follower", "sweeper", "outbox", "key-listener")
"""How the names of threads begin that read the database by themselves."""

VALUES = {
    "String": '"x"', "Int": "1", "Boolean": "false", "Minor": '"1"', "Position": f'"{token_of(1)}"',
    "Currency": '"USD"', "SecretText": "$secret",
    "Date": '"2026-10-01"', "DateTime": '"2026-10-01T00:00:00Z"', "Whole": '"1"',
}  # fmt: skip
NAMED = {
    "externalRef": "reference", "code": "payment", "rate": "1", "name": "template", "declaration": "{}", "reason": "x",
    "kind": "EXTERNAL",
}  # fmt: skip
NOUNS = {
    "hold": "hold", "transfer": "transfer", "monitor": "monitor", "customer": "customer", "template": "template",
    "endpoint": "endpoint", "webhookEndpoint": "endpoint", "delivery": "call", "webhookDelivery": "call",
}  # fmt: skip
NOUNS |= {"vaultToken": "vault_token", "fingerprint": "fingerprint"}
SECRET = "DE89370400440532013000"
"""The one value that no document may have in it."""

FIELDS = [("query", name, field) for name, field in SCHEMA.query_type.fields.items()]
FIELDS += [("mutation", name, field) for name, field in SCHEMA.mutation_type.fields.items()]


def _value(name, type_, ids):
    """A literal of the type; of an id that of the noun that the argument is named for."""
    bare = get_nullable_type(type_)
    if isinstance(bare, GraphQLList):
        return f"[{_value(name, bare.of_type, ids)}]"
    if isinstance(bare, GraphQLInputObjectType):
        wanted = bare.fields.items()
        if bare.is_one_of:
            wanted = list(wanted)[:1]
        given = [(key, each) for key, each in wanted if is_required_input_field(each) or _is_id(each) or bare.is_one_of]
        return "{" + ", ".join(f"{key}: {_value(key, each.type, ids)}" for key, each in given) + "}"
    if isinstance(bare, GraphQLEnumType):
        return NAMED.get(name) if NAMED.get(name) in bare.values else next(iter(bare.values))
    if bare.name == "ID":
        return f'"{ids[NOUNS.get(name, "account")]}"'
    if name == "externalRef":
        return f'"{ids["reference"]}"'
    return f'"{NAMED[name]}"' if name in NAMED and bare.name == "String" else VALUES[bare.name]


def _is_id(field):
    return "ID" in re.findall(r"\w+", str(field.type))


def _document(kind, name, field, ids, *, noun=None):
    """The field with every argument that is required or is an id.

    `noun` is that of `id` and `ids`; None names by reference instead.
    """
    given = []
    for key, argument in field.args.items():
        if key == "idempotencyKey":
            given.append('idempotencyKey: "KEY"')
        elif key in ("id", "ids") and noun is not None:
            text = f'"{ids[noun]}"'
            given.append(f"{key}: {f'[{text}]' if key == 'ids' else text}")
        elif key == "externalRef":
            given += [] if noun is not None else [f'externalRef: "{ids["reference"]}"']
        elif key == "id" and "externalRef" in field.args:
            continue
        elif is_required_argument(argument) or _is_id(argument) or key == "filter":
            given.append(f"{key}: {_value(key, argument.type, ids)}")
    arguments = f"({', '.join(given)})" if given else ""
    shape = "__typename ... on Refusal { code message }" if kind == "mutation" else "__typename"
    declared = " ($secret: SecretText!)" if "$secret" in arguments else ""
    return f"{kind}{declared} {{ {name}{arguments} {{ {shape} }} }}"


@pytest.fixture
def theirs(shop):
    """Ids of the shop's objects, by noun."""
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    shop.move((bank, wallet, "1000"), (bank, wallet, "1"), key="both")
    watch = {"account": wallet, "measure": "POSTED", "comparison": "BELOW", "thresholdMinor": "500"}
    monitor = shop.mutate("beginMonitor", "... on WatchedAccount { monitor { id } }", key="m", **watch)["monitor"]["id"]
    shop.move((wallet, bank, "700"), key="low")
    hold = shop.move((bank, wallet, "7"), key="held", hold=True)["transfers"][0]["id"]
    legs = '"legs": [{"amount": "{sum}", "code": "x", "from": "{a}", "to": "{b}"}]'
    parameters = '"parameters": {"a": "account", "b": "account", "sum": "money"}'
    shop.mutate("publishTemplate", "", key="t", declaration=f'{{"name": "template", {parameters}, {legs}}}')
    hook = {"url": "https://shop.example/", "eventTypes": ["TRANSFER_POSTED"]}
    created = "... on ChangedWebhookEndpoint { webhookEndpoint { id } }"
    endpoint = shop.mutate("createWebhookEndpoint", created, key="w", **hook)["webhookEndpoint"]["id"]
    shop.mutate("pauseWebhookEndpoint", "", key="pause", endpoint=endpoint)
    test = shop.mutate("sendTestWebhook", "... on ScheduledWebhook { delivery { id } }", key="test", endpoint=endpoint)
    shown = shop.ask("""
        { me { id } templates { nodes { id } } monitorEvents { nodes { id } }
          account(externalRef: "shop:wallet") { customer { id } entries { nodes { id } } }
          transfers(last: 1) { nodes { id group { id } } } }
    """)
    moved = shown["transfers"]["nodes"][0]
    stored = "... on StoredVaultToken { vaultToken { id fingerprint } }"
    token = shop.mutate("createVaultToken", stored, key="v", kind="IBAN", value=SECRET)["vaultToken"]
    return {
        "account": wallet, "hold": hold, "transfer": moved["id"], "group": moved["group"]["id"], "monitor": monitor,
        "customer": shown["account"]["customer"]["id"], "entry": shown["account"]["entries"]["nodes"][0]["id"],
        "monitor_event": shown["monitorEvents"]["nodes"][0]["id"], "template": shown["templates"]["nodes"][0]["id"],
        "partner": shown["me"]["id"], "reference": "shop:wallet", "endpoint": endpoint, "call": test["delivery"]["id"],
        "vault_token": token["id"], "fingerprint": token["fingerprint"],
    }  # fmt: skip


@pytest.fixture
def statements(monkeypatch):
    """The statements of requests and of the committer, but that of a key, which is asked for from time to time."""

    def is_asked_for(text, thread):
        is_of_a_key = "narrow_to_key" in text and "caller_found" not in text
        return "NOTIFY" not in text and not is_of_a_key and not thread.startswith(NOISE)

    return record_statements(monkeypatch, is_asked_for)


def _never(ids):
    """Ids of the same nouns that never were."""
    made = {}
    for noun, each in ids.items():
        if noun in PAIR_PREFIXES:
            made[noun] = f"{PAIR_PREFIXES[noun]}_{uuid4().hex}{uuid4().hex}"
        else:
            made[noun] = "no:such" if noun == "reference" else f"{each[:4]}{uuid4().hex}"
    return made


def _answer(caller, document, ids, sent):
    sent.clear()
    body = caller.post(document.replace("KEY", uuid4().hex), {"secret": SECRET}).json()
    body.pop("extensions")
    text = repr(body)
    for each in ids.values():
        text = text.replace(each, "ID")
    return text, [" ".join(each.split())[:60] for each in sent]


def test_every_field_and_mutation_answers_anothers_id_like_one_that_never_was(rides, theirs, statements):
    rides.account("bank")
    nouns = [each for each in theirs if each in PREFIXES or each in PAIR_PREFIXES]
    differing = []
    for kind, name, field in FIELDS:
        named = [NOUNS.get(name, "account"), *([None] if "externalRef" in field.args else [])]
        for noun in nouns if name in ("node", "nodes") else named:
            never = _never(theirs)
            documents = [_document(kind, name, field, ids, noun=noun) for ids in (theirs, never)]
            for each in documents:  # what is learned once, such as statements and partners, is learned
                rides.post(each.replace("KEY", uuid4().hex), {"secret": SECRET})
            there = _answer(rides, documents[0], theirs, statements)
            nowhere = _answer(rides, documents[1], never, statements)
            if there != nowhere:
                differing.append((name, noun, there, nowhere))

    assert differing == []


@pytest.mark.parametrize("kept_seconds", [3_600, 0], ids=["remembered", "forgotten"])
def test_naming_anothers_reference_takes_what_naming_none_takes(rides, theirs, statements, monkeypatch, kept_seconds):
    monkeypatch.setattr(vault, "KEPT_SECONDS", kept_seconds)
    for count in (1, 3):
        answers = []
        for reference in ("shop:wallet", "shop:bank", "no:such"):
            names = [f"{reference}{'x' * index}" for index in range(count)]
            fields = " ".join(f'a{index}: account(externalRef: "{name}") {{ id }}' for index, name in enumerate(names))
            answers.append(_answer(rides, f"{{ {fields} }}", theirs, statements))

        assert "None" in answers[0][0]
        assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("side", ["debitAccount", "creditAccount"])
@pytest.mark.parametrize("transfers", [1, 40])
def test_moving_anothers_money_takes_what_moving_none_takes(rides, theirs, statements, side, transfers):
    till = rides.account("till")
    costs = []
    for ids in (theirs, _never(theirs)):
        for _ in range(3):
            pair = {"debitAccount": till, "creditAccount": till, side: ids["account"]}
            money = 'amount: {amountMinor: "1", currency: "USD"}, code: "x"'
            one = f'{{debitAccount: "{pair["debitAccount"]}", creditAccount: "{pair["creditAccount"]}", {money}}}'
            many = ", ".join([one] * transfers)
            document = (
                f'mutation {{ postTransfers(input: {{transfers: [{many}]}}, idempotencyKey: "KEY")'
                " { __typename ... on Refusal { code } } }"
            )
            answer = _answer(rides, document, ids, statements)
        costs.append(answer)

    assert "AccountNotFound" in costs[0][0]
    assert costs[0] == costs[1]
