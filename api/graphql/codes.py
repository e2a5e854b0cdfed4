"""Codes of refusals: one enum of the schema, made of the results of the book and of the refusals that answers show."""

from enum import Enum
from typing import Final

import strawberry

from api.context import PositionNotReached
from api.graphql.cursors import InvalidCursor
from api.graphql.results import SAYS
from ledger.book.errors import FrozenByOperator, InvalidRate
from ledger.book.judging.results import Result
from ledger.kernel import errors
from ledger.kernel.metrics import Counter
from ledger.sandboxes.errors import LiveOnly, SandboxOnly
from ledger.templates.errors import InvalidArguments, InvalidTemplate
from ledger.vault_tokens.errors import TokenEnded

_SHOWN: Final[tuple[type[errors.Refusal], ...]] = (
    errors.InvalidInput,
    errors.InvalidAmount,
    errors.InvalidId,
    errors.UnknownCurrency,
    errors.NotStorable,
    InvalidRate,
    InvalidCursor,
    InvalidTemplate,
    InvalidArguments,
    errors.NotFound,
    TokenEnded,
    errors.IdempotencyConflict,
    errors.IllegalTransition,
    SandboxOnly,
    LiveOnly,
    FrozenByOperator,
    errors.Unavailable,
    PositionNotReached,
)
"""The refusals beside the results of the book; one of another class has the code of its nearest base among these."""


_OF_BOOK: Final = {code.value: f"{text[0].upper()}{text[1:]}." for code, text in SAYS.items()}
_OTHERS: Final = {refusal.code: " ".join((refusal.__doc__ or "").split("\n\n")[0].split()) for refusal in _SHOWN}
_MEMBERS: Final = {
    code.upper(): strawberry.enum_value(code, description=text) for code, text in sorted((_OF_BOOK | _OTHERS).items())
}


@strawberry.enum
class RefusalCode(Enum):
    """The reason of a refusal. New codes may be added: treat an unknown one by the type of its refusal."""

    vars().update(_MEMBERS)


REFUSALS: Final = Counter(
    "cofferdam_refusals_total",
    "Refusals in answers to operations, by their code.",
    code=[each.value for each in RefusalCode],
)


def code_of(refusal: errors.Refusal | Result) -> RefusalCode:
    """Return the code of a refusal."""
    if isinstance(refusal, Result):
        return RefusalCode(refusal.value)
    codes: dict[type, str] = {kind: kind.code for kind in _SHOWN}
    return RefusalCode(next(codes[kind] for kind in type(refusal).__mro__ if kind in codes))
