"""Constants of declarations and arguments of calls: parses each kind of text exactly, or refuses it."""

import re
from typing import Final

from ledger.book.exchange import parse_rate
from ledger.book.records.accounts import AccountId
from ledger.kernel.currencies import exponent
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import Money
from ledger.kernel.texts import sought_text
from ledger.public_ids import parse_public

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODE: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_MONEY: Final = re.compile(r"(\S+) ([A-Z]{3})")


def parse_account(text: str) -> AccountId:
    """Parse an account's public id. Raises `InvalidId`."""
    return AccountId(parse_public("account", text))


def parse_money(text: str) -> Money:
    """Parse an amount with its currency, `10.50 USD`. Raises `InvalidInput`."""
    match = _MONEY.fullmatch(text)
    if match is None:
        raise InvalidInput(f"{text!r} is not an amount with a currency; write it like 10.50 USD")
    return Money.parse(match[1], match[2])


def parse_rate_text(text: str) -> str:
    """Check the text of an exact rate, and return it unchanged. Raises `InvalidRate`."""
    parse_rate(text)
    return text


def parse_text(text: str) -> str:
    """Check a short text. Raises `InvalidInput`."""
    return sought_text("a text", text)


def parse_name(text: str) -> str:
    """Check the name of a template, a parameter or an amount. Raises `InvalidInput`."""
    if _NAME.fullmatch(text) is None:
        raise InvalidInput(f"{text!r} is not a name; write a word of up to 40 lower-case letters, digits and _")
    return text


def parse_code(text: str) -> str:
    """Check the code of a transfer. Raises `InvalidInput`."""
    if _CODE.fullmatch(text) is None:
        raise InvalidInput(f"{text!r} is not a code; write a word of up to 40 lower-case letters, digits, - and _")
    return text


def parse_currency(text: str) -> str:
    """Check an ISO 4217 code. Raises `UnknownCurrency`."""
    exponent(text)
    return text
