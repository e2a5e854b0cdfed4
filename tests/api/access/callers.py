"""Callers of the API for tests of access: what they present, and proofs that are right but for what is said."""

from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from api.access.authentication import Presented
from api.access.proofs import token_hash
from api.access.refusals import AccessRefused
from ledger.kernel.clock import system_clock

URL = "http://127.0.0.1:8000/graphql"
HERE = "127.0.0.1"
READ_WRITE = frozenset({"read", "write"})


def presented(authorization, *proofs, address=HERE):
    return Presented(authorization, proofs, "POST", URL, address)


def let_in(access, *credentials, **more):
    return access.resolve(access.examine(presented(*credentials, **more)))


def code_of(access, *credentials, **more):
    with pytest.raises(AccessRefused) as refusal:
        let_in(access, *credentials, **more)
    assert access.refused[refusal.value.code] > 0
    return refusal.value.code


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
