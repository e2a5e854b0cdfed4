"""Statements: a list takes at most three whatever its length, and so do aliases, edges and ids beside each other."""

import pytest
from graphql import get_named_type, is_leaf_type, is_non_null_type

from api.graphql.schema import EXECUTABLE
from api.row_reads import NotOneRow, RowReads
from tests.api.conftest import BACKGROUND, record_statements

AUTHENTICATION = "narrow_to_key"


@pytest.fixture
def statements(monkeypatch):
    """Every statement that requests send to the database to answer, but the one that only tells whose key it is."""

    def is_read(text, thread):
        is_answer = AUTHENTICATION not in text or "caller_found" in text
        return "SELECT" in text and is_answer and not thread.startswith(BACKGROUND)

    return record_statements(monkeypatch, is_read)


@pytest.mark.parametrize("named", ['id: "%s"', 'externalRef: "shop:wallet"'])
def test_an_account_alone_takes_one_statement(shop, statements, named):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    shop.move((bank, wallet, "100"), key="top up")
    asked = named % wallet if "%" in named else named
    statements.clear()

    found = shop.ask(f"{{ account({asked}) {{ id balance {{ amountMinor }} }} }}")

    assert found == {"account": {"id": wallet, "balance": {"amountMinor": "100"}}}
    assert len(statements) == 1, statements


@pytest.fixture
def filled(shop):
    """Accounts, transfers in groups, holds, monitors with an event, templates."""
    bank = shop.account("bank")
    wallets = [shop.account(f"w{index}", "CUSTOMER") for index in range(12)]
    shop.move(*[(bank, wallet, "1000") for wallet in wallets], key="top up")
    shop.move(*[(wallets[0], bank, "1")] * 12, key="many")
    shop.move(*[(wallet, bank, "1") for wallet in wallets], key="held", hold=True)
    for index, wallet in enumerate(wallets):
        watch = {"account": wallet, "measure": "POSTED", "comparison": "BELOW", "thresholdMinor": "985"}
        shop.mutate("beginMonitor", "", key=f"m{index}", **watch)
        legs = '"legs": [{"amount": "{sum}", "code": "x", "from": "{a}", "to": "{b}"}]'
        parameters = '"parameters": {"a": "account", "b": "account", "sum": "money"}'
        declaration = f'{{"name": "t{index}", {parameters}, {legs}}}'
        shop.mutate("publishTemplate", "", key=f"t{index}", declaration=declaration)
    shop.move(*[(wallet, bank, "20") for wallet in wallets], key="low")
    return wallets


LISTS = {
    "accounts": "accounts(first: SIZE) { nodes { id externalRef balance { decimal } asOf } asOf }",
    "accounts found": "accounts(filter: {kind: CUSTOMER}, first: SIZE) { nodes { id balance { decimal } asOf } asOf }",
    "the last accounts": "accounts(last: SIZE) { nodes { id externalRef balance { decimal } asOf } asOf }",
    "transfers": "transfers(first: SIZE) { nodes { id amount { decimal } counterparty } asOf }",
    "the first transfers": "transfers(first: SIZE, order: OLDEST_FIRST) { nodes { id amount { decimal } } asOf }",
    "found": 'transfers(filter: {code: "payment"}, first: SIZE) { nodes { id amount { decimal } } asOf }',
    "open holds found": "transfers(filter: {holdState: OPEN}, first: SIZE) { nodes { id amount { decimal } } asOf }",
    "customers": "customers(first: SIZE) { nodes { id isErased } asOf }",
    "templates": "templates(first: SIZE) { nodes { name version } asOf }",
    "events": "monitorEvents(first: SIZE) { nodes { id measuredMinor } asOf }",
    "insights": "insights(first: SIZE) { nodes { id cells { value } } asOf }",
}


def test_a_document_stays_one_statement_whatever_somebody_else_asked_by_it(shop, rides, statements):
    document = """query ($id: ID, $ref: String, $at: Position) {
        account(id: $id, externalRef: $ref, minPosition: $at) { id balance { amountMinor } } }"""
    wallet = shop.account("wallet", "CUSTOMER")
    position = shop.ask("{ accounts { asOf } }")["accounts"]["asOf"]
    assert rides.ask(document, ref="no such reference") == {"account": None}
    assert rides.ask(document, id=wallet) == {"account": None}
    assert shop.ask(document, id=wallet, at=position)["account"]["id"] == wallet

    for named in ({"id": wallet}, {"ref": "shop:wallet"}):
        statements.clear()
        assert shop.ask(document, **named)["account"]["id"] == wallet
        assert len(statements) == 1, statements


def test_a_store_that_failed_once_leaves_a_document_one_statement(shop, statements, monkeypatch):
    document = "query ($id: ID!) { account(id: $id) { id frozen } }"
    bank = shop.account("bank")

    async def broken(*_asked):
        raise NotOneRow("the store did not answer")

    with monkeypatch.context() as patch:
        patch.setattr(RowReads, "read", broken)
        assert shop.ask(document, id=bank)["account"]["id"] == bank

    statements.clear()
    assert shop.ask(document, id=bank)["account"]["id"] == bank
    assert len(statements) == 1, statements


@pytest.mark.usefixtures("filled")
def test_a_list_costs_at_most_three_statements_whatever_its_length(shop, statements):
    for name, asked in LISTS.items():
        costs = []
        for first in (2, 11):
            statements.clear()
            (found,) = shop.ask(f"{{ {asked.replace('SIZE', str(first))} }}").values()
            assert len(found["nodes"]) == (0 if name == "insights" else first), name
            costs.append(len(statements))

        assert costs[0] == costs[1] <= 3, (name, statements)


def _selections_of_a_transfer():
    """Select each field of a transfer alone, as the schema declares it."""
    type_ = EXECUTABLE.built.type_map["Transfer"]
    for name, field in type_.fields.items():
        required = [each for each in field.args.values() if is_non_null_type(each.type)]
        assert not required, f"{name} needs arguments that this test does not give"
        named = get_named_type(field.type)
        yield name if is_leaf_type(named) else f"{name} {{ {'amountMinor' if name == 'amount' else '__typename'} }}"


@pytest.mark.usefixtures("filled")
def test_what_a_transfer_shows_does_not_depend_on_what_else_is_asked_of_it(shop):
    everything = " ".join(_selections_of_a_transfer())
    lists = ("transfers(first: 30) { %s }", "accounts(first: 2) { nodes { transfers(first: 15) { %s } } }")
    for shape in ("nodes { %s }", "edges { node { ... on Node { ... on Transfer { %s } } } }"):
        for found in (each % shape for each in lists):
            whole = _objects(shop.ask(f"{{ {found % everything} }}"), "state")
            assert {each["state"] for each in whole} == {None, "OPEN"}
            for selection in _selections_of_a_transfer():
                name = selection.partition(" ")[0]
                alone = [each[name] for each in _objects(shop.ask(f"{{ {found % selection} }}"), name)]
                assert alone == [each[name] for each in whole], selection


@pytest.mark.usefixtures("filled")
def test_fields_that_are_merged_are_read_with_all_that_each_asks(shop):
    document = """
        { a: accounts(first: 2) { nodes { ...F } }
          b: accounts(first: 2) { nodes { ...F transfers { nodes { state } } } } }
        fragment F on Account { transfers { nodes { id } } }"""

    found = shop.ask(document)

    assert [set(each) for each in _objects(found["a"], "id")] == [{"id"}] * len(_objects(found["b"], "state"))


def _objects(value, name):
    """Return the objects within an answer that have a field, in their order."""
    if isinstance(value, list):
        return [each for inner in value for each in _objects(inner, name)]
    if not isinstance(value, dict):
        return []
    return [value] if name in value else [each for inner in value.values() for each in _objects(inner, name)]


EDGES = {
    "both sides": ("transfers", "debitAccount { balance { decimal } } creditAccount { externalRef }", 1),
    "holds and reversals": ("transfers", "hold { id } reverses { id }", 1),
    "groups": ("transfers", "group { id transfers(first: 3) { nodes { id } } }", 3),
    "a group's accounts": ("transfers", "group { transfers(first: 3) { nodes { debitAccount { id } } } }", 4),
    "transfers of accounts": ("accounts", "transfers(first: 3) { nodes { id } }", 2),
    "entries of accounts": ("accounts", "entries(first: 3) { nodes { balance { decimal } transfer { id } } }", 2),
    "statements of accounts": (
        "accounts",
        'statement(from: "2026-01-01", until: "2027-01-01") { closing { decimal } entries(first: 3) { nodes { id } } }',
        4,
    ),
    "customers of accounts": ("accounts", "customer { id accounts(first: 3) { nodes { id } } }", 3),
    "open holds of accounts": ("accounts", "openHolds(last: 3) { nodes { id } }", 2),
    "metadata of accounts": ("accounts", "metadata { name }", 1),
    "metadata of transfers": ("transfers", "metadata { name }", 1),
    "metadata of templates": ("templates", "metadata { name }", 1),
    "metadata of monitors": ("accounts", "metadata { name } monitors(first: 3) { nodes { metadata { name } } }", 3),
    "monitors of accounts": ("accounts", "monitors(first: 3) { nodes { id account { id } } }", 2),
    "what events are about": ("monitorEvents", "monitor { id } account { id } transfer { id }", 3),
}


@pytest.mark.usefixtures("filled")
def test_an_edge_is_read_once_for_all_nodes_of_a_page(shop, statements):
    for name, (field, edge, most) in EDGES.items():
        statements.clear()
        shop.ask(f"{{ {field}(first: 12) {{ nodes {{ id }} asOf }} }}")
        page = len(statements)
        costs = []
        for first in (2, 12):
            statements.clear()
            shop.ask(f"{{ {field}(first: {first}) {{ nodes {{ id {edge} }} asOf }} }}")
            costs.append(len(statements) - page)

        assert 0 <= costs[0] <= costs[1] <= most, (name, statements)


def test_aliases_of_one_field_are_read_together(shop, filled, statements):
    wallets = filled
    moved = [node["id"] for node in shop.ask("{ transfers(first: 12) { nodes { id } } }")["transfers"]["nodes"]]
    aliases = {
        'account(id: "%s")': wallets,
        'account(externalRef: "%s")': [f"shop:w{index}" for index in range(12)],
        'transfer(id: "%s")': moved,
        'node(id: "%s")': moved,
        'transfers(filter: {account: "%s"}, first: 3)': wallets,
    }
    for field, values in aliases.items():
        inner = "{ nodes { id } }" if field.startswith("transfers") else "{ id }"
        asked = " ".join(f"a{n}: {field % value} {inner}" for n, value in enumerate(values))
        statements.clear()

        found = shop.ask(f"{{ {asked} }}")

        assert len(statements) <= 3, (field, statements)
        if "externalRef" not in field and inner == "{ id }":
            assert [each["id"] for each in found.values()] == values
        assert None not in found.values()


def test_lists_below_aliases_are_read_together_where_the_aliases_select_the_same(shop, filled, statements):
    wallets = filled
    same = " ".join(
        f'a{n}: account(id: "{each}") {{ transfers(first: 2) {{ nodes {{ id }} }} }}' for n, each in enumerate(wallets)
    )
    other = f'b: account(id: "{wallets[0]}") {{ transfers(first: 9) {{ nodes {{ id }} }} }}'

    statements.clear()
    found = shop.ask(f"{{ {same} {other} }}")

    assert len(statements) <= 7, statements
    assert [len(each["transfers"]["nodes"]) for each in found.values()] == [2] * 12 + [9]


def test_ids_of_several_types_cost_a_statement_for_each_type(shop, filled, statements):
    wallets = filled
    asked = "{ transfers(first: 5) { nodes { id group { id } } } templates { nodes { id } } me { id } }"
    shown = shop.ask(asked)
    ids = [*wallets, shown["me"]["id"], *(each["id"] for each in shown["templates"]["nodes"])]
    ids += [each["id"] for each in shown["transfers"]["nodes"]]
    ids += [each["group"]["id"] for each in shown["transfers"]["nodes"]]
    statements.clear()

    found = shop.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids)["nodes"]

    assert [each["id"] for each in found] == ids
    assert {each["__typename"] for each in found} == {"Account", "Transfer", "Template", "Group", "Partner"}
    assert len(statements) <= 1 + 5, statements  # the first opens the snapshot
