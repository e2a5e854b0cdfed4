"""The token endpoint over HTTP: the answers of RFC 6749, tokens that work, and the challenges of a 401."""

import json
from base64 import b64encode, urlsafe_b64decode

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from api.access.signing_keys import ALGORITHM
from ledger.kernel.work import begin
from ledger.public_ids import public
from ledger.tenancy.api_keys import issue, key_id_of
from tests.api.access.callers import Holder, code_of, let_in
from tests.api.conftest import PEPPER


def _ask(shop, form=None, **headers):
    form = {"grant_type": "client_credentials"} if form is None else form
    return shop.http.post("/oauth/token", data=form, headers=headers)


def _basic(key):
    client, secret = public("api_key", key_id_of(key)), key.split("_", 2)[2]
    return {"Authorization": "Basic " + b64encode(f"{client}:{secret}".encode()).decode()}


def test_client_credentials_give_a_token_that_the_published_keys_verify(access, shop):
    answer = _ask(shop, {"grant_type": "client_credentials", "scope": "read"}, **_basic(shop.key))
    published = shop.http.get("/.well-known/jwks.json")

    given = answer.json()
    header = json.loads(_decoded(given["access_token"].split(".")[0]))
    (key,) = (each for each in published.json()["keys"] if each["kid"] == header["kid"])
    claims = jwt.decode(given["access_token"], OKPKey.import_key(key), algorithms=[ALGORITHM]).claims
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 600, "read")
    assert claims["exp"] - claims["iat"] == 600
    assert let_in(access, f"Bearer {given['access_token']}").partner_id == shop.partner_id


def _decoded(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_credentials_in_the_form_and_a_proof_give_a_bound_token(access, shop):
    holder, key = Holder(), shop.key
    form = {
        "grant_type": "client_credentials",
        "client_id": public("api_key", key_id_of(key)),
        "client_secret": key.split("_", 2)[2],
    }
    place = f"{str(shop.http.base_url).rstrip('/')}/oauth/token"

    given = _ask(shop, form, DPoP=holder.proof(url=place)).json()

    token = given["access_token"]
    assert (given["token_type"], given["scope"]) == ("DPoP", "read reveal write")
    assert code_of(access, f"Bearer {token}") == "proof_missing"
    assert let_in(access, f"DPoP {token}", holder.proof(token)).partner_id == shop.partner_id


@pytest.mark.parametrize(
    ("form", "headers", "status", "error"),
    [
        ({"grant_type": "password"}, {}, 400, "unsupported_grant_type"),
        ({"scope": "read"}, {}, 400, "invalid_request"),
        ({"grant_type": "client_credentials"}, {}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Basic !"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Bearer x"}, 401, "invalid_client"),
        ({"grant_type": ["client_credentials", "password"]}, {}, 400, "invalid_request"),
        ({"grant_type": "client_credentials", "client_id": "key_1", "client_secret": "x"}, {}, 401, "invalid_client"),
    ],
)
def test_a_wrong_request_for_a_token_is_answered_as_the_standard_says(shop, form, headers, status, error):
    answer = _ask(shop, form, **headers)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert ("www-authenticate" in answer.headers) is (status == 401)


def test_other_scopes_secrets_and_proofs_are_refused(store, book_id, shop):
    with begin(store, actor="test") as work:
        reading = issue(work, book_id, shop.partner_id, pepper=PEPPER, scopes="read")
    wide = {"grant_type": "client_credentials", "scope": "read write"}
    flipped = shop.key[:50] + ("A" if shop.key[50] != "A" else "B") + shop.key[51:]

    assert _ask(shop, wide, **_basic(reading)).json()["error"] == "invalid_scope"
    wrong = {**_basic(shop.key), "Authorization": _basic(shop.key)["Authorization"][:-8] + "AAAAAAA="}
    assert _ask(shop, **wrong).json()["error"] == "invalid_client"
    assert flipped != shop.key
    stale = Holder().proof(url="http://elsewhere.example/oauth/token")
    assert _ask(shop, DPoP=stale, **_basic(shop.key)).json()["error"] == "invalid_dpop_proof"


@pytest.mark.parametrize(
    ("headers", "challenge", "code"),
    [
        ({"Authorization": "Bearer abc"}, 'error="invalid_token"', "TOKEN_MALFORMED"),
        ({"Authorization": "Bearer cdk_x"}, 'Bearer realm="cofferdam"', "UNAUTHENTICATED"),
        ({"Authorization": "DPoP {bound}", "DPoP": "abc"}, 'error="invalid_dpop_proof"', "PROOF_MALFORMED"),
        ({"Authorization": "Bearer {bound}"}, 'DPoP algs="ES256', "PROOF_MISSING"),
    ],
)
def test_a_refused_credential_is_answered_with_its_code_and_its_challenge(shop, bound, headers, challenge, code):
    headers = {name: value.format(bound=bound) for name, value in headers.items()}
    answer = shop.http.post("/graphql", json={"query": "{ me { id } }"}, headers=headers)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (401, code)
    assert challenge in answer.headers["www-authenticate"]


@pytest.mark.parametrize("is_bound", [False, True])
def test_a_token_reads_over_http_and_its_scope_does_not_write(shop, is_bound):
    holder = Holder()
    place = str(shop.http.base_url).rstrip("/")
    asked = {"grant_type": "client_credentials", "scope": "read"}
    proofs = {"DPoP": holder.proof(url=f"{place}/oauth/token")} if is_bound else {}
    token = _ask(shop, asked, **proofs, **_basic(shop.key)).json()["access_token"]
    change = 'mutation { postTransfers(input: {transfers: []}, idempotencyKey: "k") { __typename } }'

    statuses = []
    for query in ("{ me { id } }", change):
        headers = {"Authorization": f"{'DPoP' if is_bound else 'Bearer'} {token}"}
        if is_bound:
            headers["DPoP"] = holder.proof(token, url=f"{place}/graphql")
        statuses.append(shop.http.post("/graphql", json={"query": query}, headers=headers).status_code)

    assert statuses == [200, 403]


def test_guessed_secrets_of_clients_are_limited_by_their_address(serve, api_database, shop):
    wrong = {**_basic(shop.key)}
    wrong["Authorization"] = wrong["Authorization"][:-12] + "QUFBQUFBQUFB"[:8] + "QQ=="

    with serve(api_database) as url, httpx.Client(base_url=url, trust_env=False, verify=False) as http:
        answers = [
            http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=wrong) for _ in range(25)
        ]

    assert {each.status_code for each in answers} == {401, 429}
    assert int(answers[-1].headers["retry-after"]) > 0
