"""The language of templates: what a declaration can say, as plain values; there are no expressions in it.

Template       name, parameters, named amounts, legs, requirements
├── Parameter      an account, money, a rate or a text that each call gives
├── Amount         a fee, a difference or an exchange (`ledger.templates.amounts`)
├── Leg            one amount from its sources to its destinations
│   ├── Share          a part that is known before: by weight, basis points, amount, or the rest
│   └── Source         one of several in order: what it gives is decided by the book when it is posted
└── Requirement    what must be true of an account after the last transfer that touches it
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.book.records.accounts import AccountId
from ledger.book.records.monitors import Measure
from ledger.templates.amounts import Amount, AmountTerm, Name, RateTerm

TRANSFERS_MAX: Final = 100
"""The most transfers that one call of a template may make, and the most names it may declare."""

AccountTerm = Name | AccountId
"""Where an account stands in a declaration: a name, or a constant id."""

TextTerm = Name | str
"""Where a text stands: a name, or a constant."""


class ParameterKind(StrEnum):
    """What a call gives for a parameter."""

    ACCOUNT = "account"
    MONEY = "money"
    RATE = "rate"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a call must give; money may be fixed to one currency."""

    kind: ParameterKind
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a leg's amount on one account; exactly one of the four says how much. A lone account takes the rest."""

    account: AccountTerm
    weight: int | None = None
    basis_points: int | None = None
    amount: AmountTerm | None = None
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One of several sources in order: it gives what is still missing, as far as it has that available.

    It keeps `keep` at least and gives `at_most` at most. An unbounded one gives whatever is missing, available or not,
    as far as its account's own limits allow.
    """

    account: AccountTerm
    keep: AmountTerm | None = None
    at_most: AmountTerm | None = None
    unbounded: bool = False


@dataclass(frozen=True, slots=True)
class Leg:
    """One amount that moves from its sources, all of them shares or all in order, to its destinations.

    `through` is a control account, empty before and after, and counted on its debit side: needed where the sources are
    in order, or where there are several on both sides.
    """

    amount: AmountTerm
    code: str
    sources: tuple[Share | Source, ...]
    destinations: tuple[Share, ...]
    through: AccountTerm | None = None
    rate: RateTerm | None = None
    reference: TextTerm | None = None
    counterparty: TextTerm | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """What must be true of an account after the last transfer of the call that touches it; otherwise none is made."""

    account: AccountTerm
    measure: Measure
    at_least: AmountTerm | None = None
    at_most: AmountTerm | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A posting template as it is declared. Its version is given when it is published."""

    name: str
    about: str
    parameters: Mapping[str, Parameter]
    amounts: Mapping[str, Amount]
    legs: tuple[Leg, ...]
    requirements: tuple[Requirement, ...] = ()
