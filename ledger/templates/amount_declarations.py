"""Reads the declaration of a named amount: a fee, a difference or an exchange."""

from collections.abc import Callable, Mapping
from typing import Final

from ledger.kernel.errors import InvalidInput
from ledger.kernel.rounding import Rounding
from ledger.templates.amounts import BASIS_POINTS, Amount, AmountTerm, Difference, Exchange, Fee
from ledger.templates.constants import parse_currency
from ledger.templates.declarations import Declared
from ledger.templates.terms import MISSING, amount_term, rate_term


def read_amount(table: Declared) -> Amount:
    """Read the amount that a table declares; faults are collected in the table."""
    kinds = [key for key in _KINDS if key in table.table]
    if len(kinds) != 1:
        table.wrong("write exactly one of basis_points (a fee), minus (a difference), rate (an exchange)")
        return Amount(MISSING)
    amount = _KINDS[kinds[0]](table, table.needed("of", amount_term, MISSING))
    table.done()
    return amount


def _fee(table: Declared, of: AmountTerm) -> Fee:
    return Fee(
        of=of,
        basis_points=table.whole("basis_points", highest=BASIS_POINTS) or 0,
        rounding=table.needed("rounding", _rounding, Rounding.DOWN),
        plus_minor=table.whole("plus_minor") or 0,
        at_least_minor=table.whole("at_least_minor") or 0,
        at_most_minor=table.whole("at_most_minor"),
    )


def _difference(table: Declared, of: AmountTerm) -> Difference:
    minus = [table.entry(f"minus {number}", {"amount": value}) for number, value in enumerate(table.listed("minus"), 1)]
    return Difference(of=of, minus=tuple(each.needed("amount", amount_term, MISSING) for each in minus))


def _exchange(table: Declared, of: AmountTerm) -> Exchange:
    return Exchange(
        of=of,
        rate=table.needed("rate", rate_term, MISSING),
        currency=table.needed("currency", parse_currency, ""),
        rounding=table.needed("rounding", _rounding, Rounding.DOWN),
    )


def _rounding(text: str) -> Rounding:
    if text not in list(Rounding):
        raise InvalidInput(f"{text!r} is not a rounding; write one of {', '.join(Rounding)}")
    return Rounding(text)


_KINDS: Final[Mapping[str, Callable[[Declared, AmountTerm], Amount]]] = {
    "basis_points": _fee,
    "minus": _difference,
    "rate": _exchange,
}
"""The readers of amounts by the key that identifies their kind."""
