"""Access tokens and proofs of possession: what is let in, and the code of each refusal."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey

from api.access.refusals import AccessRefused
from api.access.signing_keys import ALGORITHM
from api.access.tokens import AUDIENCE, ISSUER, issue_token, verify_token
from ledger.kernel.clock import system_clock
from ledger.kernel.ids import new_id
from ledger.kernel.work import begin
from ledger.public_ids import public
from ledger.tenancy.api_keys import Principal, issue, key_id_of, revoke
from tests.api.access.callers import READ_WRITE, code_of, let_in
from tests.api.conftest import PEPPER


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

    assert code_of(access, f"Bearer {made(access)}") == code


def test_a_token_is_the_principal_of_its_key_with_the_scopes_that_were_asked_for(access, principal, token):
    found = let_in(access, f"Bearer {token}")

    assert found.scopes == frozenset({"read"})
    assert (found.partner_id, found.key_hash) == (principal.partner_id, principal.key_hash)


def test_an_api_key_is_let_in_as_itself(access, shop, principal):
    assert let_in(access, f"Bearer {shop.key}") == principal


def test_a_token_has_never_more_scopes_than_its_key(store, access, book_id, shop):
    with begin(store, actor="test") as work:
        text = issue(work, book_id, shop.partner_id, pepper=PEPPER, scopes="read")
    principal = access.principals.resolve(text)

    wide = issue_token(access.keys, principal, READ_WRITE, system_clock())[0]

    assert let_in(access, f"Bearer {wide}").scopes == frozenset({"read"})


def test_a_token_dies_with_its_key(store, access, shop, token):
    with begin(store, actor="test") as work:
        revoke(work, key_id_of(shop.key))

    assert code_of(access, f"Bearer {token}") == "token_revoked"


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

    assert let_in(access, f"Bearer {text}", address="203.0.113.7") == principal
    assert code_of(access, f"Bearer {text}", address="203.0.114.7") == "address_not_allowed"
