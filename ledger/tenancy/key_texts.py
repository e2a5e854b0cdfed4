"""The text of an API key: `cdk_<id>_<secret><checksum>`, by which scanners for leaked secrets recognise it.

The checksum is the CRC-32 of all before it, in six digits to the base 62. It proves nothing: it tells a mistyped key
from a key without asking the store. Keys issued before there was one have none.
"""

import re
import secrets
import zlib
from typing import Final
from uuid import UUID

from ledger.tenancy.records import ApiKeyId

_TEXT: Final = re.compile(r"cdk_([0-9a-f]{32})_([A-Za-z0-9_-]{43})([0-9A-Za-z]{6})?")
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a new secret: 256 random bits in 43 letters."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def key_text(key_id: ApiKeyId, secret: str) -> str:
    """Return the text of a key, with its checksum."""
    text = f"cdk_{key_id.hex}_{secret}"
    return text + _checksum(text)


def parsed_key(text: str) -> tuple[ApiKeyId, str] | None:
    """Return the id and the secret in a key's text, or None if it is none or its checksum is wrong."""
    match = _TEXT.fullmatch(text)
    if match is None or match[3] not in (None, _checksum(text[:-6])):
        return None
    return ApiKeyId(UUID(match[1])), match[2]


def _checksum(text: str) -> str:
    left, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        left, digit = divmod(left, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
