"""Trusted documents are named by the hash of their text; only those of the caller are found."""

import hashlib
import json
from dataclasses import replace

import httpx
import pytest

from api.trusted_documents import TrustedDocuments
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from ledger.public_ids import public

EVERYBODYS = "query ($id: ID!) { account(id: $id) { currency } }"
OF_SHOP = "{ me { name } }"
CHANGE = 'mutation { postTransfers(input: {transfers: []}, idempotencyKey: "k") { __typename } }'


def _sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _manifest(*texts):
    return json.dumps({_sha(each): each for each in texts})


@pytest.fixture
def ask(tmp_path, serve, api_database, shop):
    """Send a body to a server with manifests for everybody and for the shop."""
    (tmp_path / "all.json").write_text(_manifest(EVERYBODYS, CHANGE))
    (tmp_path / f"{public('partner', shop.partner_id)}.json").write_text(_manifest(OF_SHOP))
    settings = replace(Settings.from_env({"COFFERDAM_HOME": str(tmp_path / "home")}), trusted_documents=tmp_path)
    with (
        serve(api_database, settings=settings) as address,
        httpx.Client(base_url=address, trust_env=False, verify=False) as http,
    ):

        def send(caller, body=None, **parameters):
            headers = {"Authorization": f"Bearer {caller.key}"}
            if body is None:
                return http.get("/graphql", params=parameters, headers=headers)
            return http.post("/graphql", json=body, headers=headers)

        yield send


def _code(response):
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


def _apollo(text, **more):
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": _sha(text)}}, **more}


def test_a_document_is_executed_by_its_hash_in_both_spellings_and_by_get(shop, rides, ask):
    for caller in (shop, rides):
        bank = caller.account("bank")
        named = ask(caller, {"documentId": f"sha256:{_sha(EVERYBODYS)}", "variables": {"id": bank}})
        by_extension = ask(caller, _apollo(EVERYBODYS, variables={"id": bank}))
        got = ask(caller, documentId=f"sha256:{_sha(EVERYBODYS)}", variables=json.dumps({"id": bank}))

        assert [each.json()["data"] for each in (named, by_extension, got)] == [{"account": {"currency": "USD"}}] * 3


def test_the_document_of_another_partner_is_unknown_like_one_that_never_was(shop, rides, ask):
    own, anothers = (ask(each, {"documentId": f"sha256:{_sha(OF_SHOP)}"}) for each in (shop, rides))
    never = ask(rides, {"documentId": f"sha256:{_sha('never')}"})

    assert own.json()["data"] == {"me": {"name": "Shop"}}
    assert _code(anothers) == _code(never) == (400, "PERSISTED_QUERY_NOT_FOUND")


def test_a_query_beside_its_hash_is_executed_and_one_beside_another_hash_is_refused(shop, ask):
    assert ask(shop, _apollo("{ me { id } }", query="{ me { id } }")).status_code == 200
    assert _code(ask(shop, _apollo("{ me { id } }", query="{ me { name } }"))) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("named", ["x", "sha256:1", 1, f"md5:{'0' * 32}", f"sha256:{'G' * 64}"])
def test_a_name_that_is_no_hash_is_a_bad_request(shop, ask, named):
    assert _code(ask(shop, {"documentId": named})) == (400, "BAD_REQUEST")


def test_a_trusted_mutation_is_not_executed_by_get(shop, ask):
    response = ask(shop, documentId=f"sha256:{_sha(CHANGE)}")

    assert response.status_code == 405


def test_a_server_without_manifests_says_so(shop):
    response = shop.http.post("/graphql", json=_apollo(EVERYBODYS), headers={"Authorization": f"Bearer {shop.key}"})

    assert _code(response) == (400, "PERSISTED_QUERY_NOT_SUPPORTED")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is no manifest"),
        ("[]", "is no manifest"),
        ('{"x": 1}', "is no manifest"),
        ('{"00": "{ me }"}', "generate it anew"),
    ],
)
def test_a_wrong_manifest_is_refused_when_the_server_starts(tmp_path, text, says):
    (tmp_path / "all.json").write_text(text)

    with pytest.raises(InvalidInput, match=says):
        TrustedDocuments(tmp_path)


def test_a_folder_that_is_missing_is_refused_when_the_server_starts(tmp_path):
    with pytest.raises(InvalidInput, match="there is no folder"):
        TrustedDocuments(tmp_path / "none")
