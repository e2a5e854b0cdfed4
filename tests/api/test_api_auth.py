"""Who may call: keys, scopes, and partners that never learn of each other."""

from uuid import uuid4

import pytest

from api.context import Call, Committers, Snapshot
from ledger.kernel.work import begin, read
from ledger.public_ids import public
from ledger.tenancy.api_keys import authenticate, issue, key_id_of, revoke

PEPPER = b"pepper"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer cdk_x", "Basic abc", "Bearer a b", "Bearer \u00e9"])
def test_a_request_without_a_working_key_is_unauthenticated(shop, header):
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    response = shop.http.post("/graphql", json={"query": "{ me { name } }"}, headers=headers)

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_wrong_and_a_revoked_key_get_the_same_answer(store, shop):
    with begin(store, actor="test") as work:
        revoke(work, key_id_of(shop.key))
    flipped = shop.key[:-1] + ("A" if shop.key[-1] != "A" else "B")
    wrong = shop.http.post("/graphql", json={"query": "{ me { id } }"}, headers={"Authorization": f"Bearer {flipped}"})
    revoked = shop.post("{ me { id } }")

    assert wrong.status_code == revoked.status_code == 401
    assert wrong.json()["errors"] == revoked.json()["errors"]


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [("read", [200, 403]), ("write", [403, 200]), ("read write", [200, 200]), ("", [403, 403])],
)
def test_a_key_does_what_its_scopes_say(store, book_id, shop, scopes, statuses):
    with begin(store, actor="test") as work:
        key = issue(work, book_id, shop.partner_id, pepper=PEPPER, scopes=scopes)
    headers = {"Authorization": f"Bearer {key}"}
    change = 'mutation { postTransfers(input: {transfers: []}, idempotencyKey: "k") { __typename } }'

    answers = [
        shop.http.post("/graphql", json={"query": query}, headers=headers) for query in ("{ me { id } }", change)
    ]

    assert [answer.status_code for answer in answers] == statuses


def test_what_another_partner_has_is_answered_like_what_never_was(shop, rides):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    transfer = shop.move((bank, wallet, "100"), key="k")["transfers"][0]["id"]
    random = uuid4()
    query = """
        query ($account: ID!, $transfer: ID!, $ref: String!) {
          byId: account(id: $account) { id }
          byRef: account(externalRef: $ref) { id }
          transfer(id: $transfer) { id }
          transfers(filter: { account: $account }) { nodes { id } pageInfo { endCursor } }
          account: node(id: $account) { id }
          moved: node(id: $transfer) { id }
          accounts { nodes { id } }
        }
    """

    theirs = rides.ask(query, account=bank, transfer=transfer, ref="shop:bank")
    nobodys = rides.ask(query, account=public("account", random), transfer=public("transfer", random), ref="no:such")
    own = shop.ask(query, account=bank, transfer=transfer, ref="shop:bank")

    assert theirs == nobodys
    assert own["byId"] == own["byRef"] == own["account"] == {"id": bank}
    assert own["transfer"] == own["moved"] == {"id": transfer}
    assert rides.ask("query ($id: ID!) { node(id: $id) { id } }", id=public("partner", shop.partner_id)) == {
        "node": None
    }


def test_nobody_moves_the_money_of_another_partner(shop, rides):
    bank, wallet, till = shop.account("bank"), shop.account("wallet", "CUSTOMER"), rides.account("till")
    random = public("account", uuid4())

    for index, (theirs, nobodys) in enumerate([((bank, till), (random, till)), ((till, wallet), (till, random))]):
        refused = rides.move((*theirs, "1"), key=f"theirs {index}")
        unknown = rides.move((*nobodys, "1"), key=f"nobodys {index}")

        assert refused["__typename"] == "AccountNotFound"
        assert {**refused, "position": ""} == {**unknown, "position": ""}


def test_the_same_reference_and_key_at_two_partners_are_two_accounts(shop, rides):
    first, second = shop.open("bank")["account"], rides.open("bank")["account"]

    assert (first["externalRef"], second["externalRef"]) == ("shop:bank", "rides:bank")
    assert first["id"] != second["id"]
    assert rides.open("shop:bank")["account"]["externalRef"] == "rides:shop:bank"


def test_every_snapshot_of_a_request_is_behind_the_second_wall(store, shop, vault):
    asked = "SELECT current_user, split_part(current_setting('cofferdam.scope'), ' ', 1)"

    with read(store) as reader:
        principal = authenticate(reader.connection, shop.key, pepper=PEPPER)
    with Snapshot(store, principal) as snapshot:
        call = Call(store, Committers(store), principal, snapshot, vault=vault)
        first = call.reader().connection.exec_driver_sql(asked).one()
        snapshot.release()
        second = call.reader().connection.exec_driver_sql(asked).one()

    assert tuple(first) == tuple(second) == ("cofferdam_partner", str(principal.partner_id))
