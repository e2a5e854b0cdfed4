"""Access tokens: JWTs of ten minutes at most (RFC 9068) that stand for an API key, with some of its scopes.

Verifying one asks nobody. Whether the key behind it still works is known to `Principals`.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final

from joserfc import jwt

from api.access.jwts import claims_of, header_of
from api.access.refusals import (
    TokenAlgorithmRefused,
    TokenAudienceWrong,
    TokenExpired,
    TokenIssuerWrong,
    TokenKeyUnknown,
    TokenMalformed,
    TokenSignatureWrong,
)
from api.access.signing_keys import ALGORITHM, SigningKeys
from ledger.kernel.errors import InvalidId
from ledger.public_ids import parse_public, public
from ledger.tenancy.api_keys import Principal
from ledger.tenancy.records import ApiKeyId

ISSUER: Final = "urn:cofferdam:tokens"
AUDIENCE: Final = "urn:cofferdam:api"
LIFE: Final = timedelta(minutes=10)
"""The longest life of a token."""

_TYPE: Final = "at+jwt"
_REMEMBERED_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A verified token: the key that it stands for, its scopes, and the thumbprint of the key that it is bound to."""

    api_key_id: ApiKeyId
    scopes: frozenset[str]
    expires_at: datetime
    thumbprint: str | None


def issue_token(
    keys: SigningKeys, principal: Principal, scopes: frozenset[str], now: datetime, *, thumbprint: str | None = None
) -> tuple[str, int]:
    """Return a token of a principal with some of its scopes, and the seconds of its life; never beyond its key's."""
    ends = min(now + LIFE, principal.expires_at or now + LIFE)
    seconds = int((ends - now).total_seconds())
    key, client = keys.signing(now), public("api_key", principal.api_key_id)
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": client,
        "client_id": client,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + seconds,
        "jti": token_urlsafe(16),
        "scope": " ".join(sorted(scopes)),
    }
    if thumbprint is not None:
        claims["cnf"] = {"jkt": thumbprint}
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": _TYPE}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM]), seconds


class VerifiedTokens:
    """Verifies tokens, and remembers the claims of each by its hash: verifying costs more CPU than many reads."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys: Final = keys
        self._verified: Final[OrderedDict[bytes, AccessToken]] = OrderedDict()

    def verify(self, text: str, now: datetime) -> AccessToken:
        """Return what a token says. Raises a `TokenRefused`."""
        digest = sha256(text.encode()).digest()
        found = self._verified.get(digest)
        if found is None or now >= found.expires_at:
            found = self._verified[digest] = verify_token(self._keys, text, now)
            if len(self._verified) > _REMEMBERED_MAX:
                self._verified.popitem(last=False)
        return found


def verify_token(keys: SigningKeys, text: str, now: datetime) -> AccessToken:
    """Return what a token says. Raises a `TokenRefused` of its own for each way in which it can be wrong."""
    header = header_of(text)
    if header is None or str(header.get("typ")).lower().removeprefix("application/") != _TYPE:
        raise TokenMalformed("this is no access token; get one at /oauth/token")
    if header.get("alg") != ALGORITHM:
        raise TokenAlgorithmRefused(f"access tokens are signed with {ALGORITHM}; get one at /oauth/token")
    key = keys.verifying(header.get("kid"), now)
    if key is None:
        raise TokenKeyUnknown("no key with this id signs access tokens; get a new token at /oauth/token")
    claims = claims_of(text, key, [ALGORITHM])
    if claims is None:
        raise TokenSignatureWrong("the token is not signed by the key that it names; get one at /oauth/token")
    return _checked(claims, now)


def _checked(claims: Any, now: datetime) -> AccessToken:  # JSON
    if claims.get("iss") != ISSUER:
        raise TokenIssuerWrong(f"the token was not issued here; our issuer is {ISSUER}")
    if claims.get("aud") != AUDIENCE:
        raise TokenAudienceWrong(f"the token is not for this API; our audience is {AUDIENCE}")
    try:
        issued, ends = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
        key_id = ApiKeyId(parse_public("api_key", claims["sub"]))
        scopes, bound = frozenset(claims["scope"].split()), claims.get("cnf", {}).get("jkt")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, InvalidId):
        raise TokenMalformed("the token lacks a claim; get a new one at /oauth/token") from None
    if not issued <= now < ends or ends - issued > LIFE:
        raise TokenExpired("the token has expired; get a new one at /oauth/token")
    return AccessToken(key_id, scopes, ends, bound)
