"""Bounded parsing of TOML from people: a few bytes of dots can take a parser minutes."""

import tomllib
from collections.abc import Callable
from typing import Any, Final

CHARACTERS_MAX: Final = 1_000_000
"""The longest document: a directory of ten thousand books is shorter."""

_DOTS_MAX: Final = 100


def read_toml(text: str, *, parse_float: Callable[[str], Any] = str) -> dict[str, Any]:
    """Parse a document's tables, with decimals as text by default. Raises `ValueError` with the fault."""
    if len(text) > CHARACTERS_MAX:
        raise ValueError(f"it has {len(text):,} characters, more than {CHARACTERS_MAX:,}")
    _require_flat(text)
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _require_flat(text: str) -> None:
    """Refuse long dotted keys: the parser searches each part among all parts before it."""
    for at, line in enumerate(text.splitlines(), 1):
        if line.count(".") > _DOTS_MAX:
            raise ValueError(f"line {at} has more than {_DOTS_MAX} dots; nest less, and split long texts")
