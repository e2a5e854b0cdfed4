"""Signatures of webhooks, as Standard Webhooks asks for them: the secrets, the signed content and its headers.

    secret     whsec_<32 bytes in base64> for HMAC-SHA256, whsk_<seed of 32 bytes in base64> for Ed25519
    content    <webhook-id>.<webhook-timestamp>.<body>
    signature  v1,<base64> by HMAC-SHA256, v1a,<base64> by Ed25519; several are separated by blanks

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET_BYTES: Final = 32
"""Random bytes of a secret; the specification asks for 24 to 64."""

_PUBLIC_KEY: Final = "whpk_"


class SignatureScheme(StrEnum):
    """The scheme by which webhooks are signed; the value is the version of the signature."""

    HMAC_SHA256 = "v1"
    ED25519 = "v1a"


_PREFIXES: Final = {SignatureScheme.HMAC_SHA256: "whsec_", SignatureScheme.ED25519: "whsk_"}

Signing = Callable[[bytes], str]
"""Returns the signature of a content."""


def new_secret(scheme: SignatureScheme) -> str:
    """Make the text of a new secret."""
    return _PREFIXES[scheme] + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def scheme_of(secret: str) -> SignatureScheme:
    """Return the scheme that a secret is for."""
    return next(scheme for scheme, prefix in _PREFIXES.items() if secret.startswith(prefix))


def verification_key(secret: str) -> str:
    """Return the text that verifies the secret's signatures: the secret itself, or the public key `whpk_…`."""
    if scheme_of(secret) is SignatureScheme.HMAC_SHA256:
        return secret
    return _PUBLIC_KEY + b64encode(_private_key(secret).public_key().public_bytes_raw()).decode()


def signing_with(secret: str) -> Signing:
    """Return the function that signs with a secret; it may be kept, because making it takes as long as signing."""
    if scheme_of(secret) is SignatureScheme.ED25519:
        return partial(_signed, _private_key(secret).sign, SignatureScheme.ED25519)
    return partial(_signed, partial(_hmac, _raw(secret)), SignatureScheme.HMAC_SHA256)


def signed_headers(signings: Sequence[Signing], webhook_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a webhook that is sent now; without a secret, there is no signature."""
    timestamp = str(int(now.timestamp()))
    headers = {"webhook-id": webhook_id, "webhook-timestamp": timestamp}
    if signings:
        content = f"{webhook_id}.{timestamp}.".encode() + body
        headers["webhook-signature"] = " ".join([sign(content) for sign in signings])
    return headers


def _signed(sign: Callable[[bytes], bytes], scheme: SignatureScheme, content: bytes) -> str:
    return f"{scheme},{b64encode(sign(content)).decode()}"


def _hmac(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, hashlib.sha256)


def _private_key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_raw(secret))


def _raw(secret: str) -> bytes:
    return b64decode(secret.partition("_")[2])
