"""The language of templates: the content of a declaration as plain values, without expressions.

Template       name, parameters, named amounts, legs, requirements
├── Parameter      an account, money, a rate or a text that each call gives
├── Amount         a fee, a difference or an exchange (`ledger.templates.amounts`)
├── Leg            one amount from its sources to its destinations
│   ├── Share          a part that is known in advance: by weight, basis points, amount, or the rest
│   └── Source         one of several in order: the book decides on posting how much it gives
└── Requirement    a condition on an account after the last transfer that touches it
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.book.records.accounts import AccountId
from ledger.book.records.monitors import Measure
from ledger.templates.amounts import Amount, AmountTerm, Name, RateTerm

TRANSFERS_MAX: Final = 100
"""Maximum number of transfers of one call, and of names in one template."""

AccountTerm = Name | AccountId
"""An account in a declaration: a name, or a constant id."""

TextTerm = Name | str
"""A text in a declaration: a name, or a constant."""


class ParameterKind(StrEnum):
    """The type of a parameter's argument."""

    ACCOUNT = "account"
    MONEY = "money"
    RATE = "rate"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Parameter:
    """The declaration of an argument; money may be fixed to one currency."""

    kind: ParameterKind
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a leg's amount on one account, given by exactly one of the four. A single account takes the rest."""

    account: AccountTerm
    weight: int | None = None
    basis_points: int | None = None
    amount: AmountTerm | None = None
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One of several sources in order: it gives the amount still missing, as far as it has that available.

    It keeps at least `keep` and gives at most `at_most`. An unbounded one gives the whole missing amount, available or
    not, as far as its account's own limits allow.
    """

    account: AccountTerm
    keep: AmountTerm | None = None
    at_most: AmountTerm | None = None
    unbounded: bool = False


@dataclass(frozen=True, slots=True)
class Leg:
    """One amount that moves from its sources, all of them shares or all in order, to its destinations.

    `through` is a control account, empty before and after, and counted on its debit side: required if the sources are
    in order, or if there are several on both sides.
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
    """A condition on an account after the last transfer of the call that touches it; otherwise none is made."""

    account: AccountTerm
    measure: Measure
    at_least: AmountTerm | None = None
    at_most: AmountTerm | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A posting template as declared. Its version is assigned on publication."""

    name: str
    about: str
    parameters: Mapping[str, Parameter]
    amounts: Mapping[str, Amount]
    legs: tuple[Leg, ...]
    requirements: tuple[Requirement, ...] = ()
