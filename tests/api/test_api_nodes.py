"""Nodes and edges: everything with an id is found by it, by its own partner alone, and leads to what it refers to."""

from datetime import date

import pytest
from graphql import GraphQLObjectType

from ledger.insights.budget import ChargeOrder, charge
from ledger.insights.orders import CellOrder, ReleaseOrder
from ledger.insights.releases import record_release
from ledger.kernel.work import begin
from ledger.tenancy.records import Vertical
from tests.api.schemas import SCHEMA

NODES = {
    each.name
    for each in SCHEMA.type_map.values()
    if isinstance(each, GraphQLObjectType) and SCHEMA.type_map["Node"] in each.interfaces
}
FOUND = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


@pytest.fixture
def ids(store, book_id, shop):
    """An object of every type that has an id, by the name of its type."""
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    watch = {"account": wallet, "measure": "POSTED", "comparison": "BELOW", "thresholdMinor": "500"}
    shop.move((bank, wallet, "1000"), (bank, wallet, "1"), key="both")
    shop.mutate("beginMonitor", "", key="m", **watch)
    shop.move((wallet, bank, "700"), key="low")
    legs = '"legs": [{"amount": "{sum}", "code": "x", "from": "{a}", "to": "{b}"}]'
    parameters = '"parameters": {"a": "account", "b": "account", "sum": "money"}'
    shop.mutate("publishTemplate", "", key="t", declaration=f'{{"name": "t", {parameters}, {legs}}}')
    hook = {"url": "https://shop.example/", "eventTypes": ["TRANSFER_POSTED"]}
    created = "... on ChangedWebhookEndpoint { webhookEndpoint { id } }"
    endpoint = shop.mutate("createWebhookEndpoint", created, key="w", **hook)["webhookEndpoint"]["id"]
    shop.mutate("pauseWebhookEndpoint", "", key="pause", endpoint=endpoint)
    test = shop.mutate("sendTestWebhook", "... on ScheduledWebhook { delivery { id } }", key="test", endpoint=endpoint)
    stored = "... on StoredVaultToken { vaultToken { id } }"
    token = shop.mutate("createVaultToken", stored, key="v", kind="DOCUMENT", value="C01X00T47")["vaultToken"]["id"]
    with begin(store, actor="test") as work:
        charge_id = charge(work, book_id, ChargeOrder("active_customers", date(2026, 10, 1), bytes(32), 1_000))
        cells = [CellOrder(vertical, 120, 9) for vertical in Vertical]
        record_release(work, book_id, ReleaseOrder(charge_id, "customers", 1, 4, 22_000_000, cells))
    shown = shop.ask("""
        { me { id } templates { nodes { id } } insights { nodes { id } } monitorEvents { nodes { id monitor { id } } }
          account(externalRef: "shop:wallet") { id customer { id } entries { nodes { id } } }
          transfers(last: 1) { nodes { id group { id } } } }
    """)
    account, (event,), (moved,) = shown["account"], shown["monitorEvents"]["nodes"], shown["transfers"]["nodes"]
    return {
        "Partner": shown["me"]["id"],
        "WebhookEndpoint": endpoint,
        "WebhookDelivery": test["delivery"]["id"],
        "VaultToken": token,
        "Template": shown["templates"]["nodes"][0]["id"],
        "Insight": shown["insights"]["nodes"][0]["id"],
        "MonitorEvent": event["id"],
        "Monitor": event["monitor"]["id"],
        "Account": account["id"],
        "Customer": account["customer"]["id"],
        "Entry": account["entries"]["nodes"][0]["id"],
        "Transfer": moved["id"],
        "Group": moved["group"]["id"],
    }


def test_every_type_with_an_id_is_found_by_it_and_by_no_other_partner(shop, rides, ids):
    found = shop.ask(FOUND, ids=list(ids.values()))["nodes"]
    alone = [shop.ask("query ($id: ID!) { node(id: $id) { id } }", id=each)["node"] for each in ids.values()]
    others = rides.ask(FOUND, ids=list(ids.values()))["nodes"]

    assert set(ids) == NODES - {"SandboxRequest"}, "which only test keys have, see tests/api/sandbox"
    assert found == [{"__typename": name, "id": each} for name, each in ids.items()]
    assert alone == [{"id": each} for each in ids.values()]
    assert {name for name, each in zip(ids, others, strict=True) if each is not None} == {"Insight"}


@pytest.mark.parametrize("wrong", ["what", "mev_1", "acc_" + "0" * 64, "ent_" + "0" * 32])
def test_an_id_that_is_none_is_refused_and_a_node_beside_it_is_not(shop, wrong):
    body = shop.post("query ($id: ID!) { node(id: $id) { id } me { name } }", {"id": wrong}).json()

    assert body["errors"][0]["extensions"]["code"] == "INVALID_ID"
    assert body["data"] == {"node": None, "me": {"name": "Shop"}}


def test_more_ids_than_a_page_are_refused(shop):
    wanted = ["acc_" + "0" * 32] * 101

    assert shop.error(FOUND, ids=wanted)["extensions"]["code"] == "INVALID_INPUT"
    assert shop.ask(FOUND, ids=wanted[:100]) == {"nodes": [None] * 100}


def test_a_transfer_leads_to_its_accounts_its_hold_its_group_and_what_it_reverses(shop):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    first, second = shop.move((bank, wallet, "100"), (bank, wallet, "50"), key="both")["transfers"]
    held = shop.move((wallet, bank, "70"), key="held", hold=True)["transfers"][0]
    done = "... on PostedTransfers { transfers { id } }"
    posted = shop.mutate("postHold", done, key="p", hold=held["id"])["transfers"][0]
    back = shop.mutate("reverseTransfer", done, key="r", transfer=second["id"])["transfers"][0]
    edges = "id debitAccount { id } creditAccount { externalRef } hold { id state } reverses { id }"
    groups = "group { id transfers { nodes { id } } }"

    found = shop.ask(f"{{ transfers {{ nodes {{ {edges} {groups} }} }} }}")["transfers"]["nodes"]

    by_id = {each["id"]: each for each in found}
    assert by_id[first["id"]]["debitAccount"] == {"id": bank}
    assert by_id[first["id"]]["creditAccount"] == {"externalRef": "shop:wallet"}
    assert by_id[first["id"]]["group"]["transfers"]["nodes"] == [{"id": first["id"]}, {"id": second["id"]}]
    assert by_id[posted["id"]]["hold"] == {"id": held["id"], "state": "POSTED"}
    assert by_id[back["id"]]["reverses"] == {"id": second["id"]}
    assert (by_id[held["id"]]["group"], by_id[held["id"]]["hold"], by_id[held["id"]]["reverses"]) == (None, None, None)


def test_entries_state_the_balance_after_each(shop):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    shop.move((bank, wallet, "100"), key="1")
    shop.move((wallet, bank, "30"), key="2", hold=True)
    shop.move((wallet, bank, "25"), key="3")
    entry = "nodes { side kind amount { amountMinor } balance { amountMinor } pending { amountMinor } transfer { id } }"

    shown = shop.ask(
        f"{{ accounts(first: 5) {{ nodes {{ id entries(first: 5, order: OLDEST_FIRST) {{ {entry} }} }} }} }}"
    )
    entries = {each["id"]: each["entries"]["nodes"] for each in shown["accounts"]["nodes"]}

    assert [(each["side"], each["kind"]) for each in entries[wallet]] == [
        ("CREDIT", "TRANSFER"),
        ("DEBIT", "HOLD"),
        ("DEBIT", "TRANSFER"),
    ]
    assert [each["balance"]["amountMinor"] for each in entries[wallet]] == ["100", "100", "75"]
    assert [each["pending"]["amountMinor"] for each in entries[wallet]] == ["0", "30", "30"]
    assert [each["balance"]["amountMinor"] for each in entries[bank]] == ["100", "100", "75"]
    assert [each["transfer"] for each in entries[wallet]] == [each["transfer"] for each in entries[bank]]


def test_a_customer_leads_to_its_accounts_and_back(shop, rides):
    both = {"customer": {"customerRef": "ada"}}
    owned = {shop.open(name, "CUSTOMER", **both)["account"]["id"] for name in ("one", "two")}
    shop.account("bank")
    query = "{ customers(first: 5) { nodes { id isErased accounts(first: 5) { nodes { id customer { id } } } } } }"

    (ada,) = shop.ask(query)["customers"]["nodes"]

    assert {each["id"] for each in ada["accounts"]["nodes"]} == owned
    assert {each["customer"]["id"] for each in ada["accounts"]["nodes"]} == {ada["id"]}
    assert ada["isErased"] is False
    assert shop.ask("query ($id: ID!) { customer(id: $id) { id } }", id=ada["id"])["customer"] == {"id": ada["id"]}
    assert rides.ask("query ($id: ID!) { customer(id: $id) { id } }", id=ada["id"])["customer"] is None
    assert rides.ask(query)["customers"]["nodes"] == []
