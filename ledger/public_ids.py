"""Public ids: a prefix for the noun, such as `trf_`, and 32 hex digits; the records declare the prefixes."""

import re
from typing import Final
from uuid import UUID

from ledger.kernel.errors import InvalidId
from ledger.records import RECORDS

PREFIXES: Final[dict[str, str]] = dict(each for record in RECORDS for each in record.PUBLIC_IDS)
"""The public prefix of each noun's ids."""

assert len(set(PREFIXES.values())) == sum(len(record.PUBLIC_IDS) for record in RECORDS), "a prefix names one noun"

_PUBLIC: Final = re.compile(r"([a-z]{3})_([0-9a-f]{32})")


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
