"""Templates over HTTP: published once, faults named, run by name."""

import json

import pytest

PUBLISHED = (
    "... on PublishedTemplate { position template { id name version declaration } } ... on TemplateFaults { faults }"
)
RUN = """
    ... on PostedTransfers {
      position transfers { id template groupId code amount { decimal } debitAccountId creditAccountId }
    }
    ... on TemplateFaults { faults }
"""
SALE = {
    "name": "sale",
    "parameters": {"payer": "account", "seller": "account", "fees": "account", "total": "money"},
    "amounts": {"fee": {"of": "{total}", "basis_points": 290, "rounding": "half_even", "plus_minor": 30}},
    "legs": [
        {
            "amount": "{total}",
            "code": "sale",
            "from": "{payer}",
            "to": [{"account": "{fees}", "amount": "{fee}"}, {"account": "{seller}", "rest": True}],
        }
    ],
}


def _publish(caller, declaration, key="p"):
    text = declaration if isinstance(declaration, str) else json.dumps(declaration)
    return caller.mutate("publishTemplate", PUBLISHED, key=key, declaration=text)


def _run(caller, key="r", name="sale", version=None, **given):
    arguments = [{"name": each, "value": value} for each, value in given.items()]
    return caller.mutate("runTemplate", RUN, key=key, name=name, version=version, arguments=arguments)


TOML = """
name = "sale"
parameters = { payer = "account", seller = "account", fees = "account", total = "money" }
amounts = { fee = { of = "{total}", basis_points = 290, rounding = "half_even", plus_minor = 30 } }
[[legs]]
amount = "{total}"
code = "sale"
from = "{payer}"
to = [{ account = "{fees}", amount = "{fee}" }, { account = "{seller}", rest = true }]
"""


@pytest.fixture
def parties(shop):
    """Accounts for a sale: a payer with 100.00 USD, a seller, fees."""
    bank = shop.account("bank")
    payer, seller, fees = shop.account("payer", "CUSTOMER"), shop.account("seller", "MERCHANT"), shop.account("fees")
    shop.move((bank, payer, "10000"), key="top up")
    return {"payer": payer, "seller": seller, "fees": fees}


def test_a_template_is_published_once_and_its_next_declaration_is_the_next_version(shop, rides):
    first = _publish(shop, SALE)
    again = _publish(shop, SALE)
    same = _publish(shop, SALE, key="other key")
    second = _publish(shop, SALE | {"about": "with a fee"}, key="two")

    assert first == again == same
    assert [each["template"]["version"] for each in (first, second)] == [1, 2]
    assert json.loads(first["template"]["declaration"])["name"] == "sale"
    assert _publish(shop, SALE | {"about": "other"})["__typename"] == "IdempotencyConflict"
    listed = shop.ask('{ templates { nodes { name version } } old: template(name: "sale", version: 1) { version } }')
    assert listed == {"templates": {"nodes": [{"name": "sale", "version": 2}]}, "old": {"version": 1}}
    assert rides.ask('{ templates { nodes { name } } template(name: "sale") { name } }') == {
        "templates": {"nodes": []},
        "template": None,
    }


def test_the_same_declaration_as_toml_is_the_same_version(shop):
    as_json, as_toml = _publish(shop, SALE), _publish(shop, TOML, key="toml")

    assert as_toml["template"] == as_json["template"]


@pytest.mark.parametrize(
    ("declaration", "says"),
    [
        ("{not JSON", "this is not JSON"),
        ("not TOML", "this is not TOML"),
        ({"name": "x"}, "there is no leg"),
        (SALE | {"parametres": {}}, "did you mean parameters?"),
        (SALE | {"amounts": {"fee": {"of": "{totl}", "basis_points": 1, "rounding": "down"}}}, "{total}"),
    ],
)
def test_a_declaration_with_faults_is_answered_by_a_list_of_them(shop, declaration, says):
    refused = _publish(shop, declaration)

    assert (refused["__typename"], refused["code"]) == ("TemplateFaults", "INVALID_TEMPLATE")
    assert any(says in fault for fault in refused["faults"]), refused["faults"]


def test_a_run_posts_what_the_template_comes_to_and_a_resend_posts_nothing(shop, parties):
    _publish(shop, SALE)

    done = _run(shop, **parties, total="50.00 USD")
    again = _run(shop, **parties, total="50.00 USD")

    assert [each["amount"]["decimal"] for each in done["transfers"]] == ["1.75", "48.25"]
    assert {each["template"] for each in done["transfers"]} == {"sale@1"}
    assert len({each["groupId"] for each in done["transfers"]}) == 1
    assert again == done
    assert _run(shop, **parties, total="51.00 USD")["__typename"] == "IdempotencyConflict"


def test_a_version_that_is_named_is_run_whatever_was_published_since(shop, parties):
    _publish(shop, SALE)
    first = _run(shop, version=1, **parties, total="50.00 USD")
    _publish(shop, SALE | {"about": "two"}, key="two")

    assert _run(shop, version=1, **parties, total="50.00 USD") == first
    assert _run(shop, key="n", **parties, total="5.00 USD")["transfers"][0]["template"] == "sale@2"


def test_a_run_that_cannot_be_is_a_typed_answer(shop, rides, parties):
    _publish(shop, SALE)

    faulty = _run(shop, key="a", payer=parties["payer"], total="5 dollars")
    poor = _run(shop, key="b", **parties, total="100.01 USD")

    assert (faulty["__typename"], faulty["code"]) == ("TemplateFaults", "INVALID_ARGUMENTS")
    assert len(faulty["faults"]) == 3
    assert poor["__typename"] == "InsufficientFunds"
    assert _run(rides, key="c", **parties, total="5.00 USD")["__typename"] == "NotFound"
    assert _run(shop, key="d", version=9, **parties, total="5.00 USD")["__typename"] == "NotFound"
