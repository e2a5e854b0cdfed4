"""The guide for partner developers: every example of it runs as it stands."""

import re
from pathlib import Path

from graphql import build_schema, parse, validate

from api.graphql.schema import sdl

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "partners.md"


def _examples():
    return re.findall(r"```graphql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_every_example_is_valid():
    schema = build_schema(sdl())

    assert [error for example in _examples() for error in validate(schema, parse(example))] == []


def test_the_examples_go_from_a_key_to_a_balance(shop):
    opening, posting, reading = _examples()

    opened = shop.ask(opening)
    ids = {name: opened[name]["account"]["id"] for name in ("bank", "wallet")}
    posted = shop.ask(posting, **ids)["postTransfers"]
    seen = shop.ask(reading, position=posted["position"])

    assert posted["transfers"][0]["amount"] == {"decimal": "10.50", "currency": "USD"}
    assert seen["account"]["balance"] == {"decimal": "10.50", "currency": "USD"}
