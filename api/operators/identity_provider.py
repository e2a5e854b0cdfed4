"""The identity provider: discovery, the address to sign in at, and the ID token, verified (OpenID Connect Core 1.0)."""

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from api.access.jwts import claims_of, header_of
from api.access.refusals import IdentityRefused, NoRole, ProviderUnavailable, SignInFailed
from api.operators.authentication_requests import SignIn
from api.operators.authorization import ROLES
from api.operators.provider_calls import json_at, post_form
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.oidc_settings import OidcSettings
from ledger.tenancy.operator_sessions import OperatorIdentity

CALLBACK: Final = "/operators/callback"
"""The path to which the provider sends an operator back."""

_ALGORITHMS: Final[Mapping[str, type[RSAKey | ECKey | OKPKey]]] = {
    "RS256": RSAKey,
    "PS256": RSAKey,
    "ES256": ECKey,
    "ES384": ECKey,
    "Ed25519": OKPKey,
    "EdDSA": OKPKey,
}
"""The algorithms of ID tokens, each with the type of key that may verify it: never `none`, never a shared secret."""

_TOKEN_BYTES_MAX: Final = 32_000
_LEEWAY_SECONDS: Final = 60
_AGE_SECONDS_MAX: Final = 600
_KEPT_SECONDS: Final = 3_600
_PAUSE_SECONDS: Final = 10
_NAME_LETTERS_MAX: Final = 100
_SUBJECT_LETTERS_MAX: Final = 255


class IdentityProvider:
    """The provider that an installation trusts; what it publishes is remembered for an hour, and threads share it."""

    def __init__(
        self, settings: OidcSettings, *, clock: Clock = system_clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings: Final = settings
        self._clock, self._monotonic = clock, monotonic
        self._lock: Final = threading.Lock()
        self._published: tuple[Mapping[str, Any], KeySet] | None = None
        self._read_at = float("-inf")

    def address(self, sign_in: SignIn) -> str:
        """Return the address at the provider where an operator signs in. Raises `ProviderUnavailable`."""
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._callback,
            "scope": "openid profile",
            "state": sign_in.state,
            "nonce": sign_in.nonce,
            "code_challenge": challenge_of(sign_in.verifier),
            "code_challenge_method": "S256",
        }
        endpoint = self._metadata()["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def identity(self, code: str, sign_in: SignIn) -> OperatorIdentity:
        """Redeem a code for the word of the provider about an operator.

        Raises `SignInFailed`, `IdentityRefused`, `NoRole` and `ProviderUnavailable`.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._callback}
        form |= {"client_id": self._settings.client_id, "code_verifier": sign_in.verifier}
        status, said = post_form(self._metadata()["token_endpoint"], form, self._client_headers())
        if status != 200 or not isinstance(said.get("id_token"), str):  # noqa: PLR2004  # OK
            raise SignInFailed("the identity provider does not accept the code; sign in again")
        return self._identity(self._verified(said["id_token"]), sign_in)

    @property
    def issuer(self) -> str:
        """The issuer, which the provider may name in its redirects (RFC 9207)."""
        return self._settings.issuer

    @property
    def _callback(self) -> str:
        return self._settings.origin + CALLBACK

    def _client_headers(self) -> dict[str, str]:
        """Return the authentication of the client (RFC 6749, section 2.3.1); none of a public client."""
        secret = self._settings.client_secret()
        if secret is None:
            return {}
        pair = f"{quote(self._settings.client_id, safe='')}:{quote(secret, safe='')}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def _verified(self, token: str) -> Mapping[str, Any]:
        """Return the claims of an ID token that a published key has signed. Raises `IdentityRefused`."""
        header = header_of(token, bytes_max=_TOKEN_BYTES_MAX)
        algorithm = None if header is None else header.get("alg")
        if header is None or algorithm not in _ALGORITHMS:
            raise IdentityRefused("the ID token is not signed by an algorithm that is accepted")
        key = self._key(header.get("kid"), _ALGORITHMS[str(algorithm)])
        claims = None if key is None else claims_of(token, key, [str(algorithm)])
        if claims is None:
            raise IdentityRefused("the ID token is not signed by a key of the identity provider")
        return claims

    def _key(self, key_id: object, kind: type[RSAKey | ECKey | OKPKey]) -> RSAKey | ECKey | OKPKey | None:
        """Return the published key of an id and type; if it is unknown, read anew what is published."""
        for is_anew in (False, True):
            _, keys = self._read(is_anew=is_anew)
            known = [key for key in keys.keys if isinstance(key, RSAKey | ECKey | OKPKey) and isinstance(key, kind)]
            fitting = [key for key in known if key_id is None or key.kid == key_id]
            if len(fitting) == 1:
                return fitting[0]
        return None

    def _identity(self, claims: Mapping[str, Any], sign_in: SignIn) -> OperatorIdentity:
        """Check the claims (OpenID Connect Core 1.0, section 3.1.3.7). Raises `IdentityRefused` and `NoRole`."""
        self._require_claims(claims, sign_in)
        subject, name = claims.get("sub"), claims.get("name") or claims.get("preferred_username")
        if not isinstance(subject, str) or not 1 <= len(subject) <= _SUBJECT_LETTERS_MAX or not subject.isprintable():
            raise IdentityRefused("the ID token names no subject")
        stated = claims.get(self._settings.roles_claim)
        words = stated.split() if isinstance(stated, str) else stated if isinstance(stated, list) else []
        roles = frozenset(ROLES) & frozenset(each for each in words if isinstance(each, str))
        if not roles:
            raise NoRole(f"the identity provider states none of the roles: {', '.join(ROLES)}; ask for one")
        shown = name if isinstance(name, str) and name.isprintable() else subject
        return OperatorIdentity(subject, shown[:_NAME_LETTERS_MAX], roles)

    def _require_claims(self, claims: Mapping[str, Any], sign_in: SignIn) -> None:
        client, now = self._settings.client_id, self._clock().timestamp()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        issued, ends = claims.get("iat"), claims.get("exp")
        if claims.get("iss") != self._settings.issuer:
            raise IdentityRefused("the ID token was issued by another provider")
        if client not in audiences or claims.get("azp", client if len(audiences) == 1 else None) != client:
            raise IdentityRefused("the ID token is for another client")
        if not isinstance(ends, int) or not isinstance(issued, int) or now >= ends + _LEEWAY_SECONDS:
            raise IdentityRefused("the ID token has expired; sign in again")
        if not now - _AGE_SECONDS_MAX <= issued <= now + _LEEWAY_SECONDS:
            raise IdentityRefused("the ID token is too old, or from the future; compare the clocks")
        if claims.get("nonce") != sign_in.nonce:
            raise IdentityRefused("the ID token is for another sign-in")

    def _metadata(self) -> Mapping[str, Any]:
        return self._read()[0]

    def _read(self, *, is_anew: bool = False) -> tuple[Mapping[str, Any], KeySet]:
        """Return the metadata and the keys of the provider; read them at most once in ten seconds."""
        with self._lock:
            age = self._monotonic() - self._read_at
            if self._published is None or age > _KEPT_SECONDS or (is_anew and age > _PAUSE_SECONDS):
                self._published = self._fetched()
                self._read_at = self._monotonic()
            return self._published

    def _fetched(self) -> tuple[Mapping[str, Any], KeySet]:
        issuer = self._settings.issuer
        found = json_at(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        endpoints = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        is_safe = all(isinstance(each, str) and _is_as_safe(each, issuer) for each in endpoints)
        if found.get("issuer") != issuer or not is_safe:
            raise ProviderUnavailable("what the identity provider publishes is not of the issuer; check the setting")
        try:
            return found, KeySet.import_key_set({"keys": _usable(json_at(found["jwks_uri"]))})
        except (JoseError, ValueError, TypeError) as fault:
            raise ProviderUnavailable("the identity provider publishes no usable keys") from fault


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _is_as_safe(url: str, issuer: str) -> bool:
    """Return whether an address is encrypted, or on this machine as the issuer is."""
    return url.startswith("https://") or (issuer.startswith("http://") and url.startswith("http://"))


def _usable(published: Mapping[str, Any]) -> list[Any]:
    """Return the public keys for signatures."""
    keys = published.get("keys")
    found = keys if isinstance(keys, list) else []
    kinds = ("RSA", "EC", "OKP")
    return [each for each in found if isinstance(each, dict) and each.get("kty") in kinds and each.get("use") != "enc"]
