"""Proofs of possession: each wrong one is refused with a code of its own, and each right one once."""

from dataclasses import replace

import pytest
from joserfc.jwk import OctKey

from ledger.kernel.clock import system_clock
from tests.api.access.callers import READ_WRITE, URL, Holder, code_of, let_in


def test_a_bound_token_is_let_in_with_a_proof_of_its_key(access, principal, holder, bound):
    for url in (URL, URL + "?x=1#y", "HTTP://127.0.0.1:8000/graphql"):
        assert let_in(access, f"DPoP {bound}", holder.proof(bound, url=url)) == replace(principal, scopes=READ_WRITE)


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

    assert code_of(access, f"DPoP {bound}", *made(holder, bound)) == code


def test_a_proof_is_accepted_once(access, holder, bound):
    proof = holder.proof(bound)

    let_in(access, f"DPoP {bound}", proof)

    assert code_of(access, f"DPoP {bound}", proof) == "proof_replayed"


def test_a_symmetric_proof_is_refused(access, bound):
    secret = OctKey.generate_key(256)
    proof = Holder(secret, "HS256").proof(bound, header={"jwk": {"kty": "oct"}})

    assert code_of(access, f"DPoP {bound}", proof) == "proof_algorithm_refused"


def test_a_bound_token_is_worth_nothing_to_who_has_only_the_token(access, bound):
    assert code_of(access, f"Bearer {bound}") == "proof_missing"


def test_an_unbound_token_is_not_sent_as_a_bound_one(access, token):
    assert code_of(access, f"DPoP {token}", Holder().proof(token)) == "proof_of_another_key"
