"""Public ids: a prefix for the noun, such as `trf_`, and 32 hex digits; the records declare the prefixes."""

import re
from typing import Final
from uuid import UUID

from ledger.kernel.errors import InvalidId
from ledger.records import RECORDS

PREFIXES: Final[dict[str, str]] = dict(each for record in RECORDS for each in record.PUBLIC_IDS)
"""The public prefix of each noun's ids."""

assert len(set(PREFIXES.values())) == sum(len(record.PUBLIC_IDS) for record in RECORDS), "a prefix names one noun"

PAIR_PREFIXES: Final = {"entry": "ent", "monitor_event": "mev"}
"""The public prefix of what two ids name together: an entry is one transfer's on one account."""

assert set(PREFIXES.values()).isdisjoint(PAIR_PREFIXES.values()), "a prefix names one noun"

Key = UUID | tuple[UUID, UUID]
"""The stored id of an object, or the two that name it together."""

_NOUNS: Final = {prefix: noun for noun, prefix in (PREFIXES | PAIR_PREFIXES).items()}
_PUBLIC: Final = re.compile(r"([a-z]{3})_([0-9a-f]{32})")
_PAIR: Final = re.compile(r"[a-z]{3}_[0-9a-f]{64}")


def public(noun: str, value: UUID) -> str:
    """Format an id for the API: `public("transfer", …) == "trf_018f…"`."""
    return f"{PREFIXES[noun]}_{value.hex}"


def parse_public(noun: str, text: str) -> UUID:
    """Parse an id of `noun` as the API formats it. Raises `InvalidId`."""
    match = _PUBLIC.fullmatch(text)
    if match is None or match[1] != PREFIXES[noun]:
        raise InvalidId(
            f"{text!r} is not an id of kind {noun}; such ids look like {PREFIXES[noun]}_018f… with 32 hex digits"
        )
    return UUID(match[2])


def public_pair(noun: str, pair: tuple[UUID, UUID]) -> str:
    """Format the id of what two ids name together."""
    return f"{PAIR_PREFIXES[noun]}_{pair[0].hex}{pair[1].hex}"


def parse_any(text: str) -> tuple[str, Key]:
    """Return the noun and the key of a public id of any noun. Raises `InvalidId`."""
    noun = _NOUNS.get(text[:3])
    if noun is None:
        raise InvalidId(f"{text[:60]!r} is not an id; ids look like acc_018f… with 32 hex digits")
    if noun in PREFIXES:
        return noun, parse_public(noun, text)
    if _PAIR.fullmatch(text) is None:
        raise InvalidId(f"{text[:80]!r} is not an id of kind {noun}; such ids have 64 hex digits")
    return noun, (UUID(text[4:36]), UUID(text[36:]))
