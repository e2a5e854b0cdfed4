"""The text of an API key, by which scanners for leaked secrets recognise it, and a reader which side it is of.

A live key is `cdk_<id>_<secret><checksum>`, a test key `cdk_test_<id>_<secret><checksum>`: it reaches only a sandbox.

The checksum is the CRC-32 of all before it, in six digits to the base 62. It proves nothing: it tells a mistyped key
from a key without asking the store. Keys issued before there was one have none.
"""

import hmac
import re
import secrets
import zlib
from typing import Final, NamedTuple
from uuid import UUID

from ledger.tenancy.records import ApiKeyId

_TEXT: Final = re.compile(r"cdk_(test_)?([0-9a-f]{32})_([A-Za-z0-9_-]{43})([0-9A-Za-z]{6})?")
_TEST: Final = "test_"
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a new secret: 256 random bits in 43 letters."""
    return secrets.token_urlsafe(_SECRET_BYTES)


class ParsedKey(NamedTuple):
    """The id and the secret in a key's text, and whether it is a test key."""

    key_id: ApiKeyId
    secret: str
    is_test: bool = False

    @property
    def text(self) -> str:
        """The text of the key, with its checksum."""
        text = f"cdk_{_TEST if self.is_test else ''}{self.key_id.hex}_{self.secret}"
        return text + _checksum(text)

    def key_hash(self, pepper: bytes) -> bytes:
        """Return the keyed hash by which the ledger knows the key; that of a test key binds it to its side."""
        return hmac.digest(pepper, f"{_TEST if self.is_test else ''}{self.secret}".encode(), "sha256")


def parsed_key(text: str) -> ParsedKey | None:
    """Return what is in a key's text, or None if it is none or its checksum is wrong."""
    match = _TEXT.fullmatch(text)
    if match is None or match[4] not in (None, _checksum(text[:-6])):
        return None
    return ParsedKey(ApiKeyId(UUID(match[2])), match[3], is_test=match[1] is not None)


def key_text(key_id: ApiKeyId, secret: str) -> str:
    """Return the text of the key with this id and secret, with its checksum: the side is the one whose checksum fits.

    A client that asks for an access token presents the two apart. Without a fitting checksum it is a live key's text.
    """
    sides = (f"cdk_{side}{key_id.hex}_{secret}" for side in ("", _TEST))
    return next((text for text in sides if parsed_key(text) is not None), f"cdk_{key_id.hex}_{secret}")


def _checksum(text: str) -> str:
    left, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        left, digit = divmod(left, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
