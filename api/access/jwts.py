"""Signed JWTs, read strictly: the header first, the signature by one named key and algorithm, then the claims."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

_BYTES_MAX: Final = 4_000


def header_of(text: str, *, bytes_max: int = _BYTES_MAX) -> Mapping[str, Any] | None:
    """Return the header of a JWT, not yet verified, or None if the text is none."""
    first, *rest = text.split(".")
    if len(rest) != 2 or len(text) > bytes_max:  # noqa: PLR2004  # header, claims and signature
        return None
    try:
        header = orjson.loads(urlsafe_b64decode(first.encode()))
    except ValueError:
        return None
    return header if isinstance(header, dict) and "crit" not in header else None


def claims_of(text: str, key: OKPKey | ECKey | RSAKey, algorithms: Collection[str]) -> Mapping[str, Any] | None:
    """Return the claims of a JWT that the key has signed, or None if it has not."""
    try:
        return jwt.decode(text, key, algorithms=algorithms).claims
    except (JoseError, ValueError, RecursionError):
        return None
