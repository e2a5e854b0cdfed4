"""Constants of declarations and arguments of calls: each kind of text, read exactly or refused."""

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
    """An account's public id. Raises `InvalidId`."""
    return AccountId(parse_public("account", text))


def parse_money(text: str) -> Money:
    """An amount with its currency, `10.50 USD`. Raises `InvalidInput`."""
    match = _MONEY.fullmatch(text)
    if match is None:
        raise InvalidInput(f"{text!r} is no amount with a currency; write it like 10.50 USD")
    return Money.parse(match[1], match[2])


def parse_rate_text(text: str) -> str:
    """The text of an exact rate, as it was written. Raises `InvalidRate`."""
    parse_rate(text)
    return text


def parse_text(text: str) -> str:
    """A short text. Raises `InvalidInput`."""
    return sought_text("a text", text)


def parse_name(text: str) -> str:
    """The name of a template, a parameter or an amount. Raises `InvalidInput`."""
    if _NAME.fullmatch(text) is None:
        raise InvalidInput(f"{text!r} is no name; write a word of up to 40 lower-case letters, digits and _")
    return text


def parse_code(text: str) -> str:
    """The code of a transfer. Raises `InvalidInput`."""
    if _CODE.fullmatch(text) is None:
        raise InvalidInput(f"{text!r} is no code; write a word of up to 40 lower-case letters, digits, - and _")
    return text


def parse_currency(text: str) -> str:
    """An ISO 4217 code. Raises `UnknownCurrency`."""
    exponent(text)
    return text
