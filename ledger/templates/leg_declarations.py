"""Reads the declarations of legs, with their sources and destinations, and of requirements."""

from collections.abc import Mapping
from typing import Final

from ledger.book.records.monitors import Measure
from ledger.kernel.errors import InvalidInput
from ledger.templates.amounts import BASIS_POINTS
from ledger.templates.constants import parse_code
from ledger.templates.declarations import Declared
from ledger.templates.language import Leg, Requirement, Share, Source
from ledger.templates.terms import MISSING, account_term, amount_term, rate_term, text_term

_SHARES: Final = ("weight", "basis_points", "amount", "rest")
"""The keys of which a share has exactly one."""

_WEIGHT_MAX: Final = 10**9


def read_leg(table: Declared) -> Leg:
    """Read the leg that a table declares; faults are collected in the table."""
    leg = Leg(
        amount=table.needed("amount", amount_term, MISSING),
        code=table.needed("code", parse_code, ""),
        sources=_sources(table),
        destinations=_shares(table, "to"),
        through=table.optional("through", account_term),
        rate=table.optional("rate", rate_term),
        reference=table.optional("reference", text_term),
        counterparty=table.optional("counterparty", text_term),
    )
    table.done()
    return leg


def read_requirement(table: Declared) -> Requirement:
    """Read the requirement that a table declares."""
    requirement = Requirement(
        account=table.needed("account", account_term, MISSING),
        measure=table.optional("measure", _measure) or Measure.AVAILABLE,
        at_least=table.optional("at_least", amount_term),
        at_most=table.optional("at_most", amount_term),
    )
    table.done()
    return requirement


def _sources(leg: Declared) -> tuple[Share | Source, ...]:
    """Read shares, or sources in order: entries that are texts, or have none of a share's keys."""
    entries = leg.table.get("from")
    if not isinstance(entries, list) or any(isinstance(each, Mapping) and set(_SHARES) & set(each) for each in entries):
        return _shares(leg, "from")
    wanted = [{"account": each} if isinstance(each, str) else each for each in leg.listed("from")]
    return tuple(_source(leg.entry(f"from {number}", each)) for number, each in enumerate(wanted, 1))


def _shares(leg: Declared, key: str) -> tuple[Share, ...]:
    if isinstance(leg.table.get(key), list):
        return tuple(_share(each) for each in leg.tables(key, key))
    return (Share(leg.needed(key, account_term, MISSING), rest=True),)


def _share(table: Declared) -> Share:
    if len(set(_SHARES) & set(table.table)) != 1:
        table.wrong(f"write exactly one of {', '.join(_SHARES)}")
    share = Share(
        account=table.needed("account", account_term, MISSING),
        weight=table.whole("weight", highest=_WEIGHT_MAX),
        basis_points=table.whole("basis_points", highest=BASIS_POINTS),
        amount=table.optional("amount", amount_term),
        rest=table.flag("rest"),
    )
    table.done()
    return share


def _source(table: Declared) -> Source:
    source = Source(
        account=table.needed("account", account_term, MISSING),
        keep=table.optional("keep", amount_term),
        at_most=table.optional("at_most", amount_term),
        unbounded=table.flag("unbounded"),
    )
    table.done()
    return source


def _measure(text: str) -> Measure:
    if text not in list(Measure):
        raise InvalidInput(f"{text!r} is not a measure; write one of {', '.join(Measure)}")
    return Measure(text)
