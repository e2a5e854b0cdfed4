"""Texts that callers make up: keys, references and the like; which characters they have, and in which form."""

import unicodedata
from typing import Final

from ledger.kernel.errors import InvalidInput

TEXT_MAX: Final = 200
"""The most characters of a reference or key."""

_JOINERS: Final = frozenset("\u200c\u200d")
"""What joins or parts letters and has no shape of its own: Persian and Indic names, and many emoji, need it."""


def is_written(text: str) -> bool:
    """Whether a text has nothing but blanks, joiners and characters that are seen, and one of these at least."""
    if text.isprintable():
        return bool(text) and not text.isspace()
    seen = "".join(each for each in text if each not in _JOINERS and unicodedata.category(each) != "Zs")
    return bool(seen) and seen.isprintable()


def sought_text(what: str, text: str, length_max: int = TEXT_MAX) -> str:
    """A text by which something is looked for, in whichever form it was once given. Raises `InvalidInput`."""
    if not 1 <= len(text) <= length_max or not is_written(text):
        raise InvalidInput(f"{what} has 1 to {length_max} printable characters, and not blanks alone")
    return text


def checked_text(what: str, text: str, length_max: int = TEXT_MAX) -> str:
    """A text that names something from here on. Raises `InvalidInput`.

    Texts that look alike are one: of the forms that Unicode has for a letter with its accents, the composed one (NFC).
    """
    sought_text(what, text, length_max)
    if not unicodedata.is_normalized("NFC", text):
        composed = unicodedata.normalize("NFC", text)
        raise InvalidInput(f"{what} is not in the composed form of Unicode (NFC); write {composed!r} in that form")
    return text
