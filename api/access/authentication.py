"""Authentication of requests: by an API key, by an access token, or by a token and the proof of its key.

`examine` looks at the request alone; `known` answers from memory and never waits; `resolve` asks the store.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import sqlalchemy as sa

from api.access.principals import Principals
from api.access.proofs import Proofs, ProvedRequest
from api.access.refusals import (
    AccessRefused,
    AddressNotAllowed,
    ProofMissing,
    ProofOfAnotherKey,
    Unauthenticated,
)
from api.access.signing_keys import SigningKeys
from api.access.tokens import AccessToken, VerifiedTokens
from ledger.kernel.clock import Clock, system_clock
from ledger.tenancy.api_keys import Principal

_AUTHORIZATION: Final = re.compile(r"(bearer|dpop) +([!-~]{1,4000})", re.IGNORECASE)
_KEY: Final = "Bearer cdk_"
_LOG: Final = logging.getLogger("cofferdam.api")


class Presented(NamedTuple):
    """Everything in a request that says who sends it: its headers, what they are for, and the client's address."""

    authorization: str
    proofs: Sequence[str]
    method: str
    url: str
    address: str


@dataclass(frozen=True, slots=True)
class Credential:
    """An examined credential: the text of a key, or a verified token; and the address that it came from."""

    held: str | AccessToken
    address: str


class Authenticator:
    """Lets callers in; `refused` counts by code those that it did not let in."""

    def __init__(self, engine: sa.Engine, readers: sa.Engine, *, pepper: bytes, clock: Clock = system_clock) -> None:
        """Take `readers`, an engine whose connections have the role of a partner's reader."""
        self.principals: Final = Principals(engine, readers, pepper=pepper, clock=clock)
        self.keys: Final = SigningKeys(pepper)
        self.proofs: Final = Proofs()
        self._tokens: Final = VerifiedTokens(self.keys)
        self.refused: Final[Counter[str]] = Counter()
        self._clock: Final = clock

    def recall(self, presented: Presented) -> Principal | None:
        """Return the principal of a key that is remembered and may be used from here; None for all that needs a look.

        It says what `examine` and `known` would say, without an object or a pattern for each request.
        """
        authorization = presented.authorization
        if presented.proofs or not authorization.startswith(_KEY):
            return None
        found = self.principals.known(authorization[len("Bearer ") :])
        return found if found is not None and found.is_admitted(presented.address) else None

    def examine(self, presented: Presented) -> Credential:
        """Return the credential of a request. Raises an `AccessRefused` of its own for each way it can be wrong."""
        with self.counting():
            match = _AUTHORIZATION.fullmatch(presented.authorization)
            if match is None:
                raise Unauthenticated('send your API key in the header "Authorization: Bearer cdk_…"')
            scheme, text = match[1].lower(), match[2]
            if scheme == "bearer" and text.startswith("cdk_"):
                return Credential(text, presented.address)
            token = self._tokens.verify(text, self._clock())
            self._require_possession(token, text, presented, is_proved=scheme == "dpop")
            return Credential(token, presented.address)

    def known(self, credential: Credential) -> Principal | None:
        """Return the principal of a credential if it is remembered. Raises `AddressNotAllowed`."""
        held = credential.held
        with self.counting():
            principals = self.principals
            found = principals.known(held) if isinstance(held, str) else principals.known_by_id(held.api_key_id)
            return None if found is None else _allowed(found, credential)

    def has_met(self, credential: Credential) -> bool:
        """Return whether the credential worked before, in this process."""
        return not isinstance(credential.held, str) or self.principals.has_met(credential.held)

    def resolve(self, credential: Credential) -> Principal:
        """Return the principal of a credential, from the store. Raises an `AccessRefused`."""
        held = credential.held
        with self.counting():
            if isinstance(held, str):
                return _allowed(self.principals.resolve(held), credential)
            return _allowed(self.principals.resolve_by_id(held.api_key_id), credential)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count and log a refusal of the block by its code."""
        try:
            yield
        except AccessRefused as refusal:
            self.refused[refusal.code] += 1
            _LOG.info("access refused", extra={"code": refusal.code, "count": self.refused[refusal.code]})
            raise

    def _require_possession(self, token: AccessToken, text: str, presented: Presented, *, is_proved: bool) -> None:
        """Require a proof of the key that the token is bound to, and none if it is bound to none."""
        if token.thumbprint is None and not is_proved:
            return
        if token.thumbprint is None:
            raise ProofOfAnotherKey("this token is bound to no key; send it as Bearer")
        if not is_proved or not presented.proofs:
            raise ProofMissing("this token is bound to a key; send it as DPoP, with a proof in the header DPoP")
        request = ProvedRequest(presented.method, presented.url, text)
        if self.proofs.thumbprint(presented.proofs, request, self._clock()) != token.thumbprint:
            raise ProofOfAnotherKey("this token is bound to another key than that of the proof")


def _allowed(principal: Principal, credential: Credential) -> Principal:
    """Return the principal with the scopes of its credential. Raises `AddressNotAllowed`."""
    if not principal.is_admitted(credential.address):
        raise AddressNotAllowed("this API key is not accepted from your address; ask its issuer for the networks")
    held = credential.held
    return principal if isinstance(held, str) else replace(principal, scopes=principal.scopes & held.scopes)
