"""Validation of account numbers, cards and documents, by their check digits; no refusal repeats what was written.

A value is kept without the blanks and hyphens that people write into it. A document's number is kept as it is written,
and compared by its letters and digits.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger.kernel.errors import InvalidInput
from ledger.kernel.texts import is_written
from ledger.vault_tokens.records import TokenKind

WRITTEN_MAX: Final = 100
"""Maximum length of a value as it is written, in characters."""

_SHOWN_MAX: Final = 4
_SHOWN_SHARE: Final = 3
"""Of a value, at most four characters are shown, and at most a third of them."""

_SEPARATORS: Final = re.compile(r"[ \-\u00a0\u202f\u2011]")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_CARD: Final = re.compile(r"[0-9]{12,19}")
_ROUTING_NUMBER: Final = re.compile(r"[0-9]{9}")
_US_ACCOUNT: Final = re.compile(r"[0-9]{4,17}")
_DOCUMENT_LETTERS_MIN: Final = 4
_IBAN_LENGTHS: Final[Mapping[str, int]] = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FK FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}
"""The length of an IBAN by its country, from the registry of ISO 13616 that SWIFT publishes."""


@dataclass(frozen=True, slots=True)
class SecretValue:
    """A valid value of a kind; its text is in no representation.

    `text` is what is sealed and revealed, `compared` what is equal in equal values, `last_four` what may be shown.
    """

    kind: TokenKind
    text: str = field(repr=False)
    compared: str = field(repr=False)
    last_four: str


def secret_value(kind: TokenKind, written: str) -> SecretValue:
    """Return a written value of a kind. Raises `InvalidInput`, which says what would be right."""
    if len(written) > WRITTEN_MAX:
        raise InvalidInput(f"a value has {WRITTEN_MAX} characters at most")
    return _READ[kind](written)


def _iban(written: str) -> SecretValue:
    """Read an International Bank Account Number: country, two check digits, account (ISO 13616, ISO 7064 mod 97-10)."""
    text = _SEPARATORS.sub("", written).upper()
    if _IBAN.fullmatch(text) is None:
        raise InvalidInput("an IBAN has the code of a country, two check digits, and 11 to 30 letters and digits")
    length = _IBAN_LENGTHS.get(text[:2])
    if length is None:
        raise InvalidInput("an IBAN begins with the code of a country that issues IBANs, such as DE, FR or GB")
    if len(text) != length:
        raise InvalidInput(f"an IBAN of that country has {length} letters and digits, and this one has {len(text)}")
    if int("".join(str(int(each, 36)) for each in text[4:] + text[:4])) % 97 != 1:
        raise InvalidInput("the check digits of the IBAN do not match it: look for a mistyped or swapped character")
    return _plain(TokenKind.IBAN, text)


def _us_account(written: str) -> SecretValue:
    """Read a routing number and an account number, with a slash between them (ABA Routing Number Policy)."""
    routing, slash, account = (_SEPARATORS.sub("", part) for part in written.partition("/"))
    if not slash or _ROUTING_NUMBER.fullmatch(routing) is None or _US_ACCOUNT.fullmatch(account) is None:
        raise InvalidInput(
            "write a routing number of nine digits, a slash, and an account number of 4 to 17 digits, as in "
            "<routing number>/<account number>"
        )
    if sum(int(digit) * weight for digit, weight in zip(routing, (3, 7, 1) * 3, strict=True)) % 10:
        raise InvalidInput("the check digit of the routing number does not match it: look for a mistyped digit")
    text = f"{routing}/{account}"
    return SecretValue(TokenKind.US_ACCOUNT, text, text, _shown(account))


def _card(written: str) -> SecretValue:
    """Read a primary account number (ISO/IEC 7812-1): 12 to 19 digits, the last of them by Luhn's formula."""
    text = _SEPARATORS.sub("", written)
    if _CARD.fullmatch(text) is None:
        raise InvalidInput("a card's number has 12 to 19 digits")
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(text)))
    if sum(digit // 10 + digit % 10 for digit in doubled) % 10:
        raise InvalidInput("the check digit of the card's number does not match it: look for a mistyped digit")
    return _plain(TokenKind.CARD, text)


def _document(written: str) -> SecretValue:
    """Read the number of a document, such as a passport; its form is up to its issuer."""
    text = unicodedata.normalize("NFC", written.strip())
    compared = "".join(each for each in text.upper() if each.isalnum())
    if len(compared) < _DOCUMENT_LETTERS_MIN or not is_written(text):
        raise InvalidInput(
            f"a document's number has {_DOCUMENT_LETTERS_MIN} letters or digits at least, and printable characters only"
        )
    return SecretValue(TokenKind.DOCUMENT, text, compared, _shown(compared))


def _plain(kind: TokenKind, text: str) -> SecretValue:
    return SecretValue(kind, text, text, _shown(text))


def _shown(text: str) -> str:
    return text[-min(_SHOWN_MAX, len(text) // _SHOWN_SHARE) :]


_READ: Final[Mapping[TokenKind, Callable[[str], SecretValue]]] = {
    TokenKind.IBAN: _iban,
    TokenKind.US_ACCOUNT: _us_account,
    TokenKind.CARD: _card,
    TokenKind.DOCUMENT: _document,
}
