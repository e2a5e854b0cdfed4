"""Authorization: the policies over every query and mutation of the schema, for each kind of caller."""

import shutil
import time
from datetime import UTC, datetime

import pytest
from graphql import parse

from api.access.authorization import FOLDER, AccessRequest, Policies
from api.authorization import ACTIONS, POLICIES
from api.execution.documents import Document
from api.graphql.root_fields import asked_actions
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import InvalidInput
from ledger.kernel.work import begin
from ledger.tenancy.api_keys import issue
from tests.api.conftest import PEPPER

READ, WRITE, NONE = frozenset({"read"}), frozenset({"write"}), frozenset()
CALLERS = {
    "read key": (READ, {"read"}, set()),
    "write key": (WRITE, {"write"}, set()),
    "key for both": (READ | WRITE, {"read", "write"}, set()),
    "key without a scope": (NONE, set(), set()),
}
"""A kind of caller -> its scopes, and the groups that it may do on its own tenant and on another one."""


@pytest.mark.parametrize("is_own", [True, False], ids=["own", "other"])
@pytest.mark.parametrize("caller", CALLERS)
def test_every_query_and_mutation_is_decided_for_every_caller_as_the_matrix_says(caller, is_own):
    scopes, own, other = CALLERS[caller]

    decided = {name: POLICIES.decide(AccessRequest(scopes, name, is_own), system_clock()) for name in ACTIONS}

    allowed = {name for name, group in ACTIONS.items() if group in (own if is_own else other)}
    assert {name for name, each in decided.items() if each.is_allowed} == allowed
    assert all(each.reason for each in decided.values())


def test_each_query_and_mutation_of_the_schema_is_an_action():
    assert {"me", "accounts", "node"} < {name for name, group in ACTIONS.items() if group == "read"}
    assert {"postTransfers", "openAccount"} < {name for name, group in ACTIONS.items() if group == "write"}


def test_the_reason_names_the_policies_that_decided():
    own = POLICIES.decide(AccessRequest(READ, "accounts", is_own=True), system_clock())
    other = POLICIES.decide(AccessRequest(READ, "accounts", is_own=False), system_clock())
    nobody = POLICIES.decide(AccessRequest(READ, "postTransfers", is_own=True), system_clock())

    assert own == (True, "partners read with the scope read")
    assert other == (False, "partners reach no other partner")
    assert nobody == (False, "no policy permits it")


def test_an_action_that_no_schema_has_is_refused():
    unknown = AccessRequest(READ | WRITE, "dropEverything", is_own=True)

    assert not POLICIES.decide(unknown, system_clock()).is_allowed


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "policies")


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("permit(", "parse error"),
        ('permit (principal, action == Action::"dropEverything", resource);', "unrecognized action"),
        ("permit (principal is Partner, action, resource) when { principal.shoeSize == 43 };", "shoeSize"),
        ("permit (principal is Robot, action, resource);", "Robot"),
    ],
)
def test_a_wrong_policy_ends_the_start_and_is_named(folder, policy, says):
    (folder / "wrong.cedar").write_text(policy)

    with pytest.raises(InvalidInput, match=says):
        Policies(ACTIONS, folder)


def test_a_policy_about_the_moment_is_decided_anew_each_time(folder):
    (folder / "night.cedar").write_text("""
        @id("nothing is written before 2027")
        forbid (principal, action in Action::"write", resource) when { context.time < datetime("2027-01-01") };
    """)
    policies = Policies(ACTIONS, folder)
    asked = AccessRequest(WRITE, "postTransfers", is_own=True)

    before = policies.decide(asked, datetime(2026, 12, 31, tzinfo=UTC))
    after = policies.decide(asked, datetime(2027, 1, 1, tzinfo=UTC))

    assert before == (False, "nothing is written before 2027")
    assert after.is_allowed


def test_a_decision_that_is_remembered_costs_next_to_nothing():
    asked = AccessRequest(READ, "accounts", is_own=True)
    POLICIES.decide(asked, system_clock())
    begun = time.process_time()

    for _ in range(10_000):
        POLICIES.decide(asked, datetime.max.replace(tzinfo=UTC))

    assert time.process_time() - begun < 1  # 100 µs each


def test_every_root_field_of_a_document_is_asked_for_however_it_is_written():
    text = """
        query ($x: Boolean!) { a: me { id } ...more ... on Query { accounts { nodes { id } } } __typename }
        fragment more on Query { transfers @skip(if: $x) { nodes { id } } ...most }
        fragment most on Query { node(id: "1") { id } }
    """
    tree = parse(text)
    document = Document(text, tree, tree.definitions[0], None)

    assert asked_actions(document) == {"me", "accounts", "transfers", "node", "introspect"}


@pytest.mark.parametrize("scopes", ["read", "write", ""])
def test_what_the_policies_refuse_is_answered_by_403_with_the_reason(store, book_id, shop, scopes):
    with begin(store, actor="test") as work:
        key = issue(work, book_id, shop.partner_id, pepper=PEPPER, scopes=scopes)
    headers = {"Authorization": f"Bearer {key}"}

    answers = {
        query: shop.http.post("/graphql", json={"query": query}, headers=headers)
        for query in ("{ me { id } }", "{ __schema { queryType { name } } }", "{ me { id } __typename }")
    }

    for answer in answers.values():
        assert answer.status_code == (200 if scopes == "read" else 403)
        if scopes != "read":
            (error,) = answer.json()["errors"]
            assert error["extensions"]["code"] == "NOT_ALLOWED"
            assert "no policy permits it" in error["message"]
