"""Positions of partners: whatever others post, nothing that a partner can read of its own changes, field by field.

The documents are made from the schema, so that a new field is among them.
"""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from graphql import (
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
)

from ledger.kernel.work import begin
from ledger.tenancy.api_keys import issue
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.api.conftest import PEPPER, Caller
from tests.api.schemas import SCHEMA
from tests.api.subscriptions.conftest import BEGINNING, subscribing

NAMES = re.compile(r"position|asof|seq(?![a-z])|since|ordinal", re.IGNORECASE)
"""Names of fields and arguments that may speak of a place in a journal."""

NUMBERS = {"Int", "Float", "Whole", "Minor", "String"}
TOKEN = re.compile(r"pos_[0-9A-HJKMNP-TV-Z]{13}")


def _placed() -> Iterator[tuple[str, str]]:
    """Each field and argument that is named for a place in a journal, with the type of its values."""
    for type_ in SCHEMA.type_map.values():
        for name, field in getattr(type_, "fields", {}).items():
            for named, of in [(name, field), *getattr(field, "args", {}).items()]:
                if NAMES.search(named):
                    yield f"{type_.name}.{name} {named}", get_named_type(of.type).name


def test_no_field_or_argument_of_the_schema_has_a_position_as_a_number():
    placed = dict(_placed())

    assert len(placed) > 30
    assert {what: kind for what, kind in placed.items() if kind in NUMBERS} == {}
    assert not re.search(r"[Ww]hole digits|dense", SCHEMA.type_map["Position"].description)


def _selection(type_, depth):
    """Every field of a type that needs no argument, down to a depth; of a union only what its members are."""
    shown = ["__typename"]
    for name, field in getattr(type_, "fields", {}).items():
        kind = get_named_type(field.type)
        if any(map(is_required_argument, field.args.values())):
            continue
        if is_leaf_type(kind):
            shown.append(name)
        elif depth and name != "edges":
            size = "(first: 3)" if "first" in field.args else ""
            shown.append(f"{name}{size} {{ {_selection(kind, depth - 1)} }}")
    return " ".join(shown)


def _documents(ids, position):
    """A document for each field of the root, with every field below it."""
    given = {
        "account": f'(id: "{ids["account"]}")',
        "accountBalance": f'(id: "{ids["account"]}", at: {{position: "{position}"}})',
        "customer": f'(id: "{ids["customer"]}")',
        "monitor": f'(id: "{ids["monitor"]}")',
        "node": f'(id: "{ids["transfer"]}")',
        "nodes": f'(ids: ["{ids["transfer"]}", "{ids["account"]}"])',
        "resultOfKey": '(idempotencyKey: "top up")',
        "template": '(name: "t")',
        "transfer": f'(id: "{ids["transfer"]}")',
        "vaultToken": f'(id: "vtk_{"0" * 32}")',
        "webhookDeliveries": f'(endpoint: "end_{"0" * 32}", first: 3)',
        "webhookDelivery": f'(id: "cal_{"0" * 32}")',
        "webhookEndpoint": f'(id: "end_{"0" * 32}")',
    }
    for name, field in SCHEMA.query_type.fields.items():
        kind = get_named_type(field.type)
        arguments = given.get(name, "(first: 3)" if "first" in field.args else "")
        for each in SCHEMA.get_possible_types(kind) if is_abstract_type(kind) else [kind]:
            shown = _selection(each, 1 if is_abstract_type(kind) else 2)
            yield f"{name} {each.name}", f"{{ {name}{arguments} {{ __typename ... on {each.name} {{ {shown} }} }} }}"


@pytest.fixture
def alone(store, callers):
    """A shop of the same name in a book of its own, with a partner beside it that never posts."""
    with begin(store, actor="test") as work:
        book_id = open_book(work, name=f"t{uuid4().hex[:20]}", jurisdiction="US", currency="USD")
        orders = [PartnerOrder("shop", "Shop", Vertical.RETAIL), PartnerOrder("rides", "Rides", Vertical.MOBILITY)]
        ids = register_partners(work, book_id, orders)
        keys = {ref: issue(work, book_id, partner_id, pepper=PEPPER) for ref, partner_id in ids.items()}
    return Caller(keys["shop"], ids["shop"], callers[0].http)


def _history(shop, between):
    """Something of everything that a partner does; returns the answers, and the ids of what was made."""
    answers = []

    def done(answer):
        answers.append(answer)
        between()
        return answer

    bank = done(shop.open("bank"))["account"]["id"]
    wallet = done(shop.open("wallet", "CUSTOMER"))["account"]["id"]
    moved = done(shop.move((bank, wallet, "1000"), (bank, wallet, "1"), key="top up"))
    done(shop.move((wallet, bank, "5000"), key="too much"))
    watch = {"account": wallet, "measure": "POSTED", "comparison": "BELOW", "thresholdMinor": "500"}
    shown = "... on WatchedAccount { position monitor { id position } }"
    monitor = done(shop.mutate("beginMonitor", shown, key="m", **watch))["monitor"]["id"]
    done(shop.move((wallet, bank, "700"), key="low"))
    done(shop.move((bank, wallet, "7"), key="held", hold=True))
    legs = '"legs": [{"amount": "{sum}", "code": "x", "from": "{a}", "to": "{b}"}]'
    parameters = '"parameters": {"a": "account", "b": "account", "sum": "money"}'
    declaration = f'{{"name": "t", {parameters}, {legs}}}'
    done(shop.mutate("publishTemplate", "... on Success { position }", key="t", declaration=declaration))
    terms = {"account": wallet, "frozen": "DEBITS", "reason": "test"}
    done(shop.mutate("changeAccountTerms", "... on ChangedAccount { position account { asOf } }", key="f", **terms))
    customer = shop.ask(f'{{ account(id: "{wallet}") {{ customer {{ id }} }} }}')["account"]["customer"]["id"]
    transfer = moved["transfers"][0]["id"]
    return answers, {"account": wallet, "monitor": monitor, "customer": customer, "transfer": transfer}


def _reads(shop, ids):
    """All that a partner can read, by the field of the root: its fields, and the errors of what is too large."""
    position = shop.ask("{ accounts { asOf } }")["accounts"]["asOf"]
    found = {name: shop.post(document).json() for name, document in _documents(ids, position)}
    for name, body in found.items():
        assert "errors" not in body, (name, body["errors"])
    with subscribing(shop) as socket:
        socket.subscribe(
            "subscription ($since: Position) { events(since: $since) { __typename position } }", since=BEGINNING
        )
        found["events"] = {"data": socket.events(8)}
    return {name: body["data"] for name, body in found.items()}


def _unnamed(value):
    """An answer without what differs from one book to the next by chance: ids, the order by ids, instants, cursors."""
    if isinstance(value, dict):
        return {key: _unnamed(each) for key, each in value.items() if not key.lower().endswith("cursor")}
    if isinstance(value, list):
        return sorted((_unnamed(each) for each in value), key=repr)
    if isinstance(value, str):
        value = re.sub(r"\b[a-z]{3}_[0-9a-f]{32,64}\b", "id", value)
        return re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "instant", value)
    return value


def test_all_that_a_partner_is_told_is_the_same_whether_others_post_or_not(shop, rides, alone):
    a, b = rides.account("a"), rides.account("b")
    count = iter(range(100))

    def others():
        rides.move(*[(a, b, "1")] * 7, key=f"n{next(count)}")

    answers, ids = _history(shop, between=others)
    told, read = (answers, _reads(shop, ids))
    answers_alone, ids_alone = _history(alone, between=lambda: None)

    assert _unnamed(told) == _unnamed(answers_alone)
    found, found_alone = _unnamed(read), _unnamed(_reads(alone, ids_alone))
    assert {name.split()[0] for name in found} == {*SCHEMA.query_type.fields, "events"}
    for name in found:
        assert found[name] == found_alone[name], name


def test_nothing_that_a_partner_has_read_changes_when_others_post(shop, rides):
    _, ids = _history(shop, between=lambda: None)
    before = _reads(shop, ids)
    a, b = rides.account("a"), rides.account("b")
    for number in range(3):
        rides.move(*[(a, b, "1")] * 5, key=f"n{number}")

    after = _reads(shop, ids)

    for name in before:
        assert before[name] == after[name], name
    assert set(TOKEN.findall(str(before)))


def test_a_cursor_with_a_position_is_read_for_its_own_partner_alone_and_unchanged(shop, rides):
    bank, wallet = shop.account("bank"), shop.account("wallet")
    shop.move(*[(bank, wallet, "1")] * 4, key="four")
    query = "query ($after: String) { transfers(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }"
    cursor = shop.ask(query)["transfers"]["pageInfo"]["endCursor"]
    first, last = cursor[0], cursor[-1]
    changed = [
        ("A" if first != "A" else "B") + cursor[1:],
        cursor[:-1] + ("A" if last != "A" else "B"),
        cursor[:-4],
        "",
    ]

    assert len(shop.ask(query, after=cursor)["transfers"]["nodes"]) == 1
    for caller, given in [(rides, cursor), *((shop, each) for each in changed)]:
        assert caller.error(query, after=given)["extensions"]["code"] == "INVALID_CURSOR"


def test_another_partners_token_tells_nothing_of_it(shop, rides):
    for name in "abcdef":
        shop.account(name)
    theirs = shop.ask("{ accounts { asOf } }")["accounts"]["asOf"]
    own = rides.ask("{ accounts { asOf } }")["accounts"]["asOf"]

    error = rides.error("query ($at: Position) { accounts(minPosition: $at) { asOf } }", at=theirs)

    assert own < theirs
    assert error["message"] == f"your newest position is {own}, {theirs} is still to come"
