"""The refusals of the API as exceptions, a class for each type."""

from ..errors import Refused


class AccountClosed(Refused):
    """A hold closes one of the accounts: reopen it, or use another. The refusal is recorded."""

    index: int | None
    """Index of the refused transfer in the request, from zero."""

    position: str
    """The journal position of the refusal."""


class AccountFrozen(Refused):
    """One of the accounts is frozen on the side that the transfer uses. The refusal is recorded."""

    index: int | None
    """Index of the refused transfer in the request, from zero."""

    position: str
    """The journal position of the refusal."""


class AccountNotFound(Refused):
    """You have no such account. The refusal is recorded: the same key stays refused."""

    index: int | None
    """Index of the refused transfer in the request, from zero."""

    position: str
    """The journal position of the refusal."""


class AlreadyReversed(Refused):
    """The transfer was reversed before; a transfer can be reversed once. The refusal is recorded."""

    index: int | None
    """Index of the refused transfer in the request, from zero."""

    position: str
    """The journal position of the refusal."""


class ConditionFailed(Refused):
    """A condition of the transfer would not hold after it. The refusal is recorded: the same key stays refused."""

    index: int | None
    """Index of the refused transfer in the request, from zero."""

    position: str
    """The journal position of the refusal."""


class CurrencyMismatch(Refused):
    """The accounts and the amount have different currencies. The refusal is recorded: the same key stays refused."""

    index: int | None
    """Index of the refused transfer in the request, from zero."""

    position: str
    """The journal position of the refusal."""


class HoldNotFound(Refused):
    """You have no such hold, or the transfer is not a hold. The refusal is recorded: the same key stays refused."""

    index: int | None
    """Index of the refused transfer in the request, from zero."""

    position: str
    """The journal position of the refusal."""


class HoldNotOpen(Refused):
    """The hold has ended: `code` says if it was posted or voided, or has expired. The refusal is recorded."""

    index: int | None
    """Index of the refused transfer in the request, from zero."""

    position: str
    """The journal position of the refusal."""


class IdempotencyConflict(Refused):
    """The idempotency key or reference was used before with other content; the message names the difference."""

    first_id: str | None
    """Id of what the key made or changed first, such as a transfer or an account; null if it was refused."""

    index: int | None
    """Index of the transfer that differs, from zero; null if it is not a transfer."""


class IllegalTransition(Refused):
    """The object is in a state in which this cannot be done; the message names what can. The key stays free."""


class InsufficientFunds(Refused):
    """The debit account does not have enough. The refusal is recorded: the same key stays refused."""

    index: int | None
    """Index of the refused transfer in the request, from zero."""

    position: str
    """The journal position of the refusal."""


class InvalidInput(Refused):
    """The request itself is invalid, whatever the state of the book. The idempotency key stays free."""

    index: int | None
    """Index of the transfer in the request, from zero; null if the whole request is meant."""

    mistakes: list[dict[str, object]]
    """Every mistake of the request, in its order."""


class NotAllowed(Refused):
    """You may not change this, such as a freeze by the operator. The same key stays refused."""


class NotFound(Refused):
    """You have no such object. The same key stays refused."""


class PeriodClosed(Refused):
    """The accounting period of `effectiveAt` is closed: date the transfer later. The refusal is recorded."""

    index: int | None
    """Index of the refused transfer in the request, from zero."""

    position: str
    """The journal position of the refusal."""


class PositionNotReached(Refused):
    """The book has not reached the position that a query asks for: ask again, or without it."""


class TemplateFaults(Refused):
    """The declaration of a template is invalid, or the arguments of a call do not match its parameters."""

    faults: list[str]
    """Every mistake, with its location and the correction."""


class TransferRefused(Refused):
    """The state of the book does not allow the transfer. The refusal is recorded: the same key stays refused."""

    index: int | None
    """Index of the refused transfer in the request, from zero."""

    position: str
    """The journal position of the refusal."""


class Unavailable(Refused):
    """A temporary failure. Send the same request with the same key again: it is executed at most once."""


class VaultTokenEnded(Refused):
    """The token was erased, has expired, or its customer was forgotten: nobody can show its value any more."""


class WrongEnvironment(Refused):
    """The key is of the other side: only a test key plays scenarios, and only a live key creates test keys."""


REFUSALS: dict[str, type[Refused]] = {
    "AccountClosed": AccountClosed,
    "AccountFrozen": AccountFrozen,
    "AccountNotFound": AccountNotFound,
    "AlreadyReversed": AlreadyReversed,
    "ConditionFailed": ConditionFailed,
    "CurrencyMismatch": CurrencyMismatch,
    "HoldNotFound": HoldNotFound,
    "HoldNotOpen": HoldNotOpen,
    "IdempotencyConflict": IdempotencyConflict,
    "IllegalTransition": IllegalTransition,
    "InsufficientFunds": InsufficientFunds,
    "InvalidInput": InvalidInput,
    "NotAllowed": NotAllowed,
    "NotFound": NotFound,
    "PeriodClosed": PeriodClosed,
    "PositionNotReached": PositionNotReached,
    "TemplateFaults": TemplateFaults,
    "TransferRefused": TransferRefused,
    "Unavailable": Unavailable,
    "VaultTokenEnded": VaultTokenEnded,
    "WrongEnvironment": WrongEnvironment,
}
"""Each by the name of its type."""
