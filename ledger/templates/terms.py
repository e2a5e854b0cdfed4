"""Terms: values in a declaration, each a name in braces or a constant."""

from collections.abc import Callable
from typing import Final, TypeVar
from uuid import UUID

from ledger.kernel.errors import InvalidInput
from ledger.public_ids import public
from ledger.templates.amounts import AmountTerm, Name, RateTerm
from ledger.templates.constants import parse_account, parse_money, parse_name, parse_rate_text, parse_text
from ledger.templates.language import AccountTerm, TextTerm

MISSING: Final = Name("missing")
"""Replaces a term that is missing or wrong; a template with it is never returned."""

_T = TypeVar("_T")


def account_term(text: str) -> AccountTerm:
    """Parse an account, `{buyer}` or `acc_018f…`. Raises `InvalidInput`."""
    return _term(text, parse_account)


def amount_term(text: str) -> AmountTerm:
    """Parse an amount, `{price}` or `10.50 USD`. Raises `InvalidInput`."""
    return _term(text, parse_money)


def rate_term(text: str) -> RateTerm:
    """Parse a rate, `{rate}` or `1.0842`; a constant keeps its text. Raises `InvalidInput`."""
    return _term(text, parse_rate_text)


def text_term(text: str) -> TextTerm:
    """Parse a text, `{order_no}` or a constant. Raises `InvalidInput`."""
    return _term(text, parse_text)


def shown(term: AccountTerm | AmountTerm | TextTerm) -> str:
    """Format a term as in a declaration; parsing it gives the same term."""
    return public("account", term) if isinstance(term, UUID) else str(term)


def _term(text: str, constant: Callable[[str], _T]) -> Name | _T:
    if text.startswith("{") and text.endswith("}"):
        return Name(parse_name(text[1:-1]))
    if "{" in text or "}" in text:
        raise InvalidInput(f"{text!r} is not a name; write one name in braces, such as {{price}}, or a constant")
    return constant(text)
