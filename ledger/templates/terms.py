"""Terms: what may stand at one place of a declaration, a name in braces or a constant."""

from collections.abc import Callable
from typing import Final, TypeVar
from uuid import UUID

from ledger.kernel.errors import InvalidInput
from ledger.public_ids import public
from ledger.templates.amounts import AmountTerm, Name, RateTerm
from ledger.templates.constants import parse_account, parse_money, parse_name, parse_rate_text, parse_text
from ledger.templates.language import AccountTerm, TextTerm

MISSING: Final = Name("missing")
"""Stands where a term is missing or wrong; a template with it is never given out."""

_T = TypeVar("_T")


def account_term(text: str) -> AccountTerm:
    """An account, `{buyer}` or `acc_018f…`. Raises `InvalidInput`, as all of these do."""
    return _term(text, parse_account)


def amount_term(text: str) -> AmountTerm:
    """An amount, `{price}` or `10.50 USD`."""
    return _term(text, parse_money)


def rate_term(text: str) -> RateTerm:
    """A rate, `{rate}` or `1.0842`; a constant keeps its text."""
    return _term(text, parse_rate_text)


def text_term(text: str) -> TextTerm:
    """A text, `{order_no}` or a constant."""
    return _term(text, parse_text)


def shown(term: AccountTerm | AmountTerm | TextTerm) -> str:
    """A term as the declaration writes it; reading it gives the same term."""
    return public("account", term) if isinstance(term, UUID) else str(term)


def _term(text: str, constant: Callable[[str], _T]) -> Name | _T:
    if text.startswith("{") and text.endswith("}"):
        return Name(parse_name(text[1:-1]))
    if "{" in text or "}" in text:
        raise InvalidInput(f"{text!r} is no name; write one name in braces, such as {{price}}, or a constant")
    return constant(text)
