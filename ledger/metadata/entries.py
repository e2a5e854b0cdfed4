"""Entries of metadata: their bounds, and their form in the store."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from ledger.kernel.errors import InvalidInput

ENTRIES_MAX: Final = 20
"""The most entries of one object."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_VALUE: Final = re.compile(r"[A-Za-z0-9._:/+=-]{1,120}")
_CARD_NUMBER: Final = re.compile(r"(?<!\d)\d{13,19}(?!\d)")


def entries_text(pairs: Sequence[tuple[str, str]]) -> str:
    """Return entries as they are stored. Raises `InvalidInput`."""
    if len(pairs) > ENTRIES_MAX:
        raise InvalidInput(f"an object has {ENTRIES_MAX} entries of metadata at most, not {len(pairs)}")
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise InvalidInput("a name is given twice; give each name one value")
    for name, value in pairs:
        _require_words(name, value)
    return json.dumps(entries, sort_keys=True, separators=(",", ":"))


def read_entries(text: str) -> Mapping[str, str]:
    """Return stored entries by name."""
    entries: Mapping[str, str] = json.loads(text)
    return entries


def _require_words(name: str, value: str) -> None:
    """Refuse what is no word: names of people, e-mail addresses and card numbers do not belong into the journal."""
    if _NAME.fullmatch(name) is None:
        raise InvalidInput(f"{name[:60]!r} is no name; write a letter and up to 39 of a-z, 0-9, _ and -")
    if _VALUE.fullmatch(value) is None:
        raise InvalidInput(
            f"the value of {name} is no word; write 1 to 120 of A-Z, a-z, 0-9 and . _ : / + = -, and nothing personal: "
            "metadata is not encrypted"
        )
    if any(_passes_luhn(number) for number in _CARD_NUMBER.findall(value)):
        raise InvalidInput(f"the value of {name} looks like a card number; store a token in its place")


def _passes_luhn(digits: str) -> bool:
    """Return whether the last digit is the check digit of a card number (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004  # of two digits
