"""The guide for partner developers: every example of it runs as it stands."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from graphql import build_schema, parse, validate

from api.graphql.schema import sdl

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "partners.md"


def _examples():
    return re.findall(r"```graphql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_every_example_is_valid():
    schema = build_schema(sdl())

    assert [error for example in _examples() for error in validate(schema, parse(example))] == []


def test_the_examples_go_from_a_key_to_a_frozen_account(shop):
    opening, posting, reading, holding, taking, *rest = _examples()
    reversing, exchanging, publishing, running, watching, events, finding, stating, freezing, wording, *last = rest
    storing, following = last

    opened = shop.ask(opening)
    secret = {"kind": "IBAN", "value": "DE89 3704 0044 0532 0130 00"}
    stored = shop.ask(storing, input=secret, key="iban-17")["createVaultToken"]["vaultToken"]
    bank, wallet = (opened[name]["account"]["id"] for name in ("bank", "wallet"))
    posted = shop.ask(posting, bank=bank, wallet=wallet)["postTransfers"]
    seen = shop.ask(reading, position=posted["position"])
    watched = shop.ask(watching, wallet=wallet)["beginMonitor"]
    held = shop.ask(holding, bank=bank, wallet=wallet)["postTransfers"]["transfers"][0]
    fare = shop.ask(taking, hold=held["id"])["postHold"]["transfers"][0]
    back = shop.ask(reversing, transfer=fare["id"])["reverseTransfer"]["transfers"][0]
    euros = shop.open("euros", "MERCHANT", currency="EUR")["account"]["id"]
    exchanged = shop.ask(exchanging, wallet=wallet, euros=euros)["exchange"]["transfers"]
    published = shop.ask(publishing, declaration=_declaration())["publishTemplate"]
    seller, fees = shop.account("seller", "MERCHANT"), shop.account("fees", "REVENUE")
    sold = shop.ask(running, payer=wallet, seller=seller, fees=fees)["runTemplate"]["transfers"]
    became = shop.ask(events)["monitorEvents"]["nodes"]
    newest = shop.ask("{ monitorEvents(order: NEWEST_FIRST) { nodes { id } } }")["monitorEvents"]["nodes"]
    oldest = shop.ask("{ monitorEvents { nodes { id } } }")["monitorEvents"]["nodes"]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    found = shop.ask(finding, wallet=wallet, position=posted["position"], today=today)
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    stated = shop.ask(stating, wallet=wallet, today=today, tomorrow=tomorrow)["account"]["statement"]
    frozen = shop.ask(freezing, wallet=wallet)["changeAccountTerms"]
    worded = shop.ask(wording, wallet=wallet)["setMetadata"]
    followed = shop.ask(following, wallet=wallet)

    assert posted["transfers"][0]["amount"] == {"decimal": "10.50", "currency": "USD"}
    assert seen["account"]["balance"] == {"decimal": "10.50", "currency": "USD"}
    assert (held["state"], fare["amount"]["decimal"], back["reversesId"]) == ("OPEN", "4.50", fare["id"])
    assert [each["amount"]["decimal"] for each in exchanged] == ["5.00", "4.61"]
    assert published["template"] == {"name": "sale", "version": 1}
    assert [each["amount"]["decimal"] for each in sold] == ["0.36", "1.64"]
    assert [each["measuredMinor"] for each in became] == ["450", "350"]
    assert newest == oldest[::-1]
    assert {each["monitor"]["id"] for each in became} == {watched["monitor"]["id"]}
    assert [each["id"] for each in found["transfers"]["nodes"]] == [held["id"]]
    assert (found["then"]["balance"]["decimal"], found["endOfDay"]["balance"]["decimal"]) == ("10.50", "3.50")
    assert (stated["opening"]["decimal"], stated["closing"]["decimal"]) == ("0.00", "3.50")
    assert frozen["account"] == {"frozen": "DEBITS"}
    assert stored["mask"] == "•••• 3000"
    assert worded["metadata"] == [{"name": "branch", "value": "branch-7"}]
    assert followed["account"]["customer"]["accounts"] == followed["accounts"]
    assert followed["account"]["entries"]["nodes"][-1]["balance"] == found["endOfDay"]["balance"]


def _declaration():
    (declaration,) = re.findall(r"```json\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return declaration
