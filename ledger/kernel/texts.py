"""Texts from callers, such as keys and references: the characters that they may have, and their Unicode form."""

import unicodedata
from typing import Final

from ledger.kernel.errors import InvalidInput

TEXT_MAX: Final = 200
"""Maximum number of characters of a reference or key."""

_SHOWN: Final = 6
"""An account number of this length or less is not shown at all: its last four characters would tell most of it."""

_JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible characters that join or separate letters; Persian and Indic names, and many emoji, need them."""


def is_written(text: str) -> bool:
    """Return whether a text has only blanks, joiners and visible characters, with at least one of the latter."""
    if text.isprintable():
        return bool(text) and not text.isspace()
    seen = "".join(each for each in text if each not in _JOINERS and unicodedata.category(each) != "Zs")
    return bool(seen) and seen.isprintable()


def sought_text(what: str, text: str, length_max: int = TEXT_MAX) -> str:
    """Check a text that is searched for, in whichever Unicode form it was stored. Raises `InvalidInput`."""
    if not 1 <= len(text) <= length_max or not is_written(text):
        raise InvalidInput(f"{what} has 1 to {length_max} printable characters, and not blanks alone")
    return text


def checked_text(what: str, text: str, length_max: int = TEXT_MAX) -> str:
    """Check a text that will name something. Raises `InvalidInput`.

    Only Unicode's composed form (NFC) of a letter with its accents is accepted, so that equal-looking texts are equal.
    """
    sought_text(what, text, length_max)
    if not unicodedata.is_normalized("NFC", text):
        composed = unicodedata.normalize("NFC", text)
        raise InvalidInput(f"{what} is not in the composed form of Unicode (NFC); write {composed!r} in that form")
    return text


def last_four(number: str) -> str:
    """Return an account number as it may be shown: its last four characters, or none of a shorter one."""
    return f"…{number[-4:]}" if len(number) > _SHOWN else "…" * bool(number)
