"""Proofs of possession (DPoP, RFC 9449): each request is signed by the key that its token is bound to, and used once.

Proofs are remembered for as long as they could be used again, in this process: another one behind the same port accepts
the same proof once more, within the same half minute.
"""

import threading
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from api.access.jwts import claims_of, header_of
from api.access.refusals import (
    ProofAlgorithmRefused,
    ProofMalformed,
    ProofOfAnotherRequest,
    ProofOutOfTime,
    ProofReplayed,
    ProofSignatureWrong,
)

_KINDS: Final[dict[str, type[ECKey | OKPKey]]] = {"ES256": ECKey, "Ed25519": OKPKey, "EdDSA": OKPKey}
PROOF_ALGORITHMS: Final = tuple(_KINDS)
"""The algorithms that a proof may be signed with."""

_AGE_SECONDS_MAX: Final = 30
_AHEAD_SECONDS_MAX: Final = 5
_REMEMBERED_MAX: Final = 200_000
_ID_LETTERS_MAX: Final = 200
_TIME_MAX: Final = 2**40
_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class ProvedRequest:
    """The request that a proof must be for; `token` is the text of the token that comes with it, if one does."""

    method: str
    url: str
    token: str | None = None


class Proofs:
    """Verifies proofs, and refuses one that it has seen."""

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._seen: Final[OrderedDict[bytes, float]] = OrderedDict()

    def thumbprint(self, proofs: Sequence[str], request: ProvedRequest, now: datetime) -> str:
        """Return the thumbprint of the key that has signed the one proof of a request. Raises a `ProofRefused`."""
        if len(proofs) != 1:
            raise ProofMalformed("send one header DPoP")
        key, claims = _signed(proofs[0])
        _require_fit(claims, request)
        issued = claims["iat"]
        if not -_AHEAD_SECONDS_MAX <= now.timestamp() - issued <= _AGE_SECONDS_MAX:
            raise ProofOutOfTime(f"make a new proof for each request; it is accepted for {_AGE_SECONDS_MAX} seconds")
        thumbprint = key.thumbprint()
        self._use(thumbprint + claims["jti"], issued + _AGE_SECONDS_MAX, now.timestamp())
        return thumbprint

    def _use(self, name: str, ends: float, now: float) -> None:
        digest = sha256(name.encode()).digest()[:16]
        with self._lock:
            while self._seen and next(iter(self._seen.values())) < now:
                self._seen.popitem(last=False)
            if digest in self._seen or len(self._seen) >= _REMEMBERED_MAX:
                raise ProofReplayed("this proof was used before; make a new one for each request")
            self._seen[digest] = max(ends, now) + _AHEAD_SECONDS_MAX


def token_hash(token: str) -> str:
    """Return the hash of a token as a proof names it (RFC 9449, section 4.2: `ath`)."""
    return urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()


def _signed(text: str) -> tuple[ECKey | OKPKey, Any]:
    header = header_of(text)
    if header is None or header.get("typ") != "dpop+jwt" or not isinstance(header.get("jwk"), dict):
        raise ProofMalformed("the header DPoP is no proof; see RFC 9449, section 4.2")
    kind = _KINDS.get(str(header.get("alg")))
    if kind is None:
        raise ProofAlgorithmRefused(f"sign proofs with one of: {', '.join(PROOF_ALGORITHMS)}")
    try:
        key = kind.import_key(header["jwk"])
    except (JoseError, ValueError, TypeError, KeyError):
        raise ProofMalformed("the key in the proof is not one of its algorithm") from None
    if key.is_private:
        raise ProofMalformed("the proof has a private key in it; make a new key, and send its public half")
    claims = claims_of(text, key, [header["alg"]])
    if claims is None:
        raise ProofSignatureWrong("the proof is not signed by the key in it")
    return key, claims


def _require_fit(claims: Any, request: ProvedRequest) -> None:  # JSON
    names = claims.get("jti"), claims.get("htm"), claims.get("htu")
    is_whole = all(isinstance(each, str) for each in names) and isinstance(claims.get("iat"), int | float)
    if not is_whole or not 0 < len(claims["jti"]) <= _ID_LETTERS_MAX or claims["iat"] > _TIME_MAX:
        raise ProofMalformed("a proof has the claims jti, htm, htu and iat; see RFC 9449, section 4.2")
    if claims["htm"] != request.method or _place(claims["htu"]) != _place(request.url):
        raise ProofOfAnotherRequest(f"the proof is not for {request.method} {request.url.partition('?')[0]}")
    if request.token is not None and claims.get("ath") != token_hash(request.token):
        raise ProofOfAnotherRequest("the proof is not for this token: its claim ath is the token's SHA-256")


def _place(url: str) -> tuple[str, str, int | None, str]:
    """Return scheme, host, port and path; the query and the fragment do not count (RFC 9449, section 4.3)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", "", None, url
    return parts.scheme, parts.hostname or "", port or _PORTS.get(parts.scheme), parts.path or "/"
