"""The operators' endpoint: who is let in, what each role sees and does, and that every change is a fact."""

import shutil
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from api.operators.authorization import FOLDER, ROLES, OperatorPolicies
from api.operators.schema import OPERATOR_ACTIONS, OPERATOR_POLICIES
from ledger.book.audits.audit import audit
from ledger.kernel.errors import InvalidInput
from ledger.kernel.work import begin, read
from ledger.tenancy.books import open_book
from tests.api.operators.conftest import Browser
from tests.api.schemas import OPERATOR_SCHEMA as SCHEMA

ROOTS = {"query": SCHEMA.query_type, "mutation": SCHEMA.mutation_type}
FIELDS = [(kind, name) for kind, root in ROOTS.items() for name in root.fields]
LITERALS = {
    "String": '"x"', "Int": "1", "Boolean": "false", "JournalPosition": "1", "Date": '"2026-10-01"',
    "DateTime": '"2026-10-01T00:00:00Z"', "ID": '"x"',
}  # fmt: skip
READS = {
    "viewer": set(),
    "support": set(),
    "security": {"apiKeys", "operatorSessions", "operatorChanges", "fact", "auditFindings"},
}
READS["admin"] = READS["security"]
WRITES = {
    "viewer": set(),
    "support": {"reverseTransfer", "freezeAccount", "replayCall"},
    "security": {"issueApiKey", "rotateApiKey", "revokeApiKey", "endOperatorSession", "freezeAccount"},
    "admin": set(SCHEMA.mutation_type.fields),
}
"""What only some may read, and what each role may change, as people agreed on it."""


@pytest.fixture(scope="module")
def operators(place):
    """An open browser of each role."""
    found = {role: Browser(place.origin, httpx.Client(timeout=30, trust_env=False)) for role in ROLES}
    for role, browser in found.items():
        browser.sign_in(role)
    yield found
    for each in found.values():
        each.http.close()


@pytest.fixture
def book(store, book_id):
    with read(store) as reader:
        query = sa.text("SELECT name FROM books WHERE book_id = :book")
        return reader.connection.execute(query, {"book": book_id}).scalar_one()


def _literal(type_):
    bare = get_nullable_type(type_)
    if isinstance(bare, GraphQLList):
        return f"[{_literal(bare.of_type)}]"
    if isinstance(bare, GraphQLEnumType):
        return next(iter(bare.values))
    if isinstance(bare, GraphQLInputObjectType):
        given = [(name, each) for name, each in bare.fields.items() if is_required_input_field(each)]
        return "{" + ", ".join(f"{name}: {_literal(each.type)}" for name, each in given) + "}"
    return LITERALS[bare.name]


def _document(kind, name):
    """A document that asks for one field of a root with the arguments that it requires."""
    field = ROOTS[kind].fields[name]
    given = [(key, each) for key, each in field.args.items() if is_required_argument(each)]
    arguments = "(" + ", ".join(f"{key}: {_literal(each.type)}" for key, each in given) + ")" if given else ""
    leaf = is_leaf_type(get_named_type(field.type))
    return f"{kind} {{ {name}{arguments} {'' if leaf else '{ __typename }'} }}"


def _is_permitted(role, kind, name):
    return name in WRITES[role] if kind == "mutation" else name in READS[role] or name not in READS["admin"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=[name for _, name in FIELDS])
def test_a_role_sees_and_does_what_the_matrix_says_and_nothing_else(operators, role, kind, name):
    body = operators[role].post(_document(kind, name)).json()

    refused = [
        each["extensions"]["code"] for each in body.get("errors", ()) if each["extensions"]["code"] == "NOT_ALLOWED"
    ]
    assert bool(refused) is not _is_permitted(role, kind, name), body
    assert OPERATOR_POLICIES.decide(frozenset({role}), name).is_allowed is _is_permitted(role, kind, name)
    assert ("data" in body and body["data"] is not None) or body["errors"], body


@pytest.mark.usefixtures("shop")
def test_one_field_that_is_refused_refuses_the_whole_document(operators, book):
    body = operators["support"].post(f'{{ books {{ name }} apiKeys(book: "{book}", partner: "shop") {{ id }} }}').json()

    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
    assert "apiKeys" in body["errors"][0]["message"]


@pytest.mark.usefixtures("shop")
def test_a_fragment_hides_no_field_from_the_policies(operators, book):
    query = "query ($no: Boolean! = false) { ...on Query { ...F @include(if: $no) } } "
    query += f'fragment F on Query {{ other: apiKeys(book: "{book}", partner: "shop") {{ id }} }}'

    assert operators["viewer"].error(query) == "NOT_ALLOWED"


@pytest.mark.parametrize("fault", ["permit (principal is Owner, action, resource);", "permit (principal, action"])
def test_policies_with_a_mistake_end_the_process_at_its_start(tmp_path, fault):
    folder = tmp_path / "policies"
    shutil.copytree(FOLDER, folder)
    (folder / "more.cedar").write_text(fault)

    with pytest.raises(InvalidInput):
        OperatorPolicies(OPERATOR_ACTIONS, folder)


def test_without_policies_nobody_may_do_anything(tmp_path):
    folder = tmp_path / "policies"
    folder.mkdir()
    shutil.copy(FOLDER / "schema.cedarschema", folder)

    policies = OperatorPolicies(OPERATOR_ACTIONS, folder)

    assert not any(policies.decide(frozenset(ROLES), name).is_allowed for name in OPERATOR_ACTIONS)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Cofferdam-Operator": ""}, "CROSS_SITE_REQUEST"),
        ({"Origin": "https://evil.example"}, "CROSS_SITE_REQUEST"),
        ({"Origin": "null"}, "CROSS_SITE_REQUEST"),
        ({"Sec-Fetch-Site": "cross-site"}, "CROSS_SITE_REQUEST"),
        ({"Sec-Fetch-Site": "same-site"}, "CROSS_SITE_REQUEST"),
        ({"Content-Type": "text/plain"}, "BAD_REQUEST"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "BAD_REQUEST"),
    ],
    ids=["no header", "origin", "null origin", "cross-site", "same-site", "text", "form"],
)
def test_what_another_sites_page_can_send_is_refused(operators, headers, code):
    answer = operators["admin"].post("{ me { name } }", **headers)

    assert answer.status_code in (403, 415)
    assert answer.json()["errors"][0]["extensions"]["code"] == code


def test_another_sites_page_signs_nobody_out(operators):
    browser = operators["viewer"]

    assert browser.http.post(f"{browser.origin}/operators/sign-out").status_code == 403
    assert browser.ask("{ me { name } }")


def test_a_get_asks_nothing(operators):
    browser = operators["viewer"]

    assert browser.go("/operators/graphql", params={"query": "{ me { name } }"}).status_code == 405


def test_the_operators_endpoint_takes_no_api_key_and_that_of_partners_no_session(operators, shop, place):
    admin = operators["admin"]

    with_key = admin.post("{ me { name } }", Authorization=f"Bearer {shop.key}")
    with_session = admin.http.post(f"{place.origin}/graphql", json={"query": "{ me { name } }"})

    assert (with_key.status_code, with_key.json()["errors"][0]["extensions"]["code"]) == (401, "API_KEY_NOT_ACCEPTED")
    assert (with_session.status_code, with_session.json()["errors"][0]["extensions"]["code"]) == (
        401,
        "UNAUTHENTICATED",
    )


def test_no_type_of_the_operators_is_in_the_schema_of_partners(shop):
    partners = {each["name"] for each in shop.ask("{ __schema { types { name } } }")["__schema"]["types"]}

    assert {"OperatorSession", "OperatorChange", "ApiKey", "JournalBatch"}.isdisjoint(partners)


def test_an_installation_without_a_provider_lets_nobody_in(address):
    page = httpx.get(f"{address}/operators", trust_env=False)
    asked = httpx.post(f"{address}/operators/graphql", json={"query": "{ me { name } }"}, trust_env=False)

    assert page.status_code == asked.status_code == 503
    assert asked.json()["errors"][0]["extensions"]["code"] == "SIGN_IN_NOT_CONFIGURED"


@pytest.fixture
def change_facts(store, book_id):
    """A function that returns the facts of changes by operators in the book."""

    def found():
        query = sa.text(
            "SELECT action, actor, reason, policy, object_id FROM operator_changes WHERE book_id = :b ORDER BY seq"
        )
        with read(store) as reader:
            return [row._asdict() for row in reader.connection.execute(query, {"b": book_id})]

    return found


def test_a_key_is_issued_rotated_and_revoked_and_each_is_a_fact(operators, book, shop, change_facts):
    security, why = operators["security"], {"book": book, "reason": "asked by phone"}

    issued = security.change(
        "issueApiKey", "... on IssuedApiKey { id text }", partner="shop", label="till", key="k1", **why
    )
    again = security.change(
        "issueApiKey", "... on IssuedApiKey { id text }", partner="shop", label="till", key="k1", **why
    )
    other = security.change("issueApiKey", partner="shop", label="desk", key="k1", **why)

    assert issued["__typename"] == "IssuedApiKey"
    assert (again["id"], again["text"], again["isReplay"]) == (issued["id"], None, True)
    assert other["code"] == "IDEMPOTENCY_CONFLICT"
    asked = {"json": {"query": "{ me { name } }"}, "headers": {"Authorization": f"Bearer {issued['text']}"}}
    assert shop.http.post("/graphql", **asked).status_code == 200
    rotated = security.change(
        "rotateApiKey", "... on IssuedApiKey { id text }", apiKey=issued["id"], overlapHours=1, **why
    )
    revoked = security.change("revokeApiKey", apiKey=issued["id"], **why)
    twice = security.change("revokeApiKey", apiKey=issued["id"], **why)
    listed = security.ask(f'{{ apiKeys(book: "{book}", partner: "shop") {{ id state label }} }}')["apiKeys"]
    states = {each["id"]: each["state"] for each in listed}
    assert rotated["text"] not in (None, issued["text"])
    assert (revoked["__typename"], twice["code"]) == ("RevokedApiKey", "NOT_FOUND")
    assert (states[issued["id"]], states[rotated["id"]]) == ("REVOKED", "ACTIVE")
    facts = change_facts()
    assert [each["action"] for each in facts] == ["issueApiKey", "rotateApiKey", "revokeApiKey"]
    assert {each["actor"] for each in facts} == {"operator:development-security"}
    assert {(each["reason"], each["policy"]) for each in facts} == {
        ("asked by phone", "security controls keys and sessions")
    }


@pytest.mark.usefixtures("shop")
def test_a_key_of_another_book_is_not_reached_through_this_one(operators, book, store):
    with begin(store, actor="test") as work:
        open_book(work, name=f"e{uuid4().hex[:20]}", jurisdiction="US", currency="USD")
    listed = operators["admin"].ask(f'{{ apiKeys(book: "{book}", partner: "shop") {{ id }} }}')["apiKeys"]
    elsewhere = next(
        each["name"] for each in operators["admin"].ask("{ books { name } }")["books"] if each["name"] != book
    )

    refused = operators["admin"].change("revokeApiKey", apiKey=listed[0]["id"], book=elsewhere, reason="x")

    assert refused["code"] == "NOT_FOUND"


def test_a_transfer_is_reversed_once_with_its_reason_in_the_same_commit(operators, book, shop, change_facts):
    support, bank, wallet = operators["support"], shop.account("bank"), shop.account("wallet", "CUSTOMER")
    (moved,) = shop.move((bank, wallet, "500"), key="pay")["transfers"]
    wanted = {"kind": "OperatorReversalInput", "book": book, "transfer": moved["id"], "reason": "sent twice"}

    done = support.change("reverseTransfer", "... on ReversedTransfer { id }", key="r1", **wanted)
    again = support.change("reverseTransfer", "... on ReversedTransfer { id }", key="r1", **wanted)
    other = support.change("reverseTransfer", key="r2", **wanted)

    assert (done["__typename"], again["id"], again["isReplay"]) == ("ReversedTransfer", done["id"], True)
    assert (other["__typename"], other["code"]) == ("TransferRefused", "ALREADY_REVERSED")
    query = f'{{ transfer(book: "{book}", id: "{done["id"]}") {{ reversesId position }} '
    query += f'account(book: "{book}", id: "{wallet}") {{ balance {{ decimal }} }} }}'
    found = support.ask(query)
    assert found["transfer"]["reversesId"] == moved["id"]
    assert found["account"]["balance"]["decimal"] == "0.00"
    assert [(each["action"], each["reason"], each["actor"]) for each in change_facts()] == [
        ("reverseTransfer", "sent twice", "operator:development-support")
    ]


def test_each_other_change_is_done_and_is_a_fact(operators, book, shop, change_facts, audited):
    admin, wallet = operators["admin"], shop.account("wallet", "CUSTOMER")
    why = {"book": book, "reason": "a test"}

    done = [
        admin.change("registerPartner", externalRef="new-one", name="New One", vertical="RETAIL", **why),
        admin.change("declareOperatingPeriod", fromOn="2026-01-01", untilOn="2027-01-01", **why),
        admin.change("freezeAccount", account=wallet, frozen="ALL", **why),
    ]

    assert not [each for each in done if "code" in each]
    assert [each["action"] for each in change_facts()] == ["registerPartner", "declareOperatingPeriod", "freezeAccount"]
    shown = admin.ask(
        f'{{ account(book: "{book}", id: "{wallet}") {{ frozen externalRef }} '
        f'partner(book: "{book}", partner: "new-one") {{ registeredBy }}'
        f' operatingPeriods(book: "{book}") {{ nodes {{ fromOn actor }} }} '
        f'operatorChanges(book: "{book}") {{ nodes {{ action position }} }} }}'
    )
    assert shown["account"] == {"frozen": "ALL", "externalRef": None}
    assert shown["partner"]["registeredBy"] == "operator:development-admin"
    assert shown["operatingPeriods"]["nodes"] == [{"fromOn": "2026-01-01", "actor": "operator:development-admin"}]
    position = shown["operatorChanges"]["nodes"][0]["position"]
    assert isinstance(position, int)
    fact = admin.ask(f'{{ fact(book: "{book}", position: {position}) {{ table columns {{ name value }} }} }}')["fact"]
    assert (fact["table"], {"name": "action", "value": "freezeAccount"} in fact["columns"]) == (
        "operator_changes",
        True,
    )
    assert audited() == []


@pytest.fixture
def audited(store, book_id):
    """A function that returns what the audit finds wrong in the book."""

    def found():
        with read(store) as reader:
            return [each for each in audit(reader, book_id) if not each.ok]

    return found


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501], ids=["none", "blanks", "long"])
def test_a_change_without_a_reason_is_refused_and_leaves_no_fact(operators, book, shop, change_facts, reason):
    refused = operators["admin"].change(
        "freezeAccount", account=shop.account("bank"), frozen="ALL", book=book, reason=reason
    )

    assert refused["__typename"] == "InvalidInput"
    assert change_facts() == []


def test_lists_are_read_page_by_page_over_all_partners(operators, book, shop, rides):
    for caller in (shop, rides):
        for index in range(3):
            caller.account(f"a{index}")
    seen, after = [], ""
    while True:
        found = operators["viewer"].ask(
            f'{{ accounts(book: "{book}", first: 2{after}) {{ nodes {{ externalRef }} '
            f"pageInfo {{ hasNextPage endCursor }} }} }}"
        )["accounts"]
        seen += [each["externalRef"] for each in found["nodes"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{found["pageInfo"]["endCursor"]}"'
    assert sorted(seen) == sorted(f"{each}:a{index}" for each in ("shop", "rides") for index in range(3))
    own = operators["viewer"].ask(f'{{ accounts(book: "{book}", partner: "rides") {{ nodes {{ externalRef }} }} }}')
    assert {each["externalRef"] for each in own["accounts"]["nodes"]} == {"rides:a0", "rides:a1", "rides:a2"}


def test_accounts_holds_and_batches_are_found(operators, book, shop):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    shop.move((bank, wallet, "500"), key="pay", externalRef="invoice-1")

    found = operators["support"].ask(
        f'{{ account(book: "{book}", externalRef: "shop:wallet") {{ id externalRef }} '
        f'transfers(book: "{book}", filter: {{partner: "shop", externalRef: "invoice-1"}}) '
        f"{{ nodes {{ debitAccountId }} }} "
        f'holds(book: "{book}") {{ nodes {{ id }} }} '
        f'journal(book: "{book}", first: 1) {{ nodes {{ position hash }} asOf }} '
        "consumers { consumer lag } dueTimers { kind } operations { name } books { name position } }"
    )

    assert found["account"] == {"id": wallet, "externalRef": None}
    assert found["transfers"]["nodes"] == [{"debitAccountId": bank}]
    assert found["holds"]["nodes"] == []
    assert found["journal"]["nodes"][0]["position"] == found["journal"]["asOf"]
