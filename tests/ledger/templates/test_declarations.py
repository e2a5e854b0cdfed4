"""What a declaration may not say, and what is told about it; and that every form of one is the same template."""

import json
import tomllib

import pytest

from ledger.kernel.ids import derived_id
from ledger.public_ids import public
from ledger.templates.canonical import canonical
from ledger.templates.errors import InvalidTemplate
from ledger.templates.templates import DECLARATION_MAX, read_json, read_toml

SOUND = """
name = "sale"
[parameters]
buyer = "account"
seller = "account"
control = "account"
price = "money USD"
rate = "rate"
[amounts]
fee = { of = "{price}", basis_points = 290, rounding = "down" }
net = { of = "{price}", minus = ["{fee}"] }
yen = { of = "{net}", rate = "{rate}", currency = "JPY", rounding = "down" }
[[legs]]
amount = "{net}"
code = "sale"
from = [{ account = "{buyer}", keep = "1.00 USD" }]
to = "{seller}"
through = "{control}"
rate = "{rate}"
[[legs]]
amount = "{yen}"
code = "bought"
from = "{seller}"
to = [{ account = "{buyer}", weight = 1 }, { account = "{control}", weight = 2 }]
rate = "{rate}"
[[require]]
account = "{buyer}"
at_least = "1.00 USD"
"""

FAULTS = [
    # what is written        what stands there instead                         what is told
    ('name = "sale"', 'name = "Sale!"', "name: 'Sale!' is not a name; write a word of up to 40 lower-case letters"),
    ('name = "sale"', "", "name is missing"),
    ('name = "sale"', 'name = "sale"\nversion = 1', "there is no key 'version'; The keys are about, amounts, legs"),
    ("[[require]]", "[[requires]]", "there is no key 'requires'; did you mean require?"),
    ('buyer = "account"', 'buyer = "acount"', 'parameters: buyer: \'acount\' is not a kind; write "account", "money"'),
    ('buyer = "account"', "buyer = 7", "parameters: buyer is 7; write a text"),
    ('"money USD"', '"money USX"', "parameters: price: 'USX' is not an ISO 4217 currency code"),
    ('"money USD"', '"money EUR"', "leg 1: {net} is in EUR, 1.00 USD is in USD; write amounts of one currency"),
    ('seller = "account"', 'seller = "account"\nspare = "text"', "the parameter spare is not used; use it, or leave"),
    ('price = "money USD"', 'price = "money USD"\nfee = "money"', "fee is a parameter and an amount; give one"),
    ('"JPY"', '"JPX"', "amount yen: currency: 'JPX' is not an ISO 4217 currency code"),
    ('"JPY"', '"USD"', "amount yen: {net} is in USD already; exchange into another currency"),
    (
        "basis_points = 290",
        "basis_points = 2.9",
        "amount fee: basis_points is '2.9'; write a whole number from 0 to 10000",
    ),
    ("basis_points = 290", "basis_points = 20000", "amount fee: basis_points is 20000; write a whole number"),
    ("basis_points = 290", "points = 290", "amount fee: write exactly one of basis_points (a fee), minus"),
    ('290, rounding = "down"', "290", "amount fee: rounding is missing"),
    (
        '290, rounding = "down"',
        '290, rounding = "half"',
        "rounding: 'half' is not a rounding; write one of half_even, down",
    ),
    ('minus = ["{fee}"]', 'minus = ["{fees}"]', "amount net: there is no {fees}; did you mean {fee}?"),
    ('minus = ["{fee}"]', "minus = []", "amount net: minus is []; write a list with at least one entry"),
    (
        'minus = ["{fee}"]',
        'minus = ["{fee}", "{rate}"]',
        "amount net: {rate} is declared as rate, but this place takes",
    ),
    (
        'minus = ["{fee}"]',
        'minus = ["{fee}", "1.00 EUR"]',
        "amount net: {price} is in USD, {fee} is in USD, 1.00 EUR is in EUR",
    ),
    ('of = "{price}", basis', 'of = "{net}", basis', "it is computed from itself, fee of net of fee"),
    ('rate = "{rate}", currency', 'rate = "{price}", currency', "amount yen, rate: {price} is declared as money"),
    ('rate = "{rate}", currency', 'rate = "-1.2", currency', "amount yen: rate: '-1.2' is not a rate; write a decimal"),
    ('rate = "{rate}"\n[[legs]]', "[[legs]]", "the leg in the other currency records its rate too"),
    ('rate = "{rate}"\n[[require]]', "[[require]]", "amount yen: the leg that moves it records its rate; write rate ="),
    ('amount = "{net}"', 'amount = "{buyer}"', "leg 1, amount: {buyer} is declared as account"),
    (
        'amount = "{net}"',
        'amount = "net"',
        "leg 1: amount: 'net' is not an amount with a currency; write it like 10.50 USD",
    ),
    ('amount = "{net}"', 'amount = "{net}+1"', "leg 1: amount: '{net}+1' is not a name; write one name in braces"),
    ('amount = "{net}"', 'amount = "-1.00 USD"', "leg 1: amount is -1.00 USD; write an amount of zero or more"),
    ('amount = "{net}"', "", "leg 1: amount is missing"),
    ('code = "sale"', 'code = "Sale of goods"', "leg 1: code: 'Sale of goods' is not a code; write a word"),
    ('keep = "1.00 USD"', 'keep = "1.00 USD", unbounded = true', "leg 1, from 1: an unbounded source keeps nothing"),
    ('keep = "1.00 USD"', "unbounded = 1", "leg 1, from 1: unbounded is 1; write true, or leave it out"),
    ('keep = "1.00 USD"', "weight = 0", "leg 1, from: its weights sum to zero; write at least one above zero"),
    ('keep = "1.00 USD"', "basis_points = 9999", "leg 1, from: its basis_points sum to 9999; write a total of 10000"),
    ('keep = "1.00 USD"', 'amount = "1.00 USD"', "leg 1, from: its shares are amounts; give one share rest = true"),
    (
        'keep = "1.00 USD"',
        "weight = 1, rest = true",
        "leg 1, from 1: write exactly one of weight, basis_points, amount",
    ),
    ('to = "{seller}"', 'to = "{buyer}"', "leg 1: {buyer} is in it twice; money moves between different accounts"),
    ('through = "{control}"', 'through = "{buyer}"', "leg 1: {buyer} is in it twice"),
    ('through = "{control}"', "", "leg 1: sources in order go through a control account; write through ="),
    ('from = "{seller}"', 'from = "{seller}"\nthrough = "{control}"', "leg 2: it needs no control account; leave"),
    ('from = "{seller}"', 'form = "{seller}"', "leg 2: there is no key 'form'; did you mean from?"),
    (
        'from = "{seller}"',
        'from = "acc_12"',
        "leg 2: from: 'acc_12' is not an id of kind account; such ids look like acc_018f",
    ),
    ("weight = 1 }", "basis_points = 1 }", "leg 2, to: its shares are of several kinds; write all of them as weights"),
    ("weight = 2 }", "rest = true }", "leg 2, to: weights divide the whole amount, and leave no rest"),
    ('{ account = "{buyer}", weight = 1 }', '"{buyer}"', "leg 2, to 1: is '{buyer}'; write a table"),
    ('at_least = "1.00 USD"', "", "require 1: write at_least, at_most or both"),
    (
        'at_least = "1.00 USD"',
        'at_least = "1.00 USD"\nmeasure = "free"',
        "require 1: measure: 'free' is not a measure; write",
    ),
    ('[[require]]\naccount = "{buyer}"', '[[require]]\naccount = "{price}"', "require 1, account: {price} is declared"),
    ("[[require]]", "[[require]]\nat_most = 5", "require 1: at_most is 5; write a text"),
    ("[[require]]", "[require]", "require is {'account': '{buyer}', 'at_least': '1.00 USD'}; write a list"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), FAULTS, ids=[fault[2][:50] for fault in FAULTS])
def test_a_mistake_is_named_with_its_place_and_what_would_be_right(right, wrong, told):
    assert right in SOUND

    with pytest.raises(InvalidTemplate) as refusal:
        read_toml(SOUND.replace(right, wrong, 1))

    assert any(told in fault for fault in refusal.value.faults), refusal.value.faults


def test_all_mistakes_are_told_at_once():
    declaration = SOUND.replace('code = "sale"', 'cod = "sale"').replace("weight = 2", "weight = -2")

    with pytest.raises(InvalidTemplate) as refusal:
        read_toml(declaration)

    assert [fault[:22] for fault in refusal.value.faults] == [
        "leg 1: code is missing",
        "leg 1: there is no key",
        "leg 2, to 2: weight is",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = ", "this is not TOML: "),
        ('name = "a"\nname = "b"', "this is not TOML: "),
        ('name = "empty"', "there is no leg; write at least one under [[legs]]"),
        ("a = " + "[" * 5000, "this is not TOML: "),
        ("#" * (DECLARATION_MAX + 1), f"a declaration has up to {DECLARATION_MAX} characters"),
    ],
)
def test_what_is_no_toml_is_told_so(text, told):
    with pytest.raises(InvalidTemplate) as refusal:
        read_toml(text)

    assert told in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "this is not JSON: "),
        ("[]", "this is JSON, but not a table"),
        ('{"name": "a", "name": "b"}', "this is not JSON: a key is in one table twice"),
        ("[" * 50_000, "this is not JSON: "),
    ],
)
def test_what_is_no_json_is_told_so(text, told):
    with pytest.raises(InvalidTemplate) as refusal:
        read_json(text)

    assert told in str(refusal.value)


def test_a_call_makes_at_most_a_hundred_transfers():
    accounts = [public("account", derived_id(number)) for number in range(102)]
    document = {
        "name": "wide",
        "legs": [{"amount": "1.00 USD", "code": "share", "from": accounts[0], "to": _weights(accounts[1:101])}],
    }
    read_json(json.dumps(document))

    document["legs"][0]["to"] = _weights(accounts[1:])
    with pytest.raises(InvalidTemplate) as refusal:
        read_json(json.dumps(document))

    assert refusal.value.faults == ("a call would make up to 101 transfers; the maximum is 100",)


def test_a_template_has_at_most_a_hundred_names():
    chain = {f"a{number}": {"of": f"{{a{number + 1}}}", "minus": ["1.00 USD"]} for number in range(1000)}

    with pytest.raises(InvalidTemplate) as refusal:
        read_json(json.dumps(tomllib.loads(SOUND) | {"amounts": chain}))

    assert refusal.value.faults == ("there are 1005 parameters and amounts; the maximum is 100",)


def test_toml_json_and_the_canonical_form_are_one_template():
    template = read_toml(SOUND)
    spelled_out = tomllib.loads(SOUND)
    spelled_out["amounts"]["fee"] |= {"plus_minor": 0, "at_least_minor": 0}
    spelled_out["require"][0]["measure"] = "available"

    assert read_json(json.dumps(spelled_out, indent=4)) == template
    assert read_json(canonical(template)) == template
    assert canonical(read_json(canonical(template))) == canonical(template)


def _weights(accounts):
    return [{"account": account, "weight": 1} for account in accounts]
