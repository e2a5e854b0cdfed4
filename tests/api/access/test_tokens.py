"""Access tokens and proofs of possession: what is let in, and the code of each refusal."""

import hmac
import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from api.access.authentication import Authenticator, Presented
from api.access.proofs import token_hash
from api.access.refusals import AccessRefused
from api.access.signing_keys import ALGORITHM
from api.access.tokens import AUDIENCE, ISSUER, issue_token, verify_token
from ledger.kernel.clock import system_clock
from ledger.kernel.ids import new_id
from ledger.kernel.sql import PARTNER_ROLE, create_engine
from ledger.kernel.work import begin
from ledger.public_ids import public
from ledger.tenancy.api_keys import Principal, issue, key_id_of, revoke
from tests.api.conftest import PEPPER

URL = "http://127.0.0.1:8000/graphql"
HERE = "127.0.0.1"
READ_WRITE = frozenset({"read", "write"})


@pytest.fixture
def access(store, api_database):
    readers = create_engine(api_database, role=PARTNER_ROLE)
    made = Authenticator(store, readers, pepper=PEPPER)
    yield made
    readers.dispose()


@pytest.fixture
def principal(access, shop):
    return access.principals.resolve(shop.key)


@pytest.fixture
def token(access, principal):
    return issue_token(access.keys, principal, frozenset({"read"}), system_clock())[0]


def _presented(authorization, *proofs, address=HERE):
    return Presented(authorization, proofs, "POST", URL, address)


def _let_in(access, *presented, **more):
    return access.resolve(access.examine(_presented(*presented, **more)))


def _code(access, *presented, **more):
    with pytest.raises(AccessRefused) as refusal:
        _let_in(access, *presented, **more)
    assert access.refused[refusal.value.code] > 0
    return refusal.value.code


def _signed(access, header=None, key=None, **claims):
    """A token as we make it, but for what is said of it; a claim that is None is left out."""
    key = key or access.keys.signing(system_clock())
    now = int(system_clock().timestamp())
    client = public("api_key", new_id())
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": client, "iat": now, "exp": now + 60, "scope": "read", **claims}
    whole = {"alg": ALGORITHM, "kid": key.kid, "typ": "at+jwt", **(header or {})}
    header, claims = ({k: v for k, v in each.items() if v is not None} for each in (whole, said))
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def _unsigned(access):
    _header, claims, _signature = _signed(access).split(".")
    plain = json.dumps({"alg": "none", "typ": "at+jwt"}).encode()
    return f"{_encoded(plain)}.{claims}."


def _by_public_key(access):
    """The confusion of algorithms: the public key of ours, taken as the secret of an HMAC."""
    ours = access.keys.signing(system_clock())
    header = {"alg": "HS256", "kid": ours.kid, "typ": "at+jwt"}
    said = f"{_encoded(json.dumps(header).encode())}.{_signed(access).split('.')[1]}"
    return f"{said}.{_encoded(hmac.digest(ours.as_pem(private=False), said.encode(), 'sha256'))}"


def _encoded(value):
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _rsa(access):
    kid = access.keys.signing(system_clock()).kid
    return _signed(access, {"alg": "RS256", "kid": kid}, RSAKey.generate_key(2048))


def _tampered(access):
    header, claims, signature = _signed(access).split(".")
    other = _signed(access, scope="read write").split(".")[1]
    assert other != claims
    return f"{header}.{other}.{signature}"


WRONG_TOKENS = {
    "no JWT": (lambda _: "abc", "token_malformed"),
    "five parts": (lambda access: _signed(access) + ".a.b", "token_malformed"),
    "a header that is no JSON": (lambda _: "e30x.e30.e30", "token_malformed"),
    "another type of JWT": (lambda access: _signed(access, {"typ": "JWT"}), "token_malformed"),
    "a critical extension": (lambda _: "eyJhbGciOiJFZDI1NTE5IiwiY3JpdCI6WyJ4Il19.e30.e30", "token_malformed"),
    "no algorithm": (_unsigned, "token_algorithm_refused"),
    "an HMAC by our public key": (_by_public_key, "token_algorithm_refused"),
    "RSA": (_rsa, "token_algorithm_refused"),
    "a key of nobody": (lambda access: _signed(access, {"kid": "x"}), "token_key_unknown"),
    "no key": (lambda access: _signed(access, {"kid": None}), "token_key_unknown"),
    "other claims than those signed": (_tampered, "token_signature_wrong"),
    "another signer under our id": (
        lambda access: _signed(
            access, {"kid": access.keys.signing(system_clock()).kid}, OKPKey.generate_key("Ed25519", auto_kid=True)
        ),
        "token_signature_wrong",
    ),
    "another issuer": (lambda access: _signed(access, iss="https://evil.example"), "token_issuer_wrong"),
    "no issuer": (lambda access: _signed(access, iss=None), "token_issuer_wrong"),
    "another audience": (lambda access: _signed(access, aud="https://evil.example"), "token_audience_wrong"),
    "no audience": (lambda access: _signed(access, aud=None), "token_audience_wrong"),
    "no subject": (lambda access: _signed(access, sub=None), "token_malformed"),
    "a subject that is no key": (lambda access: _signed(access, sub="par_1"), "token_malformed"),
    "no expiry": (lambda access: _signed(access, exp=None), "token_malformed"),
    "an expiry that is past": (lambda access: _signed(access, iat=1, exp=2), "token_expired"),
    "an issue that is to come": (lambda access: _signed(access, iat=4e9, exp=4e9 + 60), "token_expired"),
    "a longer life than ours": (
        lambda access: _signed(access, exp=int(system_clock().timestamp()) + 3600),
        "token_expired",
    ),
    "a key that was never issued": (_signed, "token_revoked"),
}


@pytest.mark.parametrize("kind", WRONG_TOKENS)
def test_each_wrong_token_is_refused_with_a_code_of_its_own_and_counted(access, kind):
    made, code = WRONG_TOKENS[kind]

    assert _code(access, f"Bearer {made(access)}") == code


def test_a_token_is_the_principal_of_its_key_with_the_scopes_that_were_asked_for(access, principal, token):
    found = _let_in(access, f"Bearer {token}")

    assert found.scopes == frozenset({"read"})
    assert (found.partner_id, found.key_hash) == (principal.partner_id, principal.key_hash)


def test_an_api_key_is_let_in_as_itself(access, shop, principal):
    assert _let_in(access, f"Bearer {shop.key}") == principal


def test_a_token_has_never_more_scopes_than_its_key(store, access, book_id, shop):
    with begin(store, actor="test") as work:
        text = issue(work, book_id, shop.partner_id, pepper=PEPPER, scopes="read")
    principal = access.principals.resolve(text)

    wide = issue_token(access.keys, principal, READ_WRITE, system_clock())[0]

    assert _let_in(access, f"Bearer {wide}").scopes == frozenset({"read"})


def test_a_token_dies_with_its_key(store, access, shop, token):
    with begin(store, actor="test") as work:
        revoke(work, key_id_of(shop.key))

    assert _code(access, f"Bearer {token}") == "token_revoked"


def test_a_token_does_not_outlive_its_key(access):
    now = system_clock()
    short = Principal(1, new_id(), new_id(), READ_WRITE, b"", now + timedelta(minutes=3))

    text, seconds = issue_token(access.keys, short, READ_WRITE, now)

    assert seconds == 180
    assert verify_token(access.keys, text, now + timedelta(minutes=2, seconds=58))
    with pytest.raises(AccessRefused):
        verify_token(access.keys, text, now + timedelta(minutes=3))


@pytest.mark.parametrize("hours", [0, 1, 23, 24, 25])
def test_signing_keys_roll_over_each_day_and_no_token_dies_of_it(access, principal, hours):
    issued_at = system_clock() + timedelta(hours=hours)
    text = issue_token(access.keys, principal, READ_WRITE, issued_at)[0]

    for minutes in (0, 5, 9):
        assert verify_token(access.keys, text, issued_at + timedelta(minutes=minutes)).scopes == READ_WRITE
    days = {access.keys.signing(issued_at + timedelta(days=each)).kid for each in range(3)}
    assert len(days) == 3
    assert len(access.keys.published(issued_at)["keys"]) == 3
    assert all("d" not in each for each in access.keys.published(issued_at)["keys"])


@pytest.mark.parametrize("credential", ["key", "token"])
def test_a_credential_is_refused_from_other_addresses_than_those_of_its_key(store, access, book_id, shop, credential):
    with begin(store, actor="test") as work:
        key = issue(work, book_id, shop.partner_id, pepper=PEPPER, addresses="203.0.113.0/24")
    principal = access.principals.resolve(key)
    text = key if credential == "key" else issue_token(access.keys, principal, READ_WRITE, system_clock())[0]

    assert _let_in(access, f"Bearer {text}", address="203.0.113.7") == principal
    assert _code(access, f"Bearer {text}", address="203.0.114.7") == "address_not_allowed"


class Holder:
    """The holder of a key: makes proofs, right but for what is said."""

    def __init__(self, key=None, algorithm="ES256"):
        self.key, self.algorithm = key or ECKey.generate_key("P-256"), algorithm

    def proof(self, token=None, *, header=None, url=URL, **claims):
        said = {"jti": uuid4().hex, "htm": "POST", "htu": url, "iat": int(system_clock().timestamp())}
        if token is not None:
            said["ath"] = token_hash(token)
        said = {name: value for name, value in {**said, **claims}.items() if value is not None}
        whole = {"alg": self.algorithm, "typ": "dpop+jwt", "jwk": self.key.as_dict(private=False), **(header or {})}
        return jwt.encode(whole, said, self.key, algorithms=[whole["alg"]])

    @property
    def thumbprint(self):
        return self.key.thumbprint()


@pytest.fixture(params=["ES256", "Ed25519"])
def holder(request):
    kinds = {"ES256": (ECKey, "P-256"), "Ed25519": (OKPKey, "Ed25519")}
    kind, curve = kinds[request.param]
    return Holder(kind.generate_key(curve), request.param)


@pytest.fixture
def bound(access, principal, holder):
    return issue_token(access.keys, principal, READ_WRITE, system_clock(), thumbprint=holder.thumbprint)[0]


def test_a_bound_token_is_let_in_with_a_proof_of_its_key(access, principal, holder, bound):
    for url in (URL, URL + "?x=1#y", "HTTP://127.0.0.1:8000/graphql"):
        assert _let_in(access, f"DPoP {bound}", holder.proof(bound, url=url)) == principal


WRONG_PROOFS = {
    "none": (lambda *_: [], "proof_missing"),
    "two": (lambda me, token: [me.proof(token), me.proof(token)], "proof_malformed"),
    "no JWT": (lambda *_: ["abc"], "proof_malformed"),
    "another type of JWT": (lambda me, token: [me.proof(token, header={"typ": "JWT"})], "proof_malformed"),
    "no id": (lambda me, token: [me.proof(token, jti=None)], "proof_malformed"),
    "an id of a thousand letters": (lambda me, token: [me.proof(token, jti="x" * 1000)], "proof_malformed"),
    "a time that no clock shows": (lambda me, token: [me.proof(token, iat=10**400)], "proof_malformed"),
    "no time": (lambda me, token: [me.proof(token, iat=None)], "proof_malformed"),
    "a private key": (lambda me, token: [me.proof(token, header={"jwk": me.key.as_dict(private=True)})],
                      "proof_malformed"),
    "the key of somebody else in it": (
        lambda me, token: [me.proof(token, header={"jwk": type(me.key).generate_key().as_dict(private=False)})],
        "proof_signature_wrong",
    ),
    "another method": (lambda me, token: [me.proof(token, htm="GET")], "proof_of_another_request"),
    "another address": (lambda me, token: [me.proof(token, url="http://127.0.0.1:8000/transfers")],
                        "proof_of_another_request"),
    "another host": (lambda me, token: [me.proof(token, url="http://evil.example/graphql")],
                     "proof_of_another_request"),
    "another token": (lambda me, token: [me.proof(token + "x")], "proof_of_another_request"),
    "no token": (lambda me, _: [me.proof()], "proof_of_another_request"),
    "an old one": (lambda me, token: [me.proof(token, iat=int(system_clock().timestamp()) - 40)], "proof_out_of_time"),
    "one of tomorrow": (lambda me, token: [me.proof(token, iat=int(system_clock().timestamp()) + 60)],
                        "proof_out_of_time"),
    "one of another key": (lambda _, token: [Holder().proof(token)], "proof_of_another_key"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG_PROOFS)
def test_each_wrong_proof_is_refused_with_a_code_of_its_own(access, holder, bound, kind):
    made, code = WRONG_PROOFS[kind]

    assert _code(access, f"DPoP {bound}", *made(holder, bound)) == code


def test_a_proof_is_accepted_once(access, holder, bound):
    proof = holder.proof(bound)

    _let_in(access, f"DPoP {bound}", proof)

    assert _code(access, f"DPoP {bound}", proof) == "proof_replayed"


def test_a_symmetric_proof_is_refused(access, bound):
    secret = OctKey.generate_key(256)
    proof = Holder(secret, "HS256").proof(bound, header={"jwk": {"kty": "oct"}})

    assert _code(access, f"DPoP {bound}", proof) == "proof_algorithm_refused"


def test_a_bound_token_is_worth_nothing_to_who_has_only_the_token(access, bound):
    assert _code(access, f"Bearer {bound}") == "proof_missing"


def test_an_unbound_token_is_not_sent_as_a_bound_one(access, token):
    assert _code(access, f"DPoP {token}", Holder().proof(token)) == "proof_of_another_key"


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
    assert _let_in(access, f"Bearer {given['access_token']}").partner_id == shop.partner_id


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
    assert (given["token_type"], given["scope"]) == ("DPoP", "read write")
    assert _code(access, f"Bearer {token}") == "proof_missing"
    assert _let_in(access, f"DPoP {token}", holder.proof(token)).partner_id == shop.partner_id


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

    with serve(api_database) as url, httpx.Client(base_url=url, trust_env=False) as http:
        answers = [
            http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=wrong) for _ in range(25)
        ]

    assert {each.status_code for each in answers} == {401, 429}
    assert int(answers[-1].headers["retry-after"]) > 0
