"""Escrow: the secrets that open an installation, written as shares for people to keep apart, and read from them again.

    cofferdam-share-1-<set>-<needed>-<number>-<its bytes in base32>-<checksum>

The set is random, and the same in the shares that belong together. A checksum finds a mistyped share before it is used;
a digest that is shared with the secret finds shares that do not belong together.
"""

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Iterable
from typing import Final, NamedTuple

from ledger.kernel.errors import InvalidInput
from ledger.vault.keys import KEY_BYTES
from ledger.vault.shares import combined, split

_FORM: Final = re.compile(r"(cofferdam-share-1-([0-9a-f]{8})-([0-9]{1,3})-([0-9]{1,3})-([a-z2-7]+))-([0-9a-f]{8})")
_DIGEST_BYTES: Final = 8


class EscrowedKeys(NamedTuple):
    """The keys that are shared: the vault key, which opens keyrings, and the pepper, without which no API key works."""

    vault_key: bytes
    pepper: bytes


class _Share(NamedTuple):
    set_id: str
    needed: int
    number: int
    share: bytes


def written_shares(keys: EscrowedKeys, *, needed: int, count: int) -> list[str]:
    """Return `count` shares, of which any `needed` give the keys back. Raises `InvalidInput`."""
    secret = keys.vault_key + keys.pepper
    made, set_id = split(secret + _digest(secret), needed=needed, count=count), secrets.token_hex(4)
    return [_written(_Share(set_id, needed, number, share)) for number, share in made.items()]


def read_shares(texts: Iterable[str]) -> EscrowedKeys:
    """Return the keys that shares give. Raises `InvalidInput`, which says what is missing, and never shows a share."""
    shares = {share.number: share for share in map(_read, texts)}
    if not shares:
        raise InvalidInput("no share was given; name the files with the shares")
    if len({(share.set_id, share.needed) for share in shares.values()}) > 1:
        raise InvalidInput("these shares are of several sets: take those that were made together")
    needed = next(iter(shares.values())).needed
    if len(shares) < needed:
        raise InvalidInput(f"{needed} different shares are needed, and these are {len(shares)}: add others of the set")
    whole = combined({number: share.share for number, share in shares.items()})
    secret, digest = whole[:-_DIGEST_BYTES], whole[-_DIGEST_BYTES:]
    if digest != _digest(secret) or len(secret) != 2 * KEY_BYTES:
        raise InvalidInput("these shares do not belong together, although they name one set: try other ones of it")
    return EscrowedKeys(secret[:KEY_BYTES], secret[KEY_BYTES:])


def _written(share: _Share) -> str:
    digits = base64.b32encode(share.share).decode().rstrip("=").lower()
    text = f"cofferdam-share-1-{share.set_id}-{share.needed}-{share.number}-{digits}"
    return f"{text}-{_checksum(text)}"


def _read(text: str) -> _Share:
    match = _FORM.fullmatch(text.strip().lower())
    if match is None:
        raise InvalidInput("a share is one line, cofferdam-share-1-…, as cofferdam vault escrow wrote it")
    whole, set_id, needed, number, digits, checksum = match.groups()
    if checksum != _checksum(whole):
        raise InvalidInput(f"share {number} is mistyped or damaged: its checksum does not match; compare it again")
    try:
        share = base64.b32decode(digits.upper() + "=" * (-len(digits) % 8))
    except binascii.Error:
        raise InvalidInput(f"share {number} is cut off: copy the whole line") from None
    return _Share(set_id, int(needed), int(number), share)


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(b"cofferdam escrow" + secret).digest()[:_DIGEST_BYTES]
